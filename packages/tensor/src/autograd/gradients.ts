import { type DType, isFloat } from '../dtype.ts'
import { wrap } from '../graph/handle.ts'
import type { Node, Op, OpKind } from '../graph/node.ts'
import type { BinaryOp, ReduceOp, UnaryOp } from '../graph/scalar.ts'
import { add, div, mul, neg, sign, sub } from '../ops/arithmetic.ts'
import { cast } from '../ops/cast.ts'
import { equal, greaterEqual, less, lessEqual } from '../ops/comparison.ts'
import { binary as binaryOp, unary as unaryOp } from '../ops/elementwise.ts'
import { exp, log } from '../ops/exponential.ts'
import { expand } from '../ops/expand.ts'
import { gatherNode, scatterNode } from '../ops/indexing.ts'
import { logicalAnd } from '../ops/logic.ts'
import { matmul } from '../ops/matmul.ts'
import { reshapeNode } from '../ops/operand.ts'
import { permute, transpose } from '../ops/permute.ts'
import { pow, square } from '../ops/power.ts'
import { sum } from '../ops/reduce.ts'
import { blockNode } from '../ops/slice.ts'
import { where } from '../ops/where.ts'
import type { Tensor } from '../tensor.ts'
import { exclusiveProduct } from './exclusive-product.ts'
import { ruleFor } from './gradient-rules.ts'
import { rightGradient } from './gradient-sum.ts'
import { unslice } from './unslice.ts'

/** A node whose op is of kind K. */
export type NodeOf<K extends OpKind> = Node & { readonly op: Extract<Op, { kind: K }> }

/**
 * The part of the gradient that flows from a node to one of its inputs: the product of `g`, the gradient
 * with respect to the node, with the derivative. `undefined` stands for zeros.
 */
export type Gradient<K extends OpKind> = (g: Tensor, node: NodeOf<K>, input: number) => Tensor | undefined

type UnaryGradient = (g: Tensor, x: Tensor, y: Tensor) => Tensor | undefined
type BinaryGradient = (g: Tensor, a: Tensor, b: Tensor, y: Tensor) => Tensor | undefined

const none = (): undefined => undefined

/**
 * With `unaryOp` and `binaryOp`, in the place of operations that bring their kernels: those whose gradients
 * these are have done so.
 */
const ownType = (dtype: DType): DType => dtype

/** dy/dx times g. Where the derivative is a function of y it is written with y: x need not be kept for it. */
const unary: Record<UnaryOp, UnaryGradient> = {
  neg: (g) => neg(g),
  abs: (g, x) => mul(g, sign(x)),
  sign: none,
  floor: none,
  ceil: none,
  round: none,
  sqrt: (g, _, y) => div(mul(g, 0.5), y),
  exp: (g, _, y) => mul(g, y),
  expNonPositive: (g, _, y) => mul(g, y),
  expm1: (g, _, y) => mul(g, add(y, 1)),
  log: (g, x) => div(g, x),
  log1p: (g, x) => div(g, add(x, 1)),
  sin: (g, x) => mul(g, unaryOp('cos', 'cos', x, ownType)),
  cos: (g, x) => neg(mul(g, unaryOp('sin', 'sin', x, ownType))),
  atan: (g, x) => div(g, add(square(x), 1)),
  tanh: (g, _, y) => mul(g, sub(1, square(y))),
  sigmoid: (g, _, y) => mul(g, mul(y, sub(1, y))),
  erf: (g, x) => mul(g, mul(2 / Math.sqrt(Math.PI), exp(neg(square(x))))),
  relu: (g, _, y) => where(lessEqual(y, 0), 0, g),
  not: none,
}

/** For each operand. */
const binary: Record<BinaryOp, readonly [BinaryGradient, BinaryGradient]> = {
  add: [(g) => g, (g) => g],
  sub: [(g) => g, (g) => neg(g)],
  mul: [(g, _, b) => mul(g, b), (g, a) => mul(g, a)],
  div: [(g, _, b) => div(g, b), (g, _, b, y) => neg(div(mul(g, y), b))],
  floorDiv: [none, none],
  mod: [(g) => g, (g, a, b) => neg(mul(g, binaryOp('floorDiv', 'floorDiv', a, b, ownType)))],
  pow: [powBase, powExponent],
  max: [(g, a, b) => preferred(g, a, b), (g, a, b) => preferred(g, b, a)],
  min: [(g, a, b) => preferred(g, b, a), (g, a, b) => preferred(g, a, b)],
  less: [none, none],
  lessEqual: [none, none],
  equal: [none, none],
  and: [none, none],
  or: [none, none],
  xor: [none, none],
}

/** `b·aᵇ⁻¹`, which is 0 for b = 0 even where a is. */
function powBase(g: Tensor, a: Tensor, b: Tensor): Tensor {
  return mul(g, mul(b, pow(a, where(equal(b, 0), 0, sub(b, 1)))))
}

