import { describe, expect, test } from 'vitest'
import { createReferenceBackend } from '../src/backends/reference/index.ts'
import { erf } from '../src/backends/reference/error-function.ts'
import { type DType, type TypedArray, bytesPerElement, viewOf } from '../src/dtype.ts'
import { BackendError } from '../src/errors.ts'
import { fromFloat16, toFloat16 } from '../src/float16.ts'
import type { ConvolutionGeometry, WindowGeometry } from '../src/graph/geometry.ts'
import type { Access, Body, Instruction, Kernel, Load } from '../src/schedule/kernels.ts'

// Expected numbers are calculated by hand unless a comment names another source.

interface Slot {
  readonly dtype: DType
  readonly data: readonly number[]
}

const slot = (dtype: DType, ...data: number[]): Slot => ({ dtype, data })

/** Runs one kernel whose store is slot 0, `size` elements of `dtype`; the other slots are inputs. */
function runKernel(kernel: Kernel, result: DType, size: number, inputs: readonly Slot[], values: number[] = []): number[] {
  const backend = createReferenceBackend()
  const bytes = (count: number, dtype: DType) => Math.max(Math.ceil((count * bytesPerElement(dtype)) / 64) * 64, 64)
  const buffers = [backend.allocate(bytes(size, result))]
  for (const { dtype, data } of inputs) {
    const buffer = backend.allocate(bytes(data.length, dtype))
    const array = new { float32: Float32Array, float64: Float64Array, float16: Uint16Array, int32: Int32Array, uint8: Uint8Array, bool: Uint8Array }[dtype](data)
    backend.upload(buffer, new Uint8Array(array.buffer))
    buffers.push(buffer)
  }
  const slots = buffers.map((buffer, k) => ({ kind: k === 0 ? ('output' as const) : ('input' as const), bytes: buffer.bytes }))
  const executable = backend.compile({ slots, kernels: [kernel], arenaBytes: 0, values: values.length })
  const fault = backend.run(executable, buffers, values)
  if (fault !== undefined) throw new Error(`fault ${JSON.stringify(fault)}`)
  const raw = backend.download(buffers[0]!, size * bytesPerElement(result)) as Uint8Array
  const read: TypedArray = viewOf(result, raw.buffer, raw.byteOffset, size)
  return [...read]
}

const access = (slot: number, dtype: DType, strides: number[], offset = 0): Access => ({ slot, dtype, offset, strides })
const body = (loads: Load[], ...instructions: Instruction[]): Body => ({ loads, instructions })
const accumulated = (dtype: DType): Body => body([], { op: 'accumulator', dtype })

/** A Map over one axis that applies one instruction to its loads. */
function elementwise(instruction: Instruction, operands: readonly Slot[]): number[] {
  const size = operands[0]!.data.length
  const loads = operands.map(({ dtype }, k) => access(k + 1, dtype, [1]))
  const reads = operands.map(({ dtype }, load): Instruction => ({ op: 'load', dtype, load }))
  const store = access(0, instruction.dtype, [1])
  return runKernel({ kind: 'map', label: 'test', shape: [size], body: body(loads, ...reads, instruction), store }, instruction.dtype, size, operands)
}

const unary = (op: Instruction['op'], dtype: DType, ...data: number[]): number[] =>
  elementwise({ op, dtype, args: [0] } as Instruction, [slot(dtype, ...data)])
const binary = (op: Instruction['op'], dtype: DType, a: number[], b: number[], result = dtype): number[] =>
  elementwise({ op, dtype: result, args: [0, 1] } as Instruction, [slot(dtype, ...a), slot(dtype, ...b)])
const cast = (from: DType, to: DType, ...data: number[]): number[] =>
  elementwise({ op: 'cast', dtype: to, args: [0] }, [slot(from, ...data)])

