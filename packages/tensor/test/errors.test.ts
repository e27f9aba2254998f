import { describe, expect, test } from 'vitest'
import * as badak from '../src/index.ts'
import {
  add, arange, argmax, argsort, avgPool2d, avgPool3d, cast, clamp, concat, conv1d, conv2d, conv3d, convTranspose1d,
  convTranspose2d, convTranspose3d, cumsum, dilate, DTypeError, equal, expand, eye, flatten,
  flip, full, gather, Generator, grad, GraphError, IndexError, isTensor, linspace, live, logsumexp, matmul, max, maxPool1d,
  maxPool2d, maxPool3d, mean, noGrad, oneHot, ones, pad, Parameter, permutation, permute, pow, randomBernoulli, randomNormal,
  randomUniform, repeat, reshape, scatterAdd, seed, ShapeError, slice, softmax, sort, split, squeeze, stack, sum, take,
  tensor, type Tensor, tile, topk, transpose, unsqueeze, ValueError, valueAndGrad, variance, where, zeros,
} from '../src/index.ts'

type ErrorClass = new (message: string) => Error
/** What is called, the type of its error, and its exact text. */
type Case = readonly [call: () => unknown, type: ErrorClass, text: string]

const x = zeros([2, 3])
const image = zeros([1, 4, 5, 5])
const int = (data: number | number[] | number[][]): Tensor => tensor(data, { dtype: 'int32' })
const wrong = <T>(value: unknown): T => value as T

