import { describe, expect, test } from 'vitest'
import type { DType } from '../src/dtype.ts'
import type { WindowGeometry, WindowMode } from '../src/graph/geometry.ts'
import type {
  Access,
  ArgReduceKernel,
  ArgSortKernel,
  GatherKernel,
  RandomKernel,
  ScatterAddKernel,
  WindowKernel,
} from '../src/schedule/kernels.ts'
import { alone, exactValues, difference, randomNumbers, runKernel, shared } from './wasm-kernel-runner.ts'

// Every kernel is compared with the reference backend, bit by bit, on one thread and on two.

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)
const dense = (shape: readonly number[]): number[] => shape.map((_, axis) => product(shape.slice(axis + 1)))
const access = (slot: number, dtype: DType, strides: readonly number[], offset = 0): Access => ({
  slot,
  dtype,
  offset,
  strides,
})
const lanes = ['float32', 'int32', 'uint8'] as const

describe('argReduce', () => {
  const cases: [shape: number[], size: number, strides: number[]][] = [
    [[], 1, [1]],
    [[], 10_000, [1]],
    [[5], 7, [7, 1]],
    [[7], 5, [1, 7]],
    [[3, 4], 6, [24, 1, 4]],
    [[3000], 11, [11, 1]],
    [[40], 103, [103, 1]],
    [[6, 50], 70, [1, 420, 6]],
    [[], 9, [3]],
    [[4], 3, [0, -1]],
  ]
  test.each(cases)('over %j of %i elements with strides %j', (shape, size, strides) => {
    for (const dtype of [...lanes, 'float16'] as const) {
      for (const op of ['argmax', 'argmin'] as const) {
        const offset = strides.at(-1)! < 0 ? size - 1 : 0
        const kernel: ArgReduceKernel = {
          kind: 'argReduce',
          label: op,
          op,
          shape,
          size,
          load: access(1, dtype, strides, offset),
          store: access(0, 'int32', dense(shape)),
        }
        const x = exactValues(dtype, product(shape) * size + 8, randomNumbers(size))
        expect(difference(kernel, [{ dtype: 'int32', length: product(shape) }, x])).toBeUndefined()
      }
    }
  })

  test('the first NaN is the greatest and the least; −∞ and +∞ are found', () => {
    const rows = Float32Array.of(
      1,
      NaN,
      3,
      NaN,
      -Infinity,
      -Infinity,
      -Infinity,
      -Infinity,
      0,
      Infinity,
      1,
      2,
    )
    for (const op of ['argmax', 'argmin'] as const) {
      const kernel: ArgReduceKernel = {
        kind: 'argReduce',
        label: op,
        op,
        shape: [3],
        size: 4,
        load: access(1, 'float32', [4, 1]),
        store: access(0, 'int32', [1]),
      }
      expect(difference(kernel, [{ dtype: 'int32', length: 3 }, rows])).toBeUndefined()
    }
  })

  test('so they are in long rows, at any place', () => {
    const rows = new Float32Array(8 * 99).fill(2)
    rows.set([NaN], 3)
    rows.set([NaN, NaN], 99 + 97)
    rows.set([NaN, 5, NaN], 2 * 99 + 40)
    rows.set([7], 3 * 99 + 98)
    rows.fill(-Infinity, 4 * 99, 5 * 99)
    rows.fill(NaN, 5 * 99, 6 * 99)
    rows.set([-Infinity, 3, 3], 6 * 99 + 1)
    for (const op of ['argmax', 'argmin'] as const) {
      const kernel: ArgReduceKernel = {
        kind: 'argReduce',
        label: op,
        op,
        shape: [8],
        size: 99,
        load: access(1, 'float32', [99, 1]),
        store: access(0, 'int32', [1]),
      }
      expect(difference(kernel, [{ dtype: 'int32', length: 8 }, rows])).toBeUndefined()
    }
  })
})