describe('scalar functions', () => {
  test('round takes halves to the even number', () => {
    expect(unary('round', 'float64', 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 2.4, -2.6, 2 ** 52 + 1)).toEqual([0, 2, 2, -0, -2, -2, 2, -3, 2 ** 52 + 1])
  })

  test('relu and sign keep NaN', () => {
    expect(unary('relu', 'float32', -1, 0, 2, NaN)).toEqual([0, 0, 2, NaN])
    expect(unary('sign', 'float32', -3, 0, 2, NaN)).toEqual([-1, 0, 1, NaN])
  })

  test('floorDiv and mod follow the sign of the divisor', () => {
    expect(binary('floorDiv', 'float64', [7, -7, 7, -7, 1, -1], [3, 3, -3, -3, 0, Infinity])).toEqual([2, -3, -3, 2, Infinity, -1])
    expect(binary('mod', 'float64', [7, -7, 7, -7, 1, -1], [3, 3, -3, -3, 0, Infinity])).toEqual([1, 2, -2, -1, NaN, Infinity])
    // 1 / 0.1 rounds up to 10, yet ten times 0.1 exceeds 1 (0.1 is a little more than a tenth).
    expect(binary('floorDiv', 'float64', [1], [0.1])).toEqual([9])
    expect(binary('floorDiv', 'int32', [7, -7, 7, -7, 1], [3, 3, -3, -3, 0])).toEqual([2, -3, -3, 2, 0])
    expect(binary('mod', 'int32', [7, -7, 7, -7, 1], [3, 3, -3, -3, 0])).toEqual([1, 2, -2, -1, 0])
  })

  test('pow has 1 where the C library has it', () => {
    expect(binary('pow', 'float64', [1, -1, 2, 0, -8], [NaN, Infinity, 10, 0, 1 / 3])).toEqual([1, 1, 1024, 1, NaN])
  })

  test('max and min give NaN if either side is NaN', () => {
    expect(binary('max', 'float32', [1, NaN, 1], [2, 1, NaN])).toEqual([2, NaN, NaN])
    expect(binary('min', 'float32', [1, NaN, 1], [2, 1, NaN])).toEqual([1, NaN, NaN])
  })

  test('integers wrap around', () => {
    expect(binary('add', 'int32', [2 ** 31 - 1], [1])).toEqual([-(2 ** 31)])
    // 65537² = 2³² + 2¹⁷ + 1
    expect(binary('mul', 'int32', [65537, -3], [65537, 5])).toEqual([131073, -15])
    expect(unary('neg', 'int32', -(2 ** 31))).toEqual([-(2 ** 31)])
    expect(binary('add', 'uint8', [250], [10])).toEqual([4])
    expect(binary('sub', 'uint8', [1], [2])).toEqual([255])
    expect(binary('mul', 'uint8', [20], [20])).toEqual([144])
  })

  test('comparisons and logic give bool', () => {
    expect(binary('less', 'float32', [1, 2, NaN], [2, 2, 1], 'bool')).toEqual([1, 0, 0])
    expect(binary('lessEqual', 'float32', [1, 2, NaN], [2, 2, NaN], 'bool')).toEqual([1, 1, 0])
    expect(binary('equal', 'int32', [1, 2], [2, 2], 'bool')).toEqual([0, 1])
    expect(binary('xor', 'bool', [0, 0, 1, 1], [0, 1, 0, 1])).toEqual([0, 1, 1, 0])
    expect(unary('not', 'bool', 0, 1)).toEqual([1, 0])
  })

  test('the error function agrees with published tables', () => {
    // Abramowitz & Stegun, Handbook of Mathematical Functions, table 7.1 (ten decimals).
    const table = [[0.02, 0.0225645747], [0.5, 0.5204998778], [1, 0.8427007929], [1.5, 0.9661051465], [2, 0.9953222650]] as const
    for (const [x, expected] of table) {
      expect(erf(x)).toBeCloseTo(expected, 10)
      expect(erf(-x)).toBe(-erf(x))
    }
    expect([erf(0), erf(-0), erf(Infinity), erf(-Infinity), erf(NaN), erf(6.5)]).toEqual([0, -0, 1, -1, NaN, 1])
  })
})

