import { isFloat } from '../dtype.ts'
import { DTypeError, GraphError, ShapeError } from '../errors.ts'
import { withoutTracking } from '../graph/build.ts'
import { cellOf } from '../graph/cells.ts'
import { wrap } from '../graph/handle.ts'
import type { Node, OpKind } from '../graph/node.ts'
import { constantNode } from '../ops/operand.ts'
import { keepNode } from '../schedule/pending.ts'
import { show, sizeOf } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { GradientSum, joiner } from './gradient-sum.ts'
import { type Gradient, gradients } from './gradients.ts'

/** What a pass from outputs to inputs found. */
export interface BackwardPass {
  /** The gradient with respect to a node, if one reached it. */
  gradientOf(node: Node): Tensor | undefined
  /** The nodes at which the pass ended: sources, and other tracked leaves. */
  readonly leaves: readonly Node[]
}

/**
 * Carries `cotangent` from `output` back through the graph. The pass ends at nodes for which `isSource`
 * holds and at cells.
 *
 * @throws GraphError when it meets a tensor whose history has been dropped
 */
export function backwardPass(
  operation: string,
  output: Node,
  cotangent: Tensor,
  isSource: (node: Node) => boolean,
): BackwardPass {
  const isEnd = (node: Node): boolean => isSource(node) || cellOf(node) !== undefined
  const reached = trackedNodes(operation, output, isEnd)
  const joined = joiner()
  const sums = new Map<Node, GradientSum>()
  const sumOf = (node: Node): GradientSum => {
    let sum = sums.get(node)
    if (!sum) sums.set(node, (sum = new GradientSum(node, joined)))
    return sum
  }
  sumOf(output).add(cotangent)
  const leaves: Node[] = []
  for (const node of reached) {
    if (isEnd(node) || !node.inputs.some((input) => input.tracked)) {
      leaves.push(node)
      continue
    }
    const g = sums.get(node)?.total()
    sums.delete(node)
    if (g === undefined) continue
    for (let position = 0; position < node.inputs.length; position++) {
      const input = node.inputs[position]!
      if (!input.tracked) continue
      if (node.op.kind === 'slice') sumOf(input).addSlice(node, g)
      else if (node.op.kind === 'matmul' && position === 1 && node.shape.length === 2) {
        sumOf(input).addProduct(node, g)
      } else {
        const part = gradientOfInput(g, node, position)
        if (part !== undefined) sumOf(input).add(part)
      }
    }
  }
  return { gradientOf: (node) => sums.get(node)?.total(), leaves }
}

/** The row of the table for the op of `node`, applied. */
function gradientOfInput(g: Tensor, node: Node, input: number): Tensor | undefined {
  const rows = gradients as unknown as Record<OpKind, Gradient<OpKind>>
  return rows[node.op.kind](g, node, input)
}

let passes = 0

/** The tracked nodes that `output` depends on, each before its inputs. */
function trackedNodes(operation: string, output: Node, isEnd: (node: Node) => boolean): Node[] {
  const pass = ++passes
  const found: Node[] = []
  const open = output.tracked ? [output] : []
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.pass === pass) continue
    node.pass = pass
    found.push(node)
    if (isEnd(node)) continue
    if (node.op.kind === 'stored' || node.op.kind === 'host') {
      throw new GraphError(
        `${operation}: a tensor of shape ${show(node.shape)} was evaluated before ${operation}() was called, ` +
          'so its history is gone: differentiate first, then read the value (or stopGradient() it)',
      )
    }
    for (const input of node.inputs) if (input.tracked && input.pass !== pass) open.push(input)
  }
  // A node is built after its inputs, so falling ids are an order in which to go back.
  return found.sort((a, b) => b.id - a.id)
}

/** The gradient of a scalar with respect to itself. @throws ShapeError, DTypeError */
export function one(operation: string, output: Node): Tensor {
  if (sizeOf(output.shape) !== 1) {
    throw new ShapeError(
      `${operation}: the loss must be a single number: ${show(output.shape)} (take its sum() or mean())`,
    )
  }
  if (!isFloat(output.dtype))
    throw new DTypeError(`${operation}: the loss must be of a float type: ${output.dtype}`)
  return wrap(constantNode(1, output.shape, output.dtype))
}

/** Adds the gradients of `loss` to the parameters it depends on: what `Tensor.backward` does. */
export function backward(loss: Tensor): void {
  const output = loss.node
  const cotangent = one('backward', output)
  const { gradientOf, leaves } = withoutTracking(() =>
    backwardPass('backward', output, cotangent, () => false),
  )
  const parameters = leaves.flatMap((node) => cellOf(node) ?? [])
  if (parameters.length === 0) {
    throw new GraphError(
      'backward: the loss depends on no parameter (frozen, behind stopGradient, or inside noGrad?)',
    )
  }
  withoutTracking(() => {
    for (const node of leaves) {
      const gradient = gradientOf(node) ?? wrap(constantNode(0, node.shape, node.dtype))
      cellOf(node)?.addGradient(gradient.node)
    }
  })
  keepNode(output)
}
