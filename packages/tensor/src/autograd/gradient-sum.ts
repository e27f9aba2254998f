import { wrap } from '../graph/handle.ts'
import type { Node, Op } from '../graph/node.ts'
import { add } from '../ops/arithmetic.ts'
import { concat } from '../ops/concat.ts'
import { matmul } from '../ops/matmul.ts'
import { constantNode } from '../ops/operand.ts'
import { transpose } from '../ops/permute.ts'
import { sameShape } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { unslice } from './unslice.ts'

/** The node of an operation that used a value, and the gradient with respect to that node. */
interface Use {
  readonly node: Node
  readonly g: Tensor
}

/**
 * The gradient with respect to one node: the sum of what flows back from all its uses. Two kinds of use come
 * in great numbers, in loops over time, and are put together in one piece: slices next to each other, and
 * products with one weight.
 */
export class GradientSum {
  readonly #node: Node
  // Most nodes have neither.
  #slices: Use[] | undefined
  #products: Use[] | undefined
  #rest: Tensor | undefined
  readonly #joined: Joined

  constructor(node: Node, joined: Joined) {
    this.#node = node
    this.#joined = joined
  }

  /** A part that has been worked out. */
  add(part: Tensor): void {
    this.#rest = this.#rest === undefined ? part : add(this.#rest, part)
  }

  /** The part from a `slice` of the node. */
  addSlice(node: Node, g: Tensor): void {
    this.#slices ??= []
    this.#slices.push({ node, g })
  }

  /** The part from a `matmul` of two matrices of which the node is the right one. */
  addProduct(node: Node, g: Tensor): void {
    this.#products ??= []
    this.#products.push({ node, g })
  }

  total(): Tensor | undefined {
    const [slices, products] = [this.#slices, this.#products]
    this.#slices = undefined
    this.#products = undefined
    if (slices) this.#addSlices(slices)
    // They came last first. In the order of the loop the rows of g are often those that slices have asked for.
    if (products) this.#addProducts(products.reverse())
    return this.#rest
  }

  #addSlices(slices: Use[]): void {
    const axis = sharedAxis(this.#node, slices)
    if (axis !== undefined) this.add(this.#joined(sideBySide(this.#node, slices, axis), axis))
    else for (const { node, g } of slices) this.add(unsliced(this.#node, node, g))
  }

  #addProducts(products: readonly Use[]): void {
    if (products.length > 1 && products.every(({ node }) => copiesLessThanItAdds(node))) {
      const left = products.map(({ node }) => wrap(node.inputs[0]!))
      const g = products.map((product) => product.g)
      this.add(rightGradient(this.#joined(left, 0), this.#joined(g, 0), this.#node))
    } else {
      for (const { node, g } of products) this.add(rightGradient(wrap(node.inputs[0]!), g, this.#node))
    }
  }
}

/** Concatenates along an axis. */
export type Joined = (parts: readonly Tensor[], axis: number) => Tensor

/** The gradient of `left · right` with respect to `right`, given that of the product. */
export function rightGradient(left: Tensor, g: Tensor, right: Node): Tensor {
  // For the transpose of a weight, (leftᵀ g)ᵀ is made as gᵀ left, so that the weight's own gradient needs no
  // transposing.
  const { op } = right
  const rank = right.shape.length
  const transposed = op.kind === 'permute' && op.axes[rank - 1] === rank - 2 && op.axes[rank - 2] === rank - 1
  return transposed ? transpose(matmul(transpose(g), left)) : matmul(transpose(left), g)
}

/** Whether the rows of a product and of its left operand are fewer numbers than its right operand. */
function copiesLessThanItAdds({ inputs, shape }: Node): boolean {
  const [K, N] = inputs[1]!.shape as [number, number]
  return shape[0]! * (K + N) < K * N
}

function sliceOf(node: Node): Extract<Op, { kind: 'slice' }> {
  return node.op as Extract<Op, { kind: 'slice' }>
}

function unsliced(whole: Node, part: Node, g: Tensor): Tensor {
  const { start, step } = sliceOf(part)
  return unslice(g, start, step, whole.shape)
}

/** The one axis along which all slices are cut, if they lie side by side on it without overlap. */
function sharedAxis({ shape }: Node, slices: Use[]): number | undefined {
  if (slices.length < 2) return undefined
  const axis = slices[0]!.node.shape.findIndex((size, each) => size !== shape[each])
  if (axis < 0) return undefined
  const startOf = ({ node }: Use): number => sliceOf(node).start[axis]!
  slices.sort((a, b) => startOf(a) - startOf(b))
  let end = 0
  for (const slice of slices) {
    const { node } = slice
    const whole = sameShape(node.shape.with(axis, shape[axis]!), shape)
    if (!whole || startOf(slice) < end || sliceOf(node).step.some((step) => step !== 1)) return undefined
    end = startOf(slice) + node.shape[axis]!
  }
  return axis
}

/** Slices in the order of their places, with zeros between them. */
function sideBySide({ shape, dtype }: Node, slices: readonly Use[], axis: number): Tensor[] {
  const parts: Tensor[] = []
  let end = 0
  const zerosUntil = (position: number): void => {
    if (position > end) parts.push(wrap(constantNode(0, shape.with(axis, position - end), dtype)))
  }
  for (const { node, g } of slices) {
    const start = sliceOf(node).start[axis]!
    zerosUntil(start)
    parts.push(g)
    end = start + node.shape[axis]!
  }
  zerosUntil(shape[axis]!)
  return parts
}

/** Concatenates, but the same parts only once. */
export function joiner(): Joined {
  const known = new Map<
    Node,
    { readonly parts: readonly Tensor[]; readonly axis: number; readonly whole: Tensor }[]
  >()
  return (parts, axis) => {
    const { node } = parts[0]!
    const alike = known.get(node) ?? []
    const same = alike.find(
      (each) =>
        each.axis === axis &&
        each.parts.length === parts.length &&
        each.parts.every((part, k) => part.node === parts[k]!.node),
    )
    if (same) return same.whole
    const whole = concat(parts, { axis })
    known.set(node, [...alike, { parts, axis, whole }])
    return whole
  }
}