describe('conversions', () => {
  test('floats lose their fraction and stop at the ends of int32', () => {
    expect(cast('float32', 'int32', 1.9, -1.9, 3e9, -3e9, NaN, Infinity)).toEqual([1, -1, 2 ** 31 - 1, -(2 ** 31), 0, 2 ** 31 - 1])
  })

  test('uint8 keeps the low byte, bool asks for non-zero', () => {
    expect(cast('float32', 'uint8', 3.7, 257, -1)).toEqual([3, 1, 255])
    expect(cast('int32', 'uint8', 256, -1)).toEqual([0, 255])
    expect(cast('float32', 'bool', 0, -0, 0.5, NaN)).toEqual([0, 0, 1, 1])
  })

  test('an integer that float32 cannot hold is rounded', () => {
    expect(cast('int32', 'float32', 2 ** 24 + 1, 2 ** 24 + 3)).toEqual([2 ** 24, 2 ** 24 + 4])
  })

  test('half precision: every pattern survives, and what lies between goes to the even neighbour', () => {
    const patterns = Array.from({ length: 0x10000 }, (_, bits) => bits).filter((bits) => !Number.isNaN(fromFloat16(bits)))
    expect(patterns).toHaveLength(0x10000 - 2 * 1023)
    expect(patterns.map((bits) => toFloat16(fromFloat16(bits)))).toEqual(patterns)
    // IEEE 754 binary16: 1 + 2⁻¹¹ lies halfway between 1 and 1 + 2⁻¹⁰.
    expect([1 + 2 ** -11, 1 + 3 * 2 ** -11, 65519, 65520, 2 ** -25, 2 ** -25 * 1.001].map(toFloat16)).toEqual([
      0x3c00, 0x3c02, 0x7bff, 0x7c00, 0, 1,
    ])
    expect(cast('float16', 'float32', 0x3c00, 0xc000, 0x0001, 0x7c00)).toEqual([1, -2, 2 ** -24, Infinity])
    expect(cast('float32', 'float16', 1, -2, 0.1)).toEqual([0x3c00, 0xc000, 0x2e66])
  })
})