/** Sizes of a pooling window. */
function geometry(
  planes: number,
  [H, W]: number[],
  [KH, KW]: number[],
  [SH, SW]: number[],
  padding = 0,
  dilation = 1,
): WindowGeometry {
  const output = (size: number, kernel: number, stride: number): number =>
    Math.floor((size + 2 * padding - dilation * (kernel - 1) - 1) / stride) + 1
  return {
    planes,
    inputHeight: H!,
    inputWidth: W!,
    kernelHeight: KH!,
    kernelWidth: KW!,
    strideHeight: SH!,
    strideWidth: SW!,
    outputHeight: output(H!, KH!, SH!),
    outputWidth: output(W!, KW!, SW!),
    dilationHeight: dilation,
    dilationWidth: dilation,
    paddingTop: padding,
    paddingLeft: padding,
  }
}

describe('window', () => {
  const geometries = [
    geometry(1, [4, 4], [2, 2], [2, 2]),
    geometry(3, [24, 24], [2, 2], [2, 2]),
    geometry(3, [13, 15], [2, 2], [2, 2]),
    geometry(70, [8, 12], [2, 2], [2, 2]),
    geometry(2, [9, 11], [3, 3], [2, 2], 1),
    geometry(2, [7, 19], [3, 2], [1, 1], 1),
    geometry(2, [13, 10], [3, 3], [1, 1], 0, 2),
    geometry(3, [12, 13], [4, 5], [3, 3], 2),
    geometry(150, [28, 28], [3, 3], [1, 1], 1),
    geometry(1, [3, 3], [3, 3], [3, 3]),
    // Wider than what is read as vectors.
    geometry(2, [3, 300], [2, 257], [1, 1], 1),
    // The last window of ceilMode reaches past the plane.
    { ...geometry(2, [5, 7], [2, 2], [2, 2]), outputHeight: 3, outputWidth: 4 },
  ]
  const modes: WindowMode[] = ['max', 'argmax', 'sum', 'spread']
  test.each(modes)('%s over any geometry', (mode) => {
    for (const g of geometries) {
      for (const dtype of lanes) {
        const [input, output] = [g.inputHeight * g.inputWidth, g.outputHeight * g.outputWidth].map(
          (size) => size * g.planes,
        ) as [number, number]
        const [from, to] = mode === 'spread' ? [output, input] : [input, output]
        const type = mode === 'argmax' ? 'int32' : dtype
        const kernel: WindowKernel = {
          kind: 'window',
          label: mode,
          mode,
          geometry: g,
          load: access(1, dtype, [1]),
          store: access(0, type, [1]),
        }
        expect(
          difference(kernel, [{ dtype: type, length: to }, exactValues(dtype, from, randomNumbers(from))]),
        ).toBeUndefined()
      }
    }
  })

  const withEdges = (): Float32Array => {
    const x = exactValues('float32', 2 * 64, randomNumbers(2)) as Float32Array
    x.fill(-Infinity, 0, 40)
    x[70] = x[77] = x[100] = x[101] = NaN
    return x
  }

  test('maxGradient over any geometry: to the first of equals, to NaN before all others', () => {
    for (const g of [...geometries, geometry(2, [8, 8], [2, 2], [2, 2]), geometry(2, [8, 8], [3, 3], [2, 2], 1)]) {
      const [input, output] = [g.inputHeight * g.inputWidth * g.planes, g.outputHeight * g.outputWidth * g.planes]
      const kernel: WindowKernel = {
        kind: 'window',
        label: 'maxGradient',
        mode: 'maxGradient',
        geometry: g,
        load: access(1, 'float32', [1]),
        gradient: access(2, 'float32', [1]),
        store: access(0, 'float32', [1]),
      }
      const x = input === 128 ? withEdges() : exactValues('float32', input, randomNumbers(input))
      const gradients = exactValues('float32', output, randomNumbers(output))
      expect(difference(kernel, [{ dtype: 'float32', length: input }, x, gradients])).toBeUndefined()
    }
  })

  test('NaN wins, and a window of −∞ has a first position', () => {
    const x = withEdges()
    const g = geometry(2, [8, 8], [3, 3], [2, 2], 1)
    for (const mode of ['max', 'argmax'] as const) {
      const type = mode === 'argmax' ? 'int32' : 'float32'
      const kernel: WindowKernel = {
        kind: 'window',
        label: mode,
        mode,
        geometry: g,
        load: access(1, 'float32', [1]),
        store: access(0, type, [1]),
      }
      expect(
        difference(kernel, [{ dtype: type, length: 2 * g.outputHeight * g.outputWidth }, x]),
      ).toBeUndefined()
    }
  })
})

