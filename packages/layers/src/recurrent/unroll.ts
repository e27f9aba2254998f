import { stack, where } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import type { Running } from '../lengths.ts'
import { linear } from '../linear/linear.ts'
import type { Recurrence } from './recurrence.ts'
import type { RecurrentWeights } from './recurrent-weights.ts'

/**
 * One layer in one direction. Where an example has ended its state stays and its output is 0; backwards, its
 * state therefore begins to change at its own end.
 *
 * @param x `[T, N, I]`
 * @param initial states, `[N, …]` each
 * @returns the hidden states of all steps, `[T, N, R]`, and the states after the last
 */
export function unroll(
  recurrence: Recurrence,
  weights: RecurrentWeights,
  x: Tensor,
  initial: readonly Tensor[],
  { running, reverse }: { running: Running | undefined; reverse: boolean },
): { output: Tensor; state: readonly Tensor[] } {
  const [T, N, I] = x.shape as [number, number, number]
  const { bias, step } = recurrence.begin(weights)
  // What the inputs contribute does not depend on the state: one product for all steps.
  const inputs = linear(x.reshape([T * N, I]), weights.weightIh, bias).split(T)
  const outputs: Tensor[] = []
  let state = initial
  for (let k = 0; k < T; k++) {
    const t = reverse ? T - 1 - k : k
    const [before, after] = [state, step(inputs[t]!, state)]
    state = running ? after.map((value, s) => where(running.steps[t]!, value, before[s]!)) : after
    outputs[t] = state[0]!
  }
  const output = stack(outputs)
  return { output: running ? where(running.all, output, 0) : output, state }
}