describe('kernels', () => {
  test('map: strides transpose, 0 repeats, negative ones flip, bounds fill, where chooses', () => {
    // x = [[1, 2, 3], [4, 5, 6]] read transposed and flipped along its rows; y = [10, 20] repeated.
    const loads: Load[] = [
      access(1, 'float32', [-1, 3], 2),
      access(2, 'float32', [0, 1]),
      { ...access(1, 'float32', [3, 0], -3), bounds: [{ axis: 0, low: 1, high: 3 }], fill: 0 },
    ]
    const sum = body(
      loads, { op: 'load', dtype: 'float32', load: 0 }, { op: 'load', dtype: 'float32', load: 1 },
      { op: 'add', dtype: 'float32', args: [0, 1] },
    )
    const store = access(0, 'float32', [2, 1])
    const inputs = [slot('float32', 1, 2, 3, 4, 5, 6), slot('float32', 10, 20)]
    const kernel: Kernel = { kind: 'map', label: '', shape: [3, 2], body: sum, store }
    expect(runKernel(kernel, 'float32', 6, inputs)).toEqual([13, 26, 12, 25, 11, 24])
    const padded = body(loads, { op: 'load', dtype: 'float32', load: 2 })
    expect(runKernel({ ...kernel, body: padded }, 'float32', 6, inputs, [7])).toEqual([7, 7, 1, 1, 4, 4])
    const chosen = body(
      [], { op: 'index', dtype: 'int32', axis: 0 }, { op: 'value', dtype: 'int32', value: 0 },
      { op: 'less', dtype: 'bool', args: [0, 1] }, { op: 'where', dtype: 'int32', args: [2, 1, 0] },
    )
    const integers = { ...kernel, body: chosen, store: access(0, 'int32', [2, 1]) }
    expect(runKernel(integers, 'int32', 6, [], [1])).toEqual([1, 1, 1, 1, 2, 2])
  })

  test('reduce: prologue over both spaces, epilogue over the result', () => {
    // √(Σⱼ x²) of each row of [[3, 4], [5, 12]]
    const prologue = body(
      [access(1, 'float32', [2, 1])], { op: 'load', dtype: 'float32', load: 0 }, { op: 'mul', dtype: 'float32', args: [0, 0] },
    )
    const epilogue = body([], { op: 'accumulator', dtype: 'float32' }, { op: 'sqrt', dtype: 'float32', args: [0] })
    const store = access(0, 'float32', [1])
    const kernel: Kernel = { kind: 'reduce', label: '', op: 'sum', shape: [2], reduced: [2], prologue, epilogue, store }
    expect(runKernel(kernel, 'float32', 2, [slot('float32', 3, 4, 5, 12)])).toEqual([5, 13])
  })

  test('reduce: nothing gives the neutral element, one NaN gives NaN', () => {
    const reduce = (op: 'sum' | 'prod' | 'max' | 'min', dtype: DType, ...data: number[]) => {
      const prologue = body([access(1, dtype, [1])], { op: 'load', dtype, load: 0 })
      const store = access(0, dtype, [])
      const kernel: Kernel = { kind: 'reduce', label: '', op, shape: [], reduced: [data.length], prologue, epilogue: accumulated(dtype), store }
      return runKernel(kernel, dtype, 1, [slot(dtype, ...data)])[0]
    }
    expect([reduce('sum', 'float32'), reduce('prod', 'float32'), reduce('max', 'float32'), reduce('min', 'float32')]).toEqual([0, 1, -Infinity, Infinity])
    expect([reduce('max', 'int32'), reduce('min', 'int32'), reduce('max', 'bool'), reduce('min', 'bool')]).toEqual([-(2 ** 31), 2 ** 31 - 1, 0, 1])
    expect([reduce('max', 'float32', 1, NaN, 3), reduce('min', 'float32', NaN, 1)]).toEqual([NaN, NaN])
    expect([reduce('sum', 'int32', 2 ** 31 - 1, 1), reduce('prod', 'int32', 65537, 65537)]).toEqual([-(2 ** 31), 131073])
    expect([reduce('max', 'bool', 0, 1), reduce('min', 'bool', 0, 1)]).toEqual([1, 0])
  })

  test('argReduce: the first of equals, the first NaN', () => {
    const kernel: Kernel = { kind: 'argReduce', label: '', op: 'argmax', shape: [3], size: 3, load: access(1, 'float32', [3, 1]), store: access(0, 'int32', [1]) }
    const data = slot('float32', 1, 5, 5, 2, NaN, NaN, 0, -1, -1)
    expect(runKernel(kernel, 'int32', 3, [data])).toEqual([1, 1, 0])
    expect(runKernel({ ...kernel, op: 'argmin' }, 'int32', 3, [data])).toEqual([0, 1, 1])
  })

  test('matmul: any strides, batches, an epilogue', () => {
    // [[1, 2], [3, 4]] · [[5, 6], [7, 8]]ᵀ = [[17, 23], [39, 53]], and the same left matrix times twice the right one
    const kernel: Kernel = {
      kind: 'matmul', label: '', batch: [2], m: 2, n: 2, k: 2,
      left: access(1, 'float32', [0, 2, 1]), right: access(2, 'float32', [4, 1, 2]), store: access(0, 'float32', [4, 2, 1]),
      epilogue: body(
        [access(3, 'float32', [0, 0, 1])], { op: 'accumulator', dtype: 'float32' }, { op: 'load', dtype: 'float32', load: 0 },
        { op: 'add', dtype: 'float32', args: [0, 1] },
      ),
    }
    const inputs = [slot('float32', 1, 2, 3, 4), slot('float32', 5, 6, 7, 8, 10, 12, 14, 16), slot('float32', 100, 200)]
    expect(runKernel(kernel, 'float32', 8, inputs)).toEqual([117, 223, 139, 253, 134, 246, 178, 306])
  })

  const geometry: ConvolutionGeometry = {
    batch: 1, groups: 1, inputChannels: 1, outputChannels: 1, inputHeight: 3, inputWidth: 3, kernelHeight: 2, kernelWidth: 2,
    outputHeight: 2, outputWidth: 2, strideHeight: 2, strideWidth: 2, dilationHeight: 1, dilationWidth: 1, paddingTop: 1,
    paddingLeft: 1,
  }
  const image = slot('float32', 1, 2, 3, 4, 5, 6, 7, 8, 9)
  const dense = (slot: number) => access(slot, 'float32', [1, 1, 1, 1])

  test('convolution: forward and both gradients of a strided, padded one', () => {
    // Windows of the padded image: [[0, 0], [0, 1]], [[0, 0], [2, 3]], [[0, 4], [0, 7]], [[5, 6], [8, 9]]
    const common = { kind: 'convolution', label: '', geometry, left: dense(1), right: dense(2), epilogue: accumulated('float32') } as const
    const weight = slot('float32', 1, 10, 100, 1000)
    const gradient = slot('float32', 1, 2, 3, 4)
    const to = (width: number) => access(0, 'float32', [width * width, width * width, width, 1])
    expect(runKernel({ ...common, mode: 'forward', store: to(2) }, 'float32', 4, [image, weight])).toEqual([1000, 3200, 7040, 9865])
    // Each pixel belongs to one window: its gradient is that window's times its weight.
    expect(runKernel({ ...common, mode: 'inputGradient', store: to(3) }, 'float32', 9, [gradient, weight])).toEqual([
      1000, 200, 2000, 30, 4, 40, 3000, 400, 4000,
    ])
    expect(runKernel({ ...common, mode: 'weightGradient', store: to(2) }, 'float32', 4, [image, gradient])).toEqual([
      20, 36, 36, 64,
    ])
  })

  test('convolution: channels mix inside of their group alone; dilation spreads the taps', () => {
    // Two groups of one channel each; taps at columns 0 and 2.
    const grouped: ConvolutionGeometry = {
      ...geometry, groups: 2, inputChannels: 2, outputChannels: 2, inputHeight: 1, inputWidth: 3, kernelHeight: 1,
      outputHeight: 1, outputWidth: 1, strideHeight: 1, strideWidth: 1, dilationWidth: 2, paddingTop: 0, paddingLeft: 0,
    }
    const kernel: Kernel = {
      kind: 'convolution', label: '', mode: 'forward', geometry: grouped, left: dense(1), right: dense(2),
      epilogue: accumulated('float32'), store: access(0, 'float32', [2, 1, 1, 1]),
    }
    const inputs = [slot('float32', 1, 2, 3, 4, 5, 6), slot('float32', 1, 10, 100, 1000)]
    expect(runKernel(kernel, 'float32', 2, inputs)).toEqual([31, 6400])
  })

  test('window: max, argmax, sum and spread', () => {
    const { batch, groups, inputChannels, outputChannels, ...sizes } = geometry
    const window: WindowGeometry = { ...sizes, planes: 1 }
    const kernel = (mode: 'max' | 'argmax' | 'sum' | 'spread'): Kernel => ({
      kind: 'window', label: '', mode, geometry: window, load: dense(1), store: access(0, mode === 'argmax' ? 'int32' : 'float32', [1]),
    })
    expect([batch, groups, inputChannels, outputChannels]).toEqual([1, 1, 1, 1])
    expect(runKernel(kernel('max'), 'float32', 4, [image])).toEqual([1, 3, 7, 9])
    expect(runKernel(kernel('argmax'), 'int32', 4, [image])).toEqual([0, 2, 6, 8])
    expect(runKernel(kernel('sum'), 'float32', 4, [image])).toEqual([1, 5, 11, 28])
    expect(runKernel(kernel('spread'), 'float32', 9, [slot('float32', 1, 2, 3, 4)])).toEqual([1, 2, 2, 3, 4, 4, 3, 4, 4])
    const holes = slot('float32', NaN, -5, -5, -9, NaN, 2, 3, NaN, NaN)
    expect(runKernel(kernel('argmax'), 'int32', 4, [holes])).toEqual([0, 1, 6, 4])
  })

  test('gather and scatterAdd, and the faults of both', () => {
    const gather: Kernel = {
      kind: 'gather', label: '', shape: [2, 2], axis: 0, size: 3, source: access(1, 'float32', [2, 1]),
      index: access(2, 'int32', [2, 1]), store: access(0, 'float32', [2, 1]),
    }
    const x = slot('float32', 1, 2, 3, 4, 5, 6)
    expect(runKernel(gather, 'float32', 4, [x, slot('int32', 2, 0, 1, 1)])).toEqual([5, 2, 3, 4])
    expect(() => runKernel(gather, 'float32', 4, [x, slot('int32', 2, 0, 1, 3)])).toThrow('fault {"kernel":0}')
    expect(() => runKernel(gather, 'float32', 4, [x, slot('int32', 2, 0, 1, -1)])).toThrow('fault {"kernel":0}')
    const scatter: Kernel = {
      kind: 'scatterAdd', label: '', shape: [2, 2], axis: 0, size: 3, updates: access(1, 'float32', [2, 1]),
      index: access(2, 'int32', [2, 1]), store: access(0, 'float32', [2, 1]),
    }
    const updates = slot('float32', 1, 2, 3, 4)
    expect(runKernel(scatter, 'float32', 6, [updates, slot('int32', 2, 0, 2, 1)])).toEqual([0, 2, 0, 4, 4, 0])
    expect(() => runKernel(scatter, 'float32', 6, [updates, slot('int32', 2, 0, 2, 3)])).toThrow('fault {"kernel":0}')
  })

  test('cumulativeSum along a middle axis', () => {
    const kernel: Kernel = { kind: 'cumulativeSum', label: '', outer: 2, size: 2, inner: 2, load: access(1, 'int32', []), store: access(0, 'int32', []) }
    expect(runKernel(kernel, 'int32', 8, [slot('int32', 1, 2, 3, 4, 5, 6, 7, 8)])).toEqual([1, 2, 4, 6, 5, 6, 12, 14])
  })

  test('argSort: stable, NaN last, or first when descending', () => {
    const kernel: Kernel = { kind: 'argSort', label: '', rows: 2, size: 4, descending: false, load: access(1, 'float32', []), store: access(0, 'int32', []) }
    const data = slot('float32', 2, NaN, 1, 2, 3, 3, -Infinity, Infinity)
    expect(runKernel(kernel, 'int32', 8, [data])).toEqual([2, 0, 3, 1, 2, 0, 1, 3])
    expect(runKernel({ ...kernel, descending: true }, 'int32', 8, [data])).toEqual([1, 0, 3, 2, 3, 0, 1, 2])
  })

  test('random: the known answers of Philox 4×32-10', () => {
    // Random123, kat_vectors: counter 0 and key 0; counter and key all ones are not ours, as the upper counter words are 0.
    const kernel: Kernel = { kind: 'random', label: '', form: 'bits', count: 5, key: access(1, 'int32', []), store: access(0, 'int32', []) }
    const words = runKernel(kernel, 'int32', 5, [slot('int32', 0, 0, 0, 0)]).map((word) => (word >>> 0).toString(16))
    expect(words.slice(0, 4)).toEqual(['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8'])
    const next = runKernel({ ...kernel, count: 1 }, 'int32', 1, [slot('int32', 0, 0, 1, 0)])
    expect((next[0]! >>> 0).toString(16)).toBe(words[4])
    const uniform: Kernel = { ...kernel, form: 'uniform', count: 1, store: access(0, 'float32', []) }
    expect(runKernel(uniform, 'float32', 1, [slot('int32', 0, 0, 0, 0)])).toEqual([0x6627e8 / 2 ** 24])
  })

  test('a kernel that leaves its memory is refused', () => {
    const beyond = body([access(1, 'float32', [1], 16)], { op: 'load', dtype: 'float32', load: 0 })
    const kernel: Kernel = { kind: 'map', label: '', shape: [1], body: beyond, store: access(0, 'float32', [1]) }
    const message = 'reference: a kernel reads element 16 of a slot with 16 elements'
    expect(() => runKernel(kernel, 'float32', 1, [slot('float32', 1)])).toThrow(new BackendError(message))
  })
})