/** Checks each case; the text is the test's name. */
function refuses(cases: readonly Case[]): void {
  test.each(cases.map(([call, type, text]) => ({ call, type, text })))('$text', ({ call, type, text }) => {
    let thrown: unknown
    try {
      call()
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(type)
    expect((thrown as Error).message).toBe(text)
  })
}

describe('creation', () => {
  refuses([
    [() => tensor([[1, 2], [3]]), ShapeError, 'tensor: ragged lists: a list of 1 at [1], where the first ones have a list of 2'],
    [() => tensor([[1], 2]), ShapeError, 'tensor: ragged lists: no list at [1], where the first ones have a list of 1'],
    [() => tensor([1, [2]]), ShapeError, 'tensor: ragged lists: a list of 1 at [1], where the first ones have no list'],
    [() => tensor([1, 2, 3], { shape: [2, 2] }), ShapeError, 'tensor: shape [2,2] has 4 elements, the data 3'],
    [() => tensor(wrong<number[]>([1, 'a'])), DTypeError, 'tensor: elements must be numbers or booleans: got a at [1]'],
    [() => tensor(wrong<number>(undefined)), DTypeError, 'tensor: elements must be numbers or booleans: got undefined at []'],
    [() => tensor(wrong<number[]>([x])), DTypeError,
      'tensor: elements must be numbers or booleans: got a tensor (use stack or concat) at [0]'],
    [() => tensor(wrong<number[]>(new BigInt64Array(2))), DTypeError, 'tensor: no element type for the elements of a BigInt64Array'],
    [() => tensor([1, Number.NaN], { dtype: 'int32' }), ValueError, 'tensor: int32 cannot hold NaN at position 1 of [2]'],
    [() => tensor([256], { dtype: 'uint8' }), ValueError, 'tensor: uint8 cannot hold 256 at position 0 of [1]'],
    [() => tensor([1], { dtype: wrong('int64') }), DTypeError,
      'tensor: no element type: int64 (there are float32, float64, float16, int32, uint8, bool)'],
    [() => zeros([2, -1]), ShapeError, 'zeros: sizes must be integers ≥ 0: [2,-1]'],
    [() => zeros([2, Number.NaN]), ShapeError, 'zeros: sizes must be integers ≥ 0: [2,NaN]'],
    [() => ones([1.5]), ShapeError, 'ones: sizes must be integers ≥ 0: [1.5]'],
    [() => zeros(wrong(3)), ShapeError, 'zeros: expected a list of sizes: got 3'],
    [() => zeros([2 ** 30, 2 ** 30]), ShapeError, 'zeros: too many elements: [1073741824,1073741824]'],
    [() => full([2], Infinity, { dtype: 'int32' }), ValueError, 'full: int32 cannot hold Infinity at position 0 of []'],
    [() => arange(0, 3, 0), ValueError, 'arange: the step is 0'],
    [() => arange(0, Infinity), ValueError, 'arange: bounds must be finite: [0,Infinity,1]'],
    [() => linspace(0, 1, -1), ValueError, 'linspace: count must be an integer ≥ 0: -1'],
    [() => eye(2.5), ValueError, 'eye: rows must be an integer ≥ 0: 2.5'],
    [() => live([-1], 'float32', () => [1]), ShapeError, 'live: sizes must be integers ≥ 0: [-1]'],
  ])
})

describe('random', () => {
  refuses([
    [() => seed(0.5), ValueError, 'seed: expected an integer: 0.5'],
    [() => randomUniform([2], { low: 1, high: 0 }), ValueError,
      'randomUniform: bounds must be finite and low ≤ high: low 1, high 0'],
    [() => randomNormal([2], { std: -1 }), ValueError, 'randomNormal: mean must be finite and std finite and ≥ 0: mean 0, std -1'],
    [() => randomNormal([-2]), ShapeError, 'randomNormal: sizes must be integers ≥ 0: [-2]'],
    [() => randomBernoulli([2], 1.5), ValueError, 'randomBernoulli: p must be from 0 to 1: 1.5'],
    [() => randomUniform([2], { dtype: wrong('int32') }), DTypeError,
      'randomUniform: random numbers are float32 or float64: got int32'],
    [() => permutation(-1), ValueError, 'permutation: n must be an integer from 0 to 2147483647: -1'],
    [() => new Generator(1).integers(0), ValueError, 'integers: n must be an integer from 1 to 4294967296: 0'],
    [() => { new Generator(1).state = { key: '-1', offset: '0' } }, ValueError,
      'generator state: key must be a 64-bit integer: [-1]'],
  ])
})

describe('elementwise', () => {
  refuses([
    [() => add(x, zeros([4])), ShapeError, 'add: shapes do not broadcast: [2,3] and [4]'],
    [() => equal(x, zeros([3, 3])), ShapeError, 'equal: shapes do not broadcast: [2,3] and [3,3]'],
    [() => pow(x, zeros([2])), ShapeError, 'pow: shapes do not broadcast: [2,3] and [2]'],
    [() => where(zeros([4]), x, x), ShapeError, 'where: shapes do not broadcast: [4] and [2,3]'],
    [() => add(x, wrong<Tensor>(undefined)), DTypeError, 'add: expected a tensor or a number: got undefined'],
    [() => add(x, wrong<Tensor>([1, 2, 3])), DTypeError,
      'add: expected a tensor or a number: got an array (make a tensor of it first: tensor([…]))'],
    [() => add(x, wrong<Tensor>(Promise.resolve())), DTypeError, 'add: expected a tensor or a number: got a promise (await it first)'],
    [() => clamp(x, {}), ValueError, 'clamp: neither min nor max is given'],
    [() => clamp(x, { min: 2, max: 1 }), ValueError, 'clamp: min exceeds max: 2 > 1'],
    [() => clamp(x, { min: Number.NaN }), ValueError, 'clamp: a bound is not a number: min NaN, max undefined'],
    [() => cast(x, wrong('double')), DTypeError,
      'cast: no element type: double (there are float32, float64, float16, int32, uint8, bool)'],
  ])
})

describe('reductions', () => {
  refuses([
    [() => sum(x, { axis: 2 }), ShapeError, 'sum: axis 2 is out of range for rank 2: [2,3]'],
    [() => mean(x, { axis: -3 }), ShapeError, 'mean: axis -3 is out of range for rank 2: [2,3]'],
    [() => sum(x, { axis: 0.5 }), ShapeError, 'sum: axis 0.5 is out of range for rank 2: [2,3]'],
    [() => sum(x, { axis: [1, -1] }), ShapeError, 'sum: an axis is repeated: [1,-1]'],
    [() => max(zeros([2, 0])), ShapeError, 'max: an empty axis has no elements: [2,0]'],
    [() => argmax(zeros([2, 0]), { axis: 1 }), ShapeError, 'argmax: an empty axis has no elements: [2,0]'],
    [() => argmax(x, { axis: 2 }), ShapeError, 'argmax: axis 2 is out of range for rank 2: [2,3]'],
    [() => variance(x, { correction: -1 }), ValueError, 'variance: correction must be a finite number ≥ 0: -1'],
    [() => logsumexp(x, { axis: 5 }), ShapeError, 'logsumexp: axis 5 is out of range for rank 2: [2,3]'],
    [() => softmax(tensor(1)), ShapeError, 'softmax: axis -1 is out of range for rank 0: []'],
  ])
})

describe('movement', () => {
  refuses([
    [() => reshape(x, [4, 2]), ShapeError, 'reshape: number of elements differs: [2,3] to [4,2]'],
    [() => reshape(x, [-1, -1]), ShapeError, 'reshape: more than one size is -1: [-1,-1]'],
    [() => reshape(x, [4, -1]), ShapeError, 'reshape: no size for -1 fits: [2,3] to [4,-1]'],
    [() => reshape(zeros([0]), [0, -1]), ShapeError, 'reshape: no size for -1 fits: [0] to [0,-1]'],
    [() => flatten(x, { start: 1, end: 0 }), ShapeError, 'flatten: start 1 comes after end 0: [2,3]'],
    [() => squeeze(x, 0), ShapeError, 'squeeze: axis 0 has size 2, not 1: [2,3]'],
    [() => unsqueeze(x, 3), ShapeError, 'unsqueeze: axis 3 is out of range for rank 3: [2,3,1]'],
    [() => permute(x, [0, 0]), ShapeError, 'permute: axes must name each axis once: [0,0] for [2,3]'],
    [() => permute(x, [0]), ShapeError, 'permute: axes must name each axis once: [0] for [2,3]'],
    [() => transpose(tensor([1])), ShapeError, 'transpose: axis -2 is out of range for rank 1: [1]'],
    [() => expand(x, [2, 4]), ShapeError, 'expand: [2,3] does not broadcast to [2,4]'],
    [() => expand(x, [3]), ShapeError, 'expand: [2,3] does not broadcast to [3]'],
    [() => slice(x, [[0, 1], [0, 1], [0, 1]]), ShapeError, 'slice: more ranges than axes: 3 for [2,3]'],
    [() => slice(x, [2]), IndexError, 'slice: position 2 is out of range for axis 0 of size 2'],
    [() => slice(x, [undefined, -4]), IndexError, 'slice: position -4 is out of range for axis 1 of size 3'],
    [() => slice(x, [[0, 2, 0]]), ValueError, 'slice: the step on axis 0 is 0: [0,2,0]'],
    [() => slice(x, [[0.5]]), ValueError, 'slice: bounds and steps must be integers: [0.5] on axis 0'],
    [() => slice(x, wrong(1)), ValueError, 'slice: expected a list of ranges, one per axis: got 1'],
    [() => flip(x, [0, 0]), ShapeError, 'flip: an axis is repeated: [0,0]'],
    [() => pad(x, [[1, 1]]), ShapeError, 'pad: expected one pair [before, after] for each axis of [2,3]'],
    [() => pad(x, [[1, 1], [-1, 0]]), ValueError, 'pad: a width must be an integer ≥ 0: -1'],
    [() => concat([]), ValueError, 'concat: the list is empty'],
    [() => concat([x, zeros([2, 4])]), ShapeError, 'concat: shapes differ beside axis 0: [2,3] and [2,4]'],
    [() => concat([x, zeros([3])]), ShapeError, 'concat: shapes differ beside axis 0: [2,3] and [3]'],
    [() => concat([tensor(1)]), ShapeError, 'concat: axis 0 is out of range for rank 0: []'],
    [() => stack([x, zeros([3, 2])]), ShapeError, 'stack: shapes differ: [2,3] and [3,2]'],
    [() => split(x, 2, { axis: 1 }), ShapeError, 'split: axis 1 of size 3 does not divide into 2 equal parts'],
    [() => split(x, [1, 1], { axis: 1 }), ShapeError, 'split: sizes [1,1] do not add up to axis 1 of size 3'],
    [() => split(x, 0), ValueError, 'split: the number of parts must be an integer ≥ 1: 0'],
    [() => repeat(x, -1), ValueError, 'repeat: the count must be an integer ≥ 0: -1'],
    [() => tile(x, [1.5]), ValueError, 'tile: a count must be an integer ≥ 0: 1.5'],
  ])
})

describe('matmul', () => {
  refuses([
    [() => matmul(x, zeros([4, 5])), ShapeError, 'matmul: inner dimensions differ: [2,3] x [4,5]'],
    [() => matmul(x, zeros([2])), ShapeError, 'matmul: inner dimensions differ: [2,3] x [2]'],
    [() => matmul(x, 2), ShapeError, 'matmul: an operand has no axes: [2,3] x []'],
    [() => matmul(zeros([2, 1, 3]), zeros([3, 3, 1])), ShapeError, 'matmul: shapes do not broadcast: [2] and [3]'],
    [() => matmul(int([[1]]).expand([2, 1, 1]), int([[1]]).expand([3, 1, 1])), ShapeError,
      'matmul: shapes do not broadcast: [2] and [3]'],
  ])
})

describe('convolution', () => {
  const w = zeros([8, 4, 3, 3])
  refuses([
    [() => conv2d(x, w), ShapeError, 'conv2d: input must have rank 4: [2,3]'],
    [() => conv2d(image, x), ShapeError, 'conv2d: weight must have rank 4: [2,3]'],
    [() => conv2d(image, zeros([8, 3, 3, 3])), ShapeError,
      'conv2d: channels differ: input has 4, weight takes 3: input [1,4,5,5], weight [8,3,3,3]'],
    [() => conv2d(image, zeros([8, 4, 3, 3]), { groups: 2 }), ShapeError,
      'conv2d: channels differ: input has 4, weight takes 4 in each of 2 groups: input [1,4,5,5], weight [8,4,3,3]'],
    [() => conv2d(image, zeros([3, 2, 3, 3]), { groups: 2 }), ShapeError,
      'conv2d: 3 output channels do not divide into 2 groups: input [1,4,5,5], weight [3,2,3,3]'],
    [() => conv2d(image, zeros([8, 4, 6, 3])), ShapeError,
      'conv2d: the kernel exceeds the padded input: [6,3] over [5,5]: input [1,4,5,5], weight [8,4,6,3]'],
    [() => conv2d(image, w, { dilation: 3 }), ShapeError,
      'conv2d: the kernel exceeds the padded input: [7,7] over [5,5]: input [1,4,5,5], weight [8,4,3,3]'],
    [() => conv2d(image, zeros([8, 4, 0, 3])), ShapeError, 'conv2d: the kernel is empty: input [1,4,5,5], weight [8,4,0,3]'],
    [() => conv2d(image, w, { stride: 0 }), ValueError, 'conv2d: stride must be an integer ≥ 1: 0'],
    [() => conv2d(image, w, { padding: -1 }), ValueError, 'conv2d: padding must be an integer ≥ 0: -1'],
    [() => conv2d(image, w, { dilation: [1, 0.5] }), ValueError, 'conv2d: dilation must be an integer ≥ 1: 0.5'],
    [() => conv2d(image, w, { groups: 0 }), ValueError, 'conv2d: groups must be an integer ≥ 1: 0'],
    [() => conv2d(image, w, { stride: wrong([1, 2, 3]) }), ValueError,
      'conv2d: stride must be a number or a pair [height, width]: [1,2,3]'],
    [() => conv2d(image, w, { padding: wrong('full') }), ValueError, "conv2d: padding must be 'same', 'valid' or pixels: 'full'"],
    [() => conv2d(image, w, { padding: 'same', stride: 2 }), ValueError, "conv2d: padding 'same' needs stride 1: [2,2]"],
    [() => conv2d(image.cast('int32'), w), DTypeError, 'conv2d: input and weight must be of a float type: int32 and float32'],
    [() => conv1d(image, w), ShapeError, 'conv1d: input must have rank 3: [1,4,5,5]'],
    [() => conv1d(zeros([1, 2, 5]), zeros([1, 2, 3]), { stride: 0 }), ValueError, 'conv1d: stride must be an integer ≥ 1: 0'],
    [() => conv1d(zeros([1, 2, 5]), zeros([1, 3, 3])), ShapeError,
      'conv1d: channels differ: input has 2, weight takes 3: input [1,2,1,5], weight [1,3,1,3]'],
    [() => conv3d(image, w), ShapeError, 'conv3d: input must have rank 5: [1,4,5,5]'],
    [() => conv3d(zeros([1, 2, 3, 3, 3]), zeros([1, 2, 4, 3, 3])), ShapeError,
      'conv3d: the kernel exceeds the padded input: [4,3,3] over [3,3,3]: input [1,2,3,3,3], weight [1,2,4,3,3]'],
    [() => conv3d(zeros([1, 2, 3, 3, 3]), zeros([1, 2, 2, 2, 2]), { stride: wrong([1, 2]) }), ValueError,
      'conv3d: stride must be a number or a triple [depth, height, width]: [1,2]'],
    [() => convTranspose2d(x, w), ShapeError, 'convTranspose2d: input must have rank 4: [2,3]'],
    [() => convTranspose2d(image, w), ShapeError,
      'convTranspose2d: channels differ: input has 4, weight takes 8: input [1,4,5,5], weight [8,4,3,3]'],
    [() => convTranspose2d(image, zeros([4, 2, 3, 3]), { groups: 3 }), ShapeError,
      'convTranspose2d: 4 input channels do not divide into 3 groups: input [1,4,5,5], weight [4,2,3,3]'],
    [() => convTranspose2d(image, zeros([4, 2, 3, 0])), ShapeError,
      'convTranspose2d: the kernel is empty: input [1,4,5,5], weight [4,2,3,0]'],
    [() => convTranspose2d(zeros([1, 4, 0, 5]), zeros([4, 2, 3, 3])), ShapeError,
      'convTranspose2d: the input is empty: input [1,4,0,5], weight [4,2,3,3]'],
    [() => convTranspose2d(image, zeros([4, 2, 3, 3]), { stride: [2, 3], outputPadding: 2 }), ValueError,
      'convTranspose2d: outputPadding must be below stride or dilation: [2,2] for stride [2,3], dilation [1,1]'],
    [() => convTranspose1d(zeros([1, 2, 2]), zeros([2, 1, 2]), { padding: 2 }), ShapeError,
      'convTranspose1d: nothing is left of the result: [-1]: input [1,2,2], weight [2,1,2], padding [2]'],
    [() => convTranspose1d(zeros([1, 2, 2]), zeros([2, 1, 2]), { dilation: 0 }), ValueError,
      'convTranspose1d: dilation must be an integer ≥ 1: 0'],
    [() => convTranspose3d(zeros([1, 2, 2, 2, 2]).cast('int32'), zeros([2, 1, 2, 2, 2])), DTypeError,
      'convTranspose3d: input and weight must be of a float type: int32 and float32'],
    [() => dilate(x, 0), ValueError, 'dilate: the step must be an integer ≥ 1: 0'],
    [() => dilate(x, 2, { axis: 2 }), ShapeError, 'dilate: axis 2 is out of range for rank 2: [2,3]'],
  ])
})

describe('pooling', () => {
  refuses([
    [() => maxPool2d(tensor([1]), { kernel: 2 }), ShapeError, 'maxPool2d: input must have rank ≥ 2: [1]'],
    [() => maxPool2d(image, wrong({})), ValueError, 'maxPool2d: no kernel size is given'],
    [() => maxPool2d(image, { kernel: 0 }), ValueError, 'maxPool2d: kernel must be an integer ≥ 1: 0'],
    [() => maxPool2d(image, { kernel: 2, stride: 0 }), ValueError, 'maxPool2d: stride must be an integer ≥ 1: 0'],
    [() => maxPool2d(image, { kernel: 2, padding: 2 }), ValueError,
      'maxPool2d: padding exceeds half the kernel: 2 for a kernel of 2'],
    [() => maxPool2d(image, { kernel: 6 }), ShapeError,
      'maxPool2d: the window exceeds the padded input: 6 over 5: input [1,4,5,5]'],
    [() => maxPool2d(zeros([1, 2, 2]), { kernel: 2, padding: 1, dilation: 3 }), ShapeError,
      'maxPool2d: window 0 lies in the padding alone: input [1,2,2]'],
    [() => avgPool2d(image, { kernel: [6, 1] }), ShapeError,
      'avgPool2d: the window exceeds the padded input: 6 over 5: input [1,4,5,5]'],
    [() => avgPool2d(image, { kernel: 2, divisorOverride: 0 }), ValueError,
      'avgPool2d: divisorOverride must be a number other than 0: 0'],
    [() => maxPool3d(x, { kernel: 2 }), ShapeError, 'maxPool3d: input must have rank ≥ 3: [2,3]'],
    [() => maxPool3d(image, wrong({})), ValueError, 'maxPool3d: no kernel size is given'],
    [() => avgPool3d(image, { kernel: [5, 2, 2] }), ShapeError,
      'avgPool3d: the window exceeds the padded input: 5 over 4: input [1,4,5,5]'],
    [() => maxPool1d(tensor(1), { kernel: 2 }), ShapeError, 'maxPool1d: input must have rank ≥ 1: []'],
  ])
})

describe('positions', () => {
  refuses([
    [() => gather(x, int([[0, 2, 1]])), IndexError, 'gather: index 2 at [0,1] is out of range for an axis of size 2'],
    [() => gather(x, int([[0, -1, 1]])), IndexError, 'gather: index -1 at [0,1] is out of range for an axis of size 2'],
    [() => gather(x, int([[0, 1]])), ShapeError, 'gather: shapes differ beside axis 0: [2,3] and index [1,2]'],
    [() => gather(x, int([0])), ShapeError, 'gather: shapes differ beside axis 0: [2,3] and index [1]'],
    [() => gather(x, zeros([2, 3])), DTypeError, 'gather: an index must be int32 or uint8: got float32'],
    [() => gather(x, int([[0]]), { axis: 2 }), ShapeError, 'gather: axis 2 is out of range for rank 2: [2,3]'],
    [() => take(x, int([1, 3]), { axis: 1 }), IndexError, 'take: index 3 at [1] is out of range for an axis of size 3'],
    [() => take(zeros([0, 3]), cast(zeros([2]), 'int32')), IndexError, 'take: nothing to select: the axis has size 0'],
    [() => scatterAdd(x, int([[5, 0, 0]]), 1), IndexError, 'scatterAdd: index 5 at [0,0] is out of range for an axis of size 2'],
    [() => scatterAdd(x, int([[1, 0, 0]]), zeros([2, 3])), ShapeError, 'scatterAdd: index and updates differ: [1,3] and [2,3]'],
    [() => oneHot(int([0, 10]), 10), IndexError, 'oneHot: index 10 at [1] is out of range for an axis of size 10'],
    [() => oneHot(tensor([1.5]), 10), DTypeError, 'oneHot: an index must be int32 or uint8: got float32'],
    [() => oneHot(int([0]), 0), ValueError, 'oneHot: the number of classes must be an integer ≥ 1: 0'],
    [() => cumsum(x, { axis: 2 }), ShapeError, 'cumsum: axis 2 is out of range for rank 2: [2,3]'],
    [() => sort(x, { axis: 2 }), ShapeError, 'sort: axis 2 is out of range for rank 2: [2,3]'],
    [() => argsort(tensor(1)), ShapeError, 'argsort: axis -1 is out of range for rank 0: []'],
    [() => topk(x, 4), ShapeError, 'topk: k = 4 exceeds axis 1: [2,3]'],
    [() => topk(x, -1), ValueError, 'topk: k must be an integer ≥ 0: -1'],
  ])
})

describe('gradients', () => {
  const w = new Parameter(ones([2, 3]), { name: 'w' })
  const promised = wrong<() => Tensor>(async () => x)
  refuses([
    [() => w.mul(2).backward(), ShapeError, 'backward: the loss must be a single number: [2,3] (take its sum() or mean())'],
    [() => w.sum().cast('int32').backward(), DTypeError, 'backward: the loss must be of a float type: int32'],
    [() => x.sum().backward(), GraphError,
      'backward: the loss depends on no parameter (frozen, behind stopGradient, or inside noGrad?)'],
    [() => w.stopGradient().sum().backward(), GraphError,
      'backward: the loss depends on no parameter (frozen, behind stopGradient, or inside noGrad?)'],
    [() => noGrad(() => w.sum()).backward(), GraphError,
      'backward: the loss depends on no parameter (frozen, behind stopGradient, or inside noGrad?)'],
    [() => grad((a: Tensor) => a)(x), ShapeError, 'grad: the loss must be a single number: [2,3] (take its sum() or mean())'],
    [() => grad((a: Tensor) => a.sum())(int([1])), DTypeError, 'grad: argument 0 is not of a float type: int32'],
    [() => grad((a: Tensor) => a.sum(), { argnums: 1 })(x), ValueError, 'grad: there is no argument 1: got 1'],
    [() => grad(promised)(), ValueError, 'grad: there is no argument 0: got 0'],
    [() => valueAndGrad(wrong<(a: Tensor) => Tensor>(async () => x))(x), DTypeError,
      'valueAndGrad: the function gave no tensor: a promise'],
    [() => noGrad(promised), GraphError,
      'noGrad: the function gave a promise: build the tensors inside of noGrad, read them outside'],
  ])
})

describe('another copy of the package', () => {
  // What a second copy on the same page would make: the same marker, another class.
  const foreign = wrong<Tensor>({ [Symbol.for('badak.tensor')]: {} })

  test('its tensors are recognised', () => expect(isTensor(foreign)).toBe(true))
  refuses([
    [() => add(x, foreign), GraphError,
      'add: another copy of @badak/tensor is loaded and made this operand: install one version, as a dependency of the application'],
  ])
})

test('item() of several elements is refused', async () => {
  await expect(x.item()).rejects.toThrow(new ShapeError('item: expected one element: shape [2,3] has 6'))
})

test('each function that works on a tensor is one of its methods, too, but for those that bring their kernels', () => {
  const own = new Set(Object.getOwnPropertyNames(badak.Tensor.prototype))
  const free = [
    'arange', 'backendInfo', 'commit', 'compile', 'concat', 'configure', 'evaluate', 'eye', 'full', 'grad', 'hostValues', 'isTensor',
    'isTracing', 'keep', 'linspace', 'live', 'memory', 'noGrad', 'oneHot', 'ones', 'permutation', 'profile', 'randomBernoulli', 'randomNormal', 'randomUniform',
    'seed', 'shutdown', 'stack', 'tensor', 'valueAndGrad', 'withGradientRules', 'zeros',
  ]
  // Methods cannot be left out of a bundle, and these, or the kernels that they reach, are needed by few programs.
  const bringing = [
    'avgPool1d', 'avgPool2d', 'avgPool3d', 'conv1d', 'conv2d', 'conv3d', 'convTranspose1d', 'convTranspose2d',
    'convTranspose3d', 'dilate', 'maxPool1d', 'maxPool2d', 'maxPool3d', 'argsort', 'sort', 'topk', 'acos', 'asin', 'atan',
    'atan2', 'cos', 'sin', 'tan', 'erf', 'cumsum', 'floorDiv', 'mod',
  ]
  expect(bringing.filter((name) => own.has(name))).toEqual([])
  free.push(...bringing)
  const functions = Object.entries(badak).filter(([name, value]) => typeof value === 'function' && /^[a-z]/.test(name))
  const missing = functions.map(([name]) => name).filter((name) => !own.has(name) && !free.includes(name))
  expect(missing).toEqual([])
})
