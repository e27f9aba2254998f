import { describe, expect, test } from 'vitest'
import {
  add, argmax, avgPool2d, cumsum, div, type DType, equal, exp, floor, full, logicalAnd, matmul, max, mean, mul, neg, oneHot, pow,
  prod, sort, sum, take, tensor, type Tensor, type TensorLike, where, zeros,
} from '../src/index.ts'

const of = (dtype: DType): Tensor => zeros([2, 2], { dtype })
const all: readonly DType[] = ['bool', 'uint8', 'int32', 'float16', 'float32', 'float64']
const types = (f: (x: Tensor) => Tensor): DType[] => all.map((dtype) => f(of(dtype)).dtype)

describe('the type of a result', () => {
  // Of bool, uint8, int32, float16, float32, float64.
  test.each<[name: string, f: (x: Tensor) => Tensor, expected: DType[]]>([
    ['add', (x) => add(x, x), ['int32', 'uint8', 'int32', 'float32', 'float32', 'float64']],
    ['neg', neg, ['int32', 'uint8', 'int32', 'float32', 'float32', 'float64']],
    ['div', (x) => div(x, x), ['float32', 'float32', 'float32', 'float32', 'float32', 'float64']],
    ['exp', exp, ['float32', 'float32', 'float32', 'float32', 'float32', 'float64']],
    ['floor', floor, ['int32', 'uint8', 'int32', 'float32', 'float32', 'float64']],
    ['equal', (x) => equal(x, x), ['bool', 'bool', 'bool', 'bool', 'bool', 'bool']],
    ['logicalAnd', (x) => logicalAnd(x, x), ['bool', 'bool', 'bool', 'bool', 'bool', 'bool']],
    ['where', (x) => where(x, x, x), ['bool', 'uint8', 'int32', 'float32', 'float32', 'float64']],
    ['sum', (x) => sum(x), ['int32', 'int32', 'int32', 'float32', 'float32', 'float64']],
    ['prod', (x) => prod(x), ['int32', 'int32', 'int32', 'float32', 'float32', 'float64']],
    ['max', (x) => max(x), ['bool', 'uint8', 'int32', 'float32', 'float32', 'float64']],
    ['mean', (x) => mean(x), ['float32', 'float32', 'float32', 'float32', 'float32', 'float64']],
    ['argmax', (x) => argmax(x), ['int32', 'int32', 'int32', 'int32', 'int32', 'int32']],
    ['cumsum', (x) => cumsum(x), ['int32', 'int32', 'int32', 'float32', 'float32', 'float64']],
    ['sort', (x) => sort(x).values, ['bool', 'uint8', 'int32', 'float16', 'float32', 'float64']],
    ['matmul', (x) => matmul(x, x), ['int32', 'int32', 'int32', 'float32', 'float32', 'float64']],
    ['avgPool2d', (x) => avgPool2d(x, { kernel: 2 }), ['float32', 'float32', 'float32', 'float32', 'float32', 'float64']],
    ['pow 2', (x) => pow(x, 2), ['int32', 'uint8', 'int32', 'float32', 'float32', 'float64']],
    ['pow −1', (x) => pow(x, -1), ['float32', 'float32', 'float32', 'float32', 'float32', 'float64']],
    ['reshape', (x) => x.reshape([4]), ['bool', 'uint8', 'int32', 'float16', 'float32', 'float64']],
    ['take', (x) => take(x, tensor([0], { dtype: 'int32' })), ['bool', 'uint8', 'int32', 'float16', 'float32', 'float64']],
  ])('%s', (_, f, expected) => expect(types(f)).toEqual(expected))

  test('of two types the wider one', () => {
    const pairs = all.flatMap((a, i) => all.slice(i + 1).map((b) => mul(of(a), of(b)).dtype))
    expect(pairs).toEqual([
      'uint8', 'int32', 'float32', 'float32', 'float64', // bool with …
      'int32', 'float32', 'float32', 'float64', // uint8 with …
      'float32', 'float32', 'float64', // int32 with …
      'float32', 'float64', 'float64', // float16 with …, float32 with float64
    ])
  })

  test.each<[operand: TensorLike, expected: DType[]]>([
    [1, ['int32', 'uint8', 'int32', 'float32', 'float32', 'float64']],
    [true, ['int32', 'uint8', 'int32', 'float32', 'float32', 'float64']],
    [-1, ['int32', 'int32', 'int32', 'float32', 'float32', 'float64']],
    [300, ['int32', 'int32', 'int32', 'float32', 'float32', 'float64']],
    [0.5, ['float32', 'float32', 'float32', 'float32', 'float32', 'float64']],
    [2 ** 31, ['float32', 'float32', 'float32', 'float32', 'float32', 'float64']],
    [Infinity, ['float32', 'float32', 'float32', 'float32', 'float32', 'float64']],
  ])('beside the number %s', (operand, expected) => {
    expect(types((x) => add(x, operand))).toEqual(expected)
    expect(types((x) => add(operand, x))).toEqual(expected)
  })

  test('of data', () => {
    expect(tensor(1).dtype).toBe('float32')
    expect(tensor([true]).dtype).toBe('bool')
    expect(tensor([true, 1]).dtype).toBe('float32')
    expect(tensor([]).dtype).toBe('float32')
    expect(full([2], true).dtype).toBe('bool')
    expect(oneHot(tensor([0], { dtype: 'uint8' }), 2).dtype).toBe('float32')
    const arrays = [
      new Float32Array(2), new Float64Array(2), new Int32Array(2), new Int16Array(2), new Uint16Array(2), new Uint8Array(2),
      new Uint8ClampedArray(2),
    ]
    expect(arrays.map((array) => tensor(array).dtype)).toEqual([
      'float32', 'float64', 'int32', 'int32', 'int32', 'uint8', 'uint8',
    ])
  })
})

