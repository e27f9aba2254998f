import { nodeOf } from './ops/operand.ts'
import { evaluateNodes } from './schedule/evaluate.ts'
import { keepNode } from './schedule/pending.ts'
import type { Tensor } from './tensor.ts'

/**
 * Computes tensors now, together with everything pending, in one plan.
 *
 * @example
 * ```ts
 * await evaluate(mean, deviation)
 * ```
 */
export async function evaluate(...tensors: readonly Tensor[]): Promise<void> {
  await evaluateNodes(tensors.map((tensor) => nodeOf('evaluate', tensor)))
}

/**
 * Marks a tensor to be computed along with whatever is computed next, so that it costs no pass of its own
 * and outlives an update of the parameters it was built on. Gives the tensor back.
 *
 * @example
 * ```ts
 * const accuracy = keep(equal(argmax(logits, { axis: 1 }), labels).mean())
 * loss.backward()
 * optimizer.step()
 * await accuracy.item()
 * ```
 */
export function keep(tensor: Tensor): Tensor {
  keepNode(nodeOf('keep', tensor))
  return tensor
}