/** `aᵇ·log a`, taken as 0 for a = 0 and b ≥ 0: its limit but for b = 0. */
function powExponent(g: Tensor, a: Tensor, b: Tensor, y: Tensor): Tensor {
  const vanishing = logicalAnd(equal(a, 0), greaterEqual(b, 0))
  return mul(g, mul(y, log(where(vanishing, 1, a))))
}

/** g where a is the greater, half of it where both are equal. */
function preferred(g: Tensor, a: Tensor, b: Tensor): Tensor {
  return where(less(a, b), 0, where(equal(a, b), mul(g, 0.5), g))
}

const reduce: Record<ReduceOp, (g: Tensor, x: Tensor, y: Tensor, axes: readonly number[]) => Tensor> = {
  sum: (g, x) => expand(g, x.shape),
  prod: (g, x, _, axes) => mul(g, exclusiveProduct(x, axes)),
  max: chosen,
  min: chosen,
}

/** Equal extremes share the gradient. */
function chosen(g: Tensor, x: Tensor, y: Tensor, axes: readonly number[]): Tensor {
  const hit = equal(x, y)
  return where(hit, div(g, sum(cast(hit, g.dtype), { axis: axes, keepDims: true })), 0)
}

type Gradients<K extends OpKind> = { readonly [Each in K]: Gradient<Each> }
export type BroughtGradients = Gradients<'convolution' | 'window' | 'cumulativeSum'>

/** The gradient of every op, written with ops, so that a gradient has a gradient. */
export const gradients: Gradients<Exclude<OpKind, keyof BroughtGradients>> & Partial<BroughtGradients> = {
  host: none,
  live: none,
  constant: none,
  index: none,
  placeholder: none,
  stored: none,
  unary: (g, node) => (ruleFor(node.op.name) ?? unary[node.op.name])(g, inputOf(node, 0), wrap(node)),
  binary: binaryPart,
  where: (g, node, input) => (input === 1 ? where(inputOf(node, 0), g, 0) : where(inputOf(node, 0), 0, g)),
  cast: (g, node) => (isFloat(node.inputs[0]!.dtype) ? cast(g, node.inputs[0]!.dtype) : undefined),
  reshape: (g, node) => wrap(reshapeNode(g.node, node.inputs[0]!.shape)),
  permute: (g, node) => permute(g, node.op.axes.map((_, axis) => node.op.axes.indexOf(axis))),
  expand: (g, node) => {
    const total = sum(g, { axis: spreadAxes(node), keepDims: true })
    return wrap(reshapeNode(total.node, node.inputs[0]!.shape))
  },
  slice: (g, node) => unslice(g, node.op.start, node.op.step, node.inputs[0]!.shape),
  pad: (g, node) => wrap(blockNode(g.node, node.op.before, node.inputs[0]!.shape)),
  identity: (g, node) => (node.op.stop ? undefined : g),
  concat: concatPart,
  reduce: (g, node) => reduce[node.op.name](g, inputOf(node, 0), wrap(node), node.op.axes),
  argReduce: none,
  matmul: matmulPart,
  gather: (g, node, input) => {
    if (input === 1) return undefined
    return wrap(scatterNode(g.node, node.inputs[1]!, node.op.axis, node.inputs[0]!.shape[node.op.axis]!))
  },
  scatterAdd: (g, node, input) =>
    input === 1 ? undefined : wrap(gatherNode(g.node, node.inputs[1]!, node.op.axis)),
  argSort: none,
  random: none,
}

/** Gradients that come with the operations that need them. */
export function addGradients(brought: Partial<BroughtGradients>): void {
  Object.assign(gradients, brought)
}

function binaryPart(g: Tensor, node: NodeOf<'binary'>, input: number): Tensor | undefined {
  const [a, b] = [inputOf(node, 0), inputOf(node, 1)]
  // A square has one part, in which x is read once.
  if (node.op.name === 'mul' && a.node === b.node) return input === 0 ? mul(g, mul(a, 2)) : undefined
  return binary[node.op.name][input]!(g, a, b, wrap(node))
}

function matmulPart(g: Tensor, node: Node, input: number): Tensor {
  if (input === 0) return matmul(g, transpose(inputOf(node, 1)))
  return rightGradient(inputOf(node, 0), g, node.inputs[1]!)
}

function inputOf(node: Node, input: number): Tensor {
  return wrap(node.inputs[input]!)
}

/** The axes along which `expand` repeats; new ones of size 1 need no sum. */
function spreadAxes({ inputs, shape }: Node): number[] {
  const from = inputs[0]!.shape
  const added = shape.length - from.length
  return shape.flatMap((size, axis) => (size === (from[axis - added] ?? 1) ? [] : [axis]))
}

function concatPart(g: Tensor, { inputs, op }: NodeOf<'concat'>, input: number): Tensor {
  const offset = inputs.slice(0, input).reduce((total, x) => total + x.shape[op.axis]!, 0)
  const start = g.shape.map((_, axis) => (axis === op.axis ? offset : 0))
  return wrap(blockNode(g.node, start, inputs[input]!.shape))
}