describe('the shape of a result', () => {
  const shape = (...sizes: number[]): Tensor => zeros(sizes)

  // NumPy 2.2 gives these shapes.
  test('broadcasting', () => {
    expect(add(shape(2, 1, 3), shape(4, 1)).shape).toEqual([2, 4, 3])
    expect(add(shape(0), shape(1)).shape).toEqual([0])
    expect(add(shape(3, 0), 1).shape).toEqual([3, 0])
    expect(add(1, 2).shape).toEqual([])
    expect(where(shape(3, 1), shape(2), 1).shape).toEqual([3, 2])
  })

  test('matmul', () => {
    expect(matmul(shape(3), shape(3)).shape).toEqual([])
    expect(matmul(shape(2, 3), shape(3)).shape).toEqual([2])
    expect(matmul(shape(3), shape(3, 4)).shape).toEqual([4])
    expect(matmul(shape(5, 2, 3), shape(3, 4)).shape).toEqual([5, 2, 4])
    expect(matmul(shape(5, 1, 2, 3), shape(7, 3, 4)).shape).toEqual([5, 7, 2, 4])
    expect(matmul(shape(2, 3), shape(7, 3, 4)).shape).toEqual([7, 2, 4])
    expect(matmul(shape(5, 2, 3), shape(1, 1, 3, 4)).shape).toEqual([1, 5, 2, 4])
    expect(matmul(shape(2, 0), shape(0, 3)).shape).toEqual([2, 3])
    expect(matmul(shape(7, 2, 3), shape(3)).shape).toEqual([7, 2])
    expect(matmul(shape(3), shape(7, 3, 4)).shape).toEqual([7, 4])
  })

  test('reductions', () => {
    expect(sum(shape(2, 3, 4)).shape).toEqual([])
    expect(sum(shape(2, 3, 4), { axis: [0, -1] }).shape).toEqual([3])
    expect(sum(shape(2, 3, 4), { axis: 1, keepDims: true }).shape).toEqual([2, 1, 4])
    expect(sum(shape(2, 3), { axis: [] }).shape).toEqual([2, 3])
    expect(sum(shape(2, 0), { axis: 1 }).shape).toEqual([2])
    expect(argmax(shape(2, 3), { keepDims: true }).shape).toEqual([1, 1])
    expect(max(shape(2, 0), { axis: 0 }).shape).toEqual([0])
  })

  test('slices', () => {
    const x = shape(5, 6)
    expect(x.slice([[1, -1]]).shape).toEqual([3, 6])
    expect(x.slice([[-100, 100, 2], [null, null, -4]]).shape).toEqual([3, 2])
    expect(x.slice([[3, 1]]).shape).toEqual([0, 6])
    expect(x.slice([[3, 1, -1], -1]).shape).toEqual([2])
    expect(x.slice([undefined, [4, null, -3]]).shape).toEqual([5, 2])
    expect(x.slice([2, 3]).shape).toEqual([])
  })

  test('movement', () => {
    expect(shape(2, 3, 4).permute([2, 0, -2]).shape).toEqual([4, 2, 3])
    expect(shape(2, 3, 4).flatten({ start: 1 }).shape).toEqual([2, 12])
    expect(shape().flatten().shape).toEqual([1])
    expect(shape(1, 3, 1).squeeze().shape).toEqual([3])
    expect(shape(1, 3, 1).squeeze(-1).shape).toEqual([1, 3])
    expect(shape(2).unsqueeze(-1).shape).toEqual([2, 1])
    expect(shape(3, 1).expand([2, -1, 4]).shape).toEqual([2, 3, 4])
    expect(shape(2, 3).repeat(2, { axis: 1 }).shape).toEqual([2, 6])
    expect(shape(2, 3).tile([2, 1, 2]).shape).toEqual([2, 2, 6])
    expect(shape(2, 3).take(tensor([[0, 1], [1, 0]], { dtype: 'int32' }), { axis: 1 }).shape).toEqual([2, 2, 2])
    expect(shape(0, 3).reshape([3, -1]).shape).toEqual([3, 0])
  })
})
