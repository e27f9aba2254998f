import { describe, expect, test } from 'vitest'
import { erf } from '../src/backends/reference/error-function.ts'
import type { DType } from '../src/dtype.ts'
import { fromFloat16, toFloat16 } from '../src/float16.ts'
import type { Instruction } from '../src/schedule/kernels.ts'
import { access, body, runKernel, type Slot, slot } from './reference-runner.ts'

// Expected numbers are calculated by hand unless a comment names another source.

/** A Map over one axis that applies one instruction to its loads. */
function elementwise(instruction: Instruction, operands: readonly Slot[]): number[] {
  const size = operands[0]!.data.length
  const loads = operands.map(({ dtype }, k) => access(k + 1, dtype, [1]))
  const reads = operands.map(({ dtype }, load): Instruction => ({ op: 'load', dtype, load }))
  const store = access(0, instruction.dtype, [1])
  return runKernel(
    { kind: 'map', label: 'test', shape: [size], body: body(loads, ...reads, instruction), store },
    instruction.dtype,
    size,
    operands,
  )
}

const unary = (op: Instruction['op'], dtype: DType, ...data: number[]): number[] =>
  elementwise({ op, dtype, args: [0] } as Instruction, [slot(dtype, ...data)])
const binary = (op: Instruction['op'], dtype: DType, a: number[], b: number[], result = dtype): number[] =>
  elementwise({ op, dtype: result, args: [0, 1] } as Instruction, [slot(dtype, ...a), slot(dtype, ...b)])
const cast = (from: DType, to: DType, ...data: number[]): number[] =>
  elementwise({ op: 'cast', dtype: to, args: [0] }, [slot(from, ...data)])

describe('scalar functions', () => {
  test('round takes halves to the even number', () => {
    expect(unary('round', 'float64', 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 2.4, -2.6, 2 ** 52 + 1)).toEqual([
      0,
      2,
      2,
      -0,
      -2,
      -2,
      2,
      -3,
      2 ** 52 + 1,
    ])
  })

  test('relu and sign keep NaN', () => {
    expect(unary('relu', 'float32', -1, 0, 2, NaN)).toEqual([0, 0, 2, NaN])
    expect(unary('sign', 'float32', -3, 0, 2, NaN)).toEqual([-1, 0, 1, NaN])
  })

  test('floorDiv and mod follow the sign of the divisor', () => {
    expect(binary('floorDiv', 'float64', [7, -7, 7, -7, 1, -1], [3, 3, -3, -3, 0, Infinity])).toEqual([
      2,
      -3,
      -3,
      2,
      Infinity,
      -1,
    ])
    expect(binary('mod', 'float64', [7, -7, 7, -7, 1, -1], [3, 3, -3, -3, 0, Infinity])).toEqual([
      1,
      2,
      -2,
      -1,
      NaN,
      Infinity,
    ])
    // 1 / 0.1 rounds up to 10, yet ten times 0.1 exceeds 1 (0.1 is a little more than a tenth).
    expect(binary('floorDiv', 'float64', [1], [0.1])).toEqual([9])
    expect(binary('floorDiv', 'int32', [7, -7, 7, -7, 1], [3, 3, -3, -3, 0])).toEqual([2, -3, -3, 2, 0])
    expect(binary('mod', 'int32', [7, -7, 7, -7, 1], [3, 3, -3, -3, 0])).toEqual([1, 2, -2, -1, 0])
  })

  test('pow has 1 where the C library has it', () => {
    expect(binary('pow', 'float64', [1, -1, 2, 0, -8], [NaN, Infinity, 10, 0, 1 / 3])).toEqual([
      1,
      1,
      1024,
      1,
      NaN,
    ])
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
    const table = [
      [0.02, 0.0225645747],
      [0.5, 0.5204998778],
      [1, 0.8427007929],
      [1.5, 0.9661051465],
      [2, 0.995322265],
    ] as const
    for (const [x, expected] of table) {
      expect(erf(x)).toBeCloseTo(expected, 10)
      expect(erf(-x)).toBe(-erf(x))
    }
    expect([erf(0), erf(-0), erf(Infinity), erf(-Infinity), erf(NaN), erf(6.5)]).toEqual([
      0,
      -0,
      1,
      -1,
      NaN,
      1,
    ])
  })
})

describe('conversions', () => {
  test('floats lose their fraction and stop at the ends of int32', () => {
    expect(cast('float32', 'int32', 1.9, -1.9, 3e9, -3e9, NaN, Infinity)).toEqual([
      1,
      -1,
      2 ** 31 - 1,
      -(2 ** 31),
      0,
      2 ** 31 - 1,
    ])
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
    const patterns = Array.from({ length: 0x10000 }, (_, bits) => bits).filter(
      (bits) => !Number.isNaN(fromFloat16(bits)),
    )
    expect(patterns).toHaveLength(0x10000 - 2 * 1023)
    expect(patterns.map((bits) => toFloat16(fromFloat16(bits)))).toEqual(patterns)
    // IEEE 754 binary16: 1 + 2⁻¹¹ lies halfway between 1 and 1 + 2⁻¹⁰.
    expect([1 + 2 ** -11, 1 + 3 * 2 ** -11, 65519, 65520, 2 ** -25, 2 ** -25 * 1.001].map(toFloat16)).toEqual(
      [0x3c00, 0x3c02, 0x7bff, 0x7c00, 0, 1],
    )
    expect(cast('float16', 'float32', 0x3c00, 0xc000, 0x0001, 0x7c00)).toEqual([1, -2, 2 ** -24, Infinity])
    expect(cast('float32', 'float16', 1, -2, 0.1)).toEqual([0x3c00, 0xc000, 0x2e66])
  })
})