/** Indices into an axis of `size`. */
const indices = (length: number, size: number, seed = 1): Int32Array => {
  const random = randomNumbers(seed)
  return Int32Array.from({ length }, () => Math.floor(random() * size))
}

describe('gather', () => {
  const cases: [
    name: string,
    shape: number[],
    axis: number,
    size: number,
    source: number[],
    index: number[],
  ][] = [
    ['elements of a row', [4, 6], 1, 9, [9, 1], [6, 1]],
    ['rows of a table', [50, 16], 0, 20, [16, 1], [1, 0]],
    ['rows of a table, transposed', [50, 16], 0, 20, [1, 20], [1, 0]],
    ['in the middle', [3, 5, 7], 1, 4, [28, 7, 1], [35, 7, 1]],
    ['one axis', [20_000], 0, 33, [1], [1]],
    ['nothing but one element', [1], 0, 3, [1], [1]],
  ]
  test.each(cases)('%s', (_, shape, axis, size, source, index) => {
    for (const dtype of [...lanes, 'float16', 'bool'] as const) {
      const kernel: GatherKernel = {
        kind: 'gather',
        label: 'gather',
        shape,
        axis,
        size,
        source: access(1, dtype, source),
        index: access(2, 'int32', index),
        store: access(0, dtype, dense(shape)),
      }
      const length = product(shape)
      expect(
        difference(kernel, [
          { dtype, length },
          exactValues(dtype, product(shape.with(axis, size)), randomNumbers(3)),
          indices(length, size),
        ]),
      ).toBeUndefined()
    }
  })

  test.each([-1, 5, 2 ** 31 - 1])('index %i is a fault of this kernel, and the rest is still read', (bad) => {
    const kernel: GatherKernel = {
      kind: 'gather',
      label: 'gather',
      shape: [4],
      axis: 0,
      size: 5,
      source: access(1, 'float32', [1]),
      index: access(2, 'int32', [1]),
      store: access(0, 'float32', [1]),
    }
    for (const backend of [alone, shared]) {
      const { fault, result } = runKernel(backend, kernel, [
        { dtype: 'float32', length: 4 },
        Float32Array.of(1, 2, 3, 4, 5),
        Int32Array.of(4, bad, 0, 1),
      ])
      expect(fault).toEqual({ kernel: 0 })
      expect([result[0], result[2], result[3]]).toEqual([5, 1, 2])
    }
  })
})

describe('scatterAdd', () => {
  const cases: [
    name: string,
    shape: number[],
    axis: number,
    size: number,
    updates: number[],
    index: number[],
  ][] = [
    ['along rows', [4, 6], 1, 9, [6, 1], [6, 1]],
    ['rows of a table', [50, 71], 0, 20, [71, 1], [1, 0]],
    ['rows of a table, one value each', [50, 71], 0, 20, [1, 0], [1, 0]],
    ['columns with indices of their own', [30, 70], 0, 5, [70, 1], [70, 1]],
    ['in the middle', [3, 5, 7], 1, 4, [35, 7, 1], [35, 7, 1]],
    ['two axes behind', [6, 3, 130], 0, 4, [390, 130, 1], [1, 0, 0]],
    ['many rows', [2000, 9], 1, 36, [9, 1], [9, 1]],
    ['one axis', [500], 0, 7, [1], [1]],
  ]
  test.each(cases)('%s', (_, shape, axis, size, updates, index) => {
    for (const dtype of lanes) {
      const target = shape.with(axis, size)
      const kernel: ScatterAddKernel = {
        kind: 'scatterAdd',
        label: 'scatterAdd',
        shape,
        axis,
        size,
        updates: access(1, dtype, updates),
        index: access(2, 'int32', index),
        store: access(0, dtype, dense(target)),
      }
      const length = product(shape)
      expect(
        difference(kernel, [
          { dtype, length: product(target) },
          exactValues(dtype, length, randomNumbers(3)),
          indices(length, size),
        ]),
      ).toBeUndefined()
    }
  })

  test('an index out of range is a fault of this kernel', () => {
    const kernel: ScatterAddKernel = {
      kind: 'scatterAdd',
      label: 'scatterAdd',
      shape: [3],
      axis: 0,
      size: 2,
      updates: access(1, 'float32', [1]),
      index: access(2, 'int32', [1]),
      store: access(0, 'float32', [1]),
    }
    expect(
      difference(kernel, [{ dtype: 'float32', length: 2 }, Float32Array.of(1, 2, 4), Int32Array.of(0, 2, 0)]),
    ).toBeUndefined()
  })
})

