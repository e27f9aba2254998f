import { describe, expect, test } from 'vitest'
import type { DType } from '../src/dtype.ts'
import { BackendError } from '../src/errors.ts'
import type { ConvolutionGeometry, WindowGeometry } from '../src/graph/geometry.ts'
import type { Kernel, Load, WindowKernel } from '../src/schedule/kernels.ts'
import { access, accumulated, body, runKernel, slot } from './reference-runner.ts'

// Expected numbers are calculated by hand unless a comment names another source.

describe('kernels', () => {
  test('map: strides transpose, 0 repeats, negative ones flip, bounds fill, where chooses', () => {
    // x = [[1, 2, 3], [4, 5, 6]] read transposed and flipped along its rows; y = [10, 20] repeated.
    const loads: Load[] = [
      access(1, 'float32', [-1, 3], 2),
      access(2, 'float32', [0, 1]),
      { ...access(1, 'float32', [3, 0], -3), bounds: [{ axis: 0, low: 1, high: 3 }], fill: 0 },
    ]
    const sum = body(
      loads,
      { op: 'load', dtype: 'float32', load: 0 },
      { op: 'load', dtype: 'float32', load: 1 },
      { op: 'add', dtype: 'float32', args: [0, 1] },
    )
    const store = access(0, 'float32', [2, 1])
    const inputs = [slot('float32', 1, 2, 3, 4, 5, 6), slot('float32', 10, 20)]
    const kernel: Kernel = { kind: 'map', label: '', shape: [3, 2], body: sum, store }
    expect(runKernel(kernel, 'float32', 6, inputs)).toEqual([13, 26, 12, 25, 11, 24])
    const padded = body(loads, { op: 'load', dtype: 'float32', load: 2 })
    expect(runKernel({ ...kernel, body: padded }, 'float32', 6, inputs, [7])).toEqual([7, 7, 1, 1, 4, 4])
    const chosen = body(
      [],
      { op: 'index', dtype: 'int32', axis: 0 },
      { op: 'value', dtype: 'int32', value: 0 },
      { op: 'less', dtype: 'bool', args: [0, 1] },
      { op: 'where', dtype: 'int32', args: [2, 1, 0] },
    )
    const integers = { ...kernel, body: chosen, store: access(0, 'int32', [2, 1]) }
    expect(runKernel(integers, 'int32', 6, [], [1])).toEqual([1, 1, 1, 1, 2, 2])
  })

  test('reduce: prologue over both spaces, epilogue over the result', () => {
    // √(Σⱼ x²) of each row of [[3, 4], [5, 12]]
    const prologue = body(
      [access(1, 'float32', [2, 1])],
      { op: 'load', dtype: 'float32', load: 0 },
      { op: 'mul', dtype: 'float32', args: [0, 0] },
    )
    const epilogue = body(
      [],
      { op: 'accumulator', dtype: 'float32' },
      { op: 'sqrt', dtype: 'float32', args: [0] },
    )
    const store = access(0, 'float32', [1])
    const kernel: Kernel = {
      kind: 'reduce',
      label: '',
      op: 'sum',
      shape: [2],
      reduced: [2],
      prologue,
      epilogue,
      store,
    }
    expect(runKernel(kernel, 'float32', 2, [slot('float32', 3, 4, 5, 12)])).toEqual([5, 13])
  })

  test('reduce: nothing gives the neutral element, one NaN gives NaN', () => {
    const reduce = (op: 'sum' | 'prod' | 'max' | 'min', dtype: DType, ...data: number[]) => {
      const prologue = body([access(1, dtype, [1])], { op: 'load', dtype, load: 0 })
      const store = access(0, dtype, [])
      const kernel: Kernel = {
        kind: 'reduce',
        label: '',
        op,
        shape: [],
        reduced: [data.length],
        prologue,
        epilogue: accumulated(dtype),
        store,
      }
      return runKernel(kernel, dtype, 1, [slot(dtype, ...data)])[0]
    }
    expect([
      reduce('sum', 'float32'),
      reduce('prod', 'float32'),
      reduce('max', 'float32'),
      reduce('min', 'float32'),
    ]).toEqual([0, 1, -Infinity, Infinity])
    expect([
      reduce('max', 'int32'),
      reduce('min', 'int32'),
      reduce('max', 'bool'),
      reduce('min', 'bool'),
    ]).toEqual([-(2 ** 31), 2 ** 31 - 1, 0, 1])
    expect([reduce('max', 'float32', 1, NaN, 3), reduce('min', 'float32', NaN, 1)]).toEqual([NaN, NaN])
    expect([reduce('sum', 'int32', 2 ** 31 - 1, 1), reduce('prod', 'int32', 65537, 65537)]).toEqual([
      -(2 ** 31),
      131073,
    ])
    expect([reduce('max', 'bool', 0, 1), reduce('min', 'bool', 0, 1)]).toEqual([1, 0])
  })

  test('argReduce: the first of equals, the first NaN', () => {
    const kernel: Kernel = {
      kind: 'argReduce',
      label: '',
      op: 'argmax',
      shape: [3],
      size: 3,
      load: access(1, 'float32', [3, 1]),
      store: access(0, 'int32', [1]),
    }
    const data = slot('float32', 1, 5, 5, 2, NaN, NaN, 0, -1, -1)
    expect(runKernel(kernel, 'int32', 3, [data])).toEqual([1, 1, 0])
    expect(runKernel({ ...kernel, op: 'argmin' }, 'int32', 3, [data])).toEqual([0, 1, 1])
  })

  test('matmul: any strides, batches, an epilogue', () => {
    // [[1, 2], [3, 4]] · [[5, 6], [7, 8]]ᵀ = [[17, 23], [39, 53]], and the same left matrix times twice the
    // right one
    const kernel: Kernel = {
      kind: 'matmul',
      label: '',
      batch: [2],
      m: 2,
      n: 2,
      k: 2,
      left: access(1, 'float32', [0, 2, 1]),
      right: access(2, 'float32', [4, 1, 2]),
      store: access(0, 'float32', [4, 2, 1]),
      epilogue: body(
        [access(3, 'float32', [0, 0, 1])],
        { op: 'accumulator', dtype: 'float32' },
        { op: 'load', dtype: 'float32', load: 0 },
        { op: 'add', dtype: 'float32', args: [0, 1] },
      ),
    }
    const inputs = [
      slot('float32', 1, 2, 3, 4),
      slot('float32', 5, 6, 7, 8, 10, 12, 14, 16),
      slot('float32', 100, 200),
    ]
    expect(runKernel(kernel, 'float32', 8, inputs)).toEqual([117, 223, 139, 253, 134, 246, 178, 306])
  })

  const geometry: ConvolutionGeometry = {
    batch: 1,
    groups: 1,
    inputChannels: 1,
    outputChannels: 1,
    inputHeight: 3,
    inputWidth: 3,
    kernelHeight: 2,
    kernelWidth: 2,
    outputHeight: 2,
    outputWidth: 2,
    strideHeight: 2,
    strideWidth: 2,
    dilationHeight: 1,
    dilationWidth: 1,
    paddingTop: 1,
    paddingLeft: 1,
  }
  const image = slot('float32', 1, 2, 3, 4, 5, 6, 7, 8, 9)
  const dense = (slot: number) => access(slot, 'float32', [1, 1, 1, 1])

  test('convolution: forward and both gradients of a strided, padded one', () => {
    // Windows of the padded image: [[0, 0], [0, 1]], [[0, 0], [2, 3]], [[0, 4], [0, 7]], [[5, 6], [8, 9]]
    const common = {
      kind: 'convolution',
      label: '',
      geometry,
      left: dense(1),
      right: dense(2),
      epilogue: accumulated('float32'),
    } as const
    const weight = slot('float32', 1, 10, 100, 1000)
    const gradient = slot('float32', 1, 2, 3, 4)
    const to = (width: number) => access(0, 'float32', [width * width, width * width, width, 1])
    expect(runKernel({ ...common, mode: 'forward', store: to(2) }, 'float32', 4, [image, weight])).toEqual([
      1000, 3200, 7040, 9865,
    ])
    // Each pixel belongs to one window: its gradient is that window's times its weight.
    expect(
      runKernel({ ...common, mode: 'inputGradient', store: to(3) }, 'float32', 9, [gradient, weight]),
    ).toEqual([1000, 200, 2000, 30, 4, 40, 3000, 400, 4000])
    expect(
      runKernel({ ...common, mode: 'weightGradient', store: to(2) }, 'float32', 4, [image, gradient]),
    ).toEqual([20, 36, 36, 64])
  })

  test('convolution: channels mix inside of their group alone; dilation spreads the taps', () => {
    // Two groups of one channel each; taps at columns 0 and 2.
    const grouped: ConvolutionGeometry = {
      ...geometry,
      groups: 2,
      inputChannels: 2,
      outputChannels: 2,
      inputHeight: 1,
      inputWidth: 3,
      kernelHeight: 1,
      outputHeight: 1,
      outputWidth: 1,
      strideHeight: 1,
      strideWidth: 1,
      dilationWidth: 2,
      paddingTop: 0,
      paddingLeft: 0,
    }
    const kernel: Kernel = {
      kind: 'convolution',
      label: '',
      mode: 'forward',
      geometry: grouped,
      left: dense(1),
      right: dense(2),
      epilogue: accumulated('float32'),
      store: access(0, 'float32', [2, 1, 1, 1]),
    }
    const inputs = [slot('float32', 1, 2, 3, 4, 5, 6), slot('float32', 1, 10, 100, 1000)]
    expect(runKernel(kernel, 'float32', 2, inputs)).toEqual([31, 6400])
  })

  test('window: max, argmax, sum, spread and the gradient of max', () => {
    const { batch, groups, inputChannels, outputChannels, ...sizes } = geometry
    const window: WindowGeometry = { ...sizes, planes: 1 }
    const kernel = (mode: WindowKernel['mode']): WindowKernel => ({
      kind: 'window',
      label: '',
      mode,
      geometry: window,
      load: dense(1),
      store: access(0, mode === 'argmax' ? 'int32' : 'float32', [1]),
    })
    expect([batch, groups, inputChannels, outputChannels]).toEqual([1, 1, 1, 1])
    expect(runKernel(kernel('max'), 'float32', 4, [image])).toEqual([1, 3, 7, 9])
    expect(runKernel(kernel('argmax'), 'int32', 4, [image])).toEqual([0, 2, 6, 8])
    expect(runKernel(kernel('sum'), 'float32', 4, [image])).toEqual([1, 5, 11, 28])
    expect(runKernel(kernel('spread'), 'float32', 9, [slot('float32', 1, 2, 3, 4)])).toEqual([
      1, 2, 2, 3, 4, 4, 3, 4, 4,
    ])
    const holes = slot('float32', NaN, -5, -5, -9, NaN, 2, 3, NaN, NaN)
    expect(runKernel(kernel('argmax'), 'int32', 4, [holes])).toEqual([0, 1, 6, 4])
    const gradient = { ...kernel('maxGradient'), gradient: dense(2) }
    const four = slot('float32', 1, 2, 3, 4)
    expect(runKernel(gradient, 'float32', 9, [image, four])).toEqual([1, 0, 2, 0, 0, 0, 3, 0, 4])
    expect(runKernel(gradient, 'float32', 9, [holes, four])).toEqual([1, 2, 0, 0, 4, 0, 3, 0, 0])
  })

  test('gather and scatterAdd, and the faults of both', () => {
    const gather: Kernel = {
      kind: 'gather',
      label: '',
      shape: [2, 2],
      axis: 0,
      size: 3,
      source: access(1, 'float32', [2, 1]),
      index: access(2, 'int32', [2, 1]),
      store: access(0, 'float32', [2, 1]),
    }
    const x = slot('float32', 1, 2, 3, 4, 5, 6)
    expect(runKernel(gather, 'float32', 4, [x, slot('int32', 2, 0, 1, 1)])).toEqual([5, 2, 3, 4])
    expect(() => runKernel(gather, 'float32', 4, [x, slot('int32', 2, 0, 1, 3)])).toThrow(
      'fault {"kernel":0}',
    )
    expect(() => runKernel(gather, 'float32', 4, [x, slot('int32', 2, 0, 1, -1)])).toThrow(
      'fault {"kernel":0}',
    )
    const scatter: Kernel = {
      kind: 'scatterAdd',
      label: '',
      shape: [2, 2],
      axis: 0,
      size: 3,
      updates: access(1, 'float32', [2, 1]),
      index: access(2, 'int32', [2, 1]),
      store: access(0, 'float32', [2, 1]),
    }
    const updates = slot('float32', 1, 2, 3, 4)
    expect(runKernel(scatter, 'float32', 6, [updates, slot('int32', 2, 0, 2, 1)])).toEqual([0, 2, 0, 4, 4, 0])
    expect(() => runKernel(scatter, 'float32', 6, [updates, slot('int32', 2, 0, 2, 3)])).toThrow(
      'fault {"kernel":0}',
    )
  })

  test('cumulativeSum along a middle axis', () => {
    const kernel: Kernel = {
      kind: 'cumulativeSum',
      label: '',
      outer: 2,
      size: 2,
      inner: 2,
      load: access(1, 'int32', []),
      store: access(0, 'int32', []),
    }
    expect(runKernel(kernel, 'int32', 8, [slot('int32', 1, 2, 3, 4, 5, 6, 7, 8)])).toEqual([
      1, 2, 4, 6, 5, 6, 12, 14,
    ])
  })

  test('argSort: stable, NaN last, or first when descending', () => {
    const kernel: Kernel = {
      kind: 'argSort',
      label: '',
      rows: 2,
      size: 4,
      descending: false,
      load: access(1, 'float32', []),
      store: access(0, 'int32', []),
    }
    const data = slot('float32', 2, NaN, 1, 2, 3, 3, -Infinity, Infinity)
    expect(runKernel(kernel, 'int32', 8, [data])).toEqual([2, 0, 3, 1, 2, 0, 1, 3])
    expect(runKernel({ ...kernel, descending: true }, 'int32', 8, [data])).toEqual([1, 0, 3, 2, 3, 0, 1, 2])
  })

  test('random: the known answers of Philox 4×32-10', () => {
    // Random123, kat_vectors: counter 0 and key 0; counter and key all ones are not ours, as the upper
    // counter words are 0.
    const kernel: Kernel = {
      kind: 'random',
      label: '',
      form: 'bits',
      count: 5,
      key: access(1, 'int32', []),
      store: access(0, 'int32', []),
    }
    const words = runKernel(kernel, 'int32', 5, [slot('int32', 0, 0, 0, 0)]).map((word) =>
      (word >>> 0).toString(16),
    )
    expect(words.slice(0, 4)).toEqual(['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8'])
    const next = runKernel({ ...kernel, count: 1 }, 'int32', 1, [slot('int32', 0, 0, 1, 0)])
    expect((next[0]! >>> 0).toString(16)).toBe(words[4])
    const uniform: Kernel = { ...kernel, form: 'uniform', count: 1, store: access(0, 'float32', []) }
    expect(runKernel(uniform, 'float32', 1, [slot('int32', 0, 0, 0, 0)])).toEqual([0x6627e8 / 2 ** 24])
  })

  test('a kernel that leaves its memory is refused', () => {
    const beyond = body([access(1, 'float32', [1], 16)], { op: 'load', dtype: 'float32', load: 0 })
    const kernel: Kernel = {
      kind: 'map',
      label: '',
      shape: [1],
      body: beyond,
      store: access(0, 'float32', [1]),
    }
    const message = 'reference: a kernel reads element 16 of a slot with 16 elements'
    expect(() => runKernel(kernel, 'float32', 1, [slot('float32', 1)])).toThrow(new BackendError(message))
  })
})
