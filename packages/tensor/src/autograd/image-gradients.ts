import { wrap } from '../graph/handle.ts'
import { convolutionNode, windowNode } from '../graph/image-nodes.ts'
import type { Node } from '../graph/node.ts'
import { gatherNode } from '../ops/indexing.ts'
import { reshapeNode } from '../ops/operand.ts'
import type { Tensor } from '../tensor.ts'
import type { BroughtGradients, NodeOf } from './gradients.ts'

/**
 * The three modes are the partial derivatives of one form, linear in each of input x, weight w and output
 * gradient y: `⟨forward(x, w), y⟩`. So each one's gradients are the other two.
 */
function convolutionPart(g: Tensor, { inputs, op }: NodeOf<'convolution'>, input: number): Tensor {
  const [left, right] = inputs as readonly [Node, Node]
  const { geometry } = op
  if (op.mode === 'forward') {
    if (input === 0) return wrap(convolutionNode('inputGradient', geometry, g.node, right))
    return wrap(convolutionNode('weightGradient', geometry, left, g.node))
  }
  if (op.mode === 'inputGradient') {
    if (input === 0) return wrap(convolutionNode('forward', geometry, g.node, right))
    return wrap(convolutionNode('weightGradient', geometry, g.node, left))
  }
  if (input === 0) return wrap(convolutionNode('inputGradient', geometry, right, g.node))
  return wrap(convolutionNode('forward', geometry, left, g.node))
}

/**
 * Pooling: the sum and its transpose undo each other's direction; a maximum goes back to where it came
 * from, and the gradient of that is what is there.
 */
function windowPart(g: Tensor, { inputs, op }: NodeOf<'window'>, input: number): Tensor | undefined {
  const { geometry, mode } = op
  const [x, gradient] = inputs as readonly [Node, Node?]
  if (mode === 'argmax' || (gradient && input === 0)) return undefined
  if (mode === 'max') return wrap(windowNode('maxGradient', geometry, x, g.node))
  if (!gradient) return wrap(windowNode(mode === 'sum' ? 'spread' : 'sum', geometry, g.node))
  const planes = x.shape.slice(0, -2)
  const windows = [...planes, geometry.outputHeight * geometry.outputWidth]
  const pixels = [...planes, geometry.inputHeight * geometry.inputWidth]
  const positions = reshapeNode(windowNode('argmax', geometry, x), windows)
  const there = gatherNode(reshapeNode(g.node, pixels), positions, planes.length)
  return wrap(reshapeNode(there, gradient.shape))
}

export const imageGradients: Partial<BroughtGradients> = { convolution: convolutionPart, window: windowPart }