describe('cumulativeSum', () => {
  test.each([
    [1, 1, 1],
    [3, 100, 1],
    [2, 9, 5],
    [1000, 40, 1],
    [1, 300, 200],
    [3, 7, 4],
    [2, 50, 131],
    [1, 5, 515],
    [2, 0, 9],
  ])('of [%i, %i, %i]', (outer, size, inner) => {
    for (const dtype of ['float32', 'int32'] as const) {
      const length = outer * size * inner
      expect(
        difference(
          {
            kind: 'cumulativeSum',
            label: 'cumsum',
            outer,
            size,
            inner,
            load: access(1, dtype, [1]),
            store: access(0, dtype, [1]),
          },
          [{ dtype, length }, exactValues(dtype, length, randomNumbers(length))],
        ),
      ).toBeUndefined()
    }
  })
})

describe('argSort', () => {
  test.each([
    [1, 1],
    [1, 2],
    [3, 7],
    [2, 64],
    [5, 1000],
    [400, 33],
  ])('%i rows of %i, stable, up and down', (rows, size) => {
    for (const dtype of [...lanes, 'float16', 'bool'] as const) {
      for (const descending of [false, true]) {
        const kernel: ArgSortKernel = {
          kind: 'argSort',
          label: 'argsort',
          descending,
          rows,
          size,
          load: access(1, dtype, [1]),
          store: access(0, 'int32', [1]),
        }
        expect(
          difference(kernel, [
            { dtype: 'int32', length: rows * size },
            exactValues(dtype, rows * size, randomNumbers(size)),
          ]),
        ).toBeUndefined()
      }
    }
  })

  test('NaN is the greatest, −0 equals 0, infinities have their places', () => {
    const x = Float32Array.of(0, -0, NaN, Infinity, -Infinity, -0, 0, 1e-45, -1e-45, NaN, 3e38, -3e38)
    for (const descending of [false, true]) {
      const kernel: ArgSortKernel = {
        kind: 'argSort',
        label: 'argsort',
        descending,
        rows: 1,
        size: x.length,
        load: access(1, 'float32', [1]),
        store: access(0, 'int32', [1]),
      }
      expect(difference(kernel, [{ dtype: 'int32', length: x.length }, x])).toBeUndefined()
    }
  })
})

describe('random', () => {
  test.each([1, 3, 4, 6, 1001, 50_000])('%i elements, as bits and as numbers', (count) => {
    for (const key of [
      Int32Array.of(0, 0, 0, 0),
      Int32Array.of(-1, 7, -2, 12),
      Int32Array.of(1, 2, -1, -1),
    ]) {
      for (const form of ['bits', 'uniform'] as const) {
        const dtype = form === 'bits' ? 'int32' : 'float32'
        const kernel: RandomKernel = {
          kind: 'random',
          label: form,
          form,
          count,
          key: access(1, 'int32', [1]),
          store: access(0, dtype, [1]),
        }
        expect(difference(kernel, [{ dtype, length: count }, key])).toBeUndefined()
      }
    }
  })

  test('gives the known answers of Random123', () => {
    // kat_vectors of Random123, "philox4x32 10": counter and key 0.
    const kernel: RandomKernel = {
      kind: 'random',
      label: 'bits',
      form: 'bits',
      count: 4,
      key: access(1, 'int32', [1]),
      store: access(0, 'int32', [1]),
    }
    const { result } = runKernel(shared, kernel, [{ dtype: 'int32', length: 4 }, new Int32Array(4)])
    expect([...result].map((word) => (word >>> 0).toString(16))).toEqual([
      '6627e8d5',
      'e169c58d',
      'bc57ac4c',
      '9b00dbd8',
    ])
  })
})
