import { beforeAll, describe, expect, test } from 'vitest'
import type { Backend } from '../src/backends/backend.ts'
import { erf } from '../src/backends/reference/error-function.ts'
import { createWasmBackend } from '../src/backends/wasm/index.ts'
import type { BinaryOp, UnaryOp } from '../src/graph/scalar.ts'
import type { Instruction, Load, MapKernel } from '../src/schedule/kernels.ts'
import { alone, randomNumbers, runKernel } from './wasm-kernel-runner.ts'

/** With fused multiply-add where the engine has it, and without. */
const backends = {
  usual: alone,
  deterministic: createWasmBackend({ threads: 1, sharedMemory: false, deterministic: true }),
}
const targets = ['usual', 'deterministic'] as const
let backend: Backend = alone

/** f on each element, or on pairs of elements, in WebAssembly. */
function compute(op: UnaryOp | BinaryOp, ...operands: Float32Array[]): Float32Array {
  const { length } = operands[0]!
  const loads = operands.map((_, k): Load => ({ slot: k + 1, dtype: 'float32', offset: 0, strides: [1] }))
  const reads = operands.map((_, load): Instruction => ({ op: 'load', dtype: 'float32', load }))
  const last = { op, dtype: 'float32', args: operands.map((_, k) => k) } as unknown as Instruction
  const kernel: MapKernel = {
    kind: 'map',
    label: op,
    shape: [length],
    body: { loads, instructions: [...reads, last] },
    store: { slot: 0, dtype: 'float32', offset: 0, strides: [1] },
  }
  return runKernel(backend, kernel, [{ dtype: 'float32', length }, ...operands]).result as Float32Array
}

/** Distance in units of the last place of the float32 nearest to `want`. */
function ulps(got: number, want: number): number {
  const nearest = Math.fround(want)
  if (Object.is(got, nearest) || (Number.isNaN(got) && Number.isNaN(nearest))) return 0
  if (!Number.isFinite(got) || !Number.isFinite(nearest)) return Infinity
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.abs(want))))
  return Math.abs(got - want) / 2 ** (exponent - 23)
}

function worst(got: Float32Array, want: (k: number) => number): { error: number; at: number } {
  let error = 0
  let at = 0
  got.forEach((value, k) => {
    const here = ulps(value, want(k))
    if (here > error) [error, at] = [here, k]
  })
  return { error, at }
}

/** Numbers all over the float32 range: random bits, numbers near 0, and a fine grid on [low, high]. */
function sweep(low: number, high: number): Float32Array {
  const random = randomNumbers(17)
  const bits = Uint32Array.from({ length: 100_000 }, () => random() * 2 ** 32)
  const grid = Float32Array.from({ length: 200_000 }, (_, k) => low + ((high - low) * k) / 200_000)
  const small = Float32Array.from({ length: 20_000 }, () => (random() - 0.5) * 2 ** (-20 * random()))
  return Float32Array.from([...new Float32Array(bits.buffer), ...grid, ...small])
}

const functions: [UnaryOp, (x: number) => number, low: number, high: number, bound: number][] = [
  ['exp', Math.exp, -110, 90, 1],
  ['expm1', Math.expm1, -20, 90, 1.5],
  ['log', Math.log, 0, 20, 1],
  ['log1p', Math.log1p, -1, 20, 1.5],
  ['sin', Math.sin, -200, 200, 0.6],
  ['cos', Math.cos, -200, 200, 0.6],
  ['atan', Math.atan, -20, 20, 3],
  ['tanh', Math.tanh, -10, 10, 1.5],
  ['sigmoid', (x) => 1 / (1 + Math.exp(-x)), -110, 110, 2.5],
  ['erf', erf, -5, 5, 1.5],
  ['sqrt', Math.sqrt, 0, 1000, 0.5],
]

describe.each(targets)('functions on four lanes, %s target', (target) => {
  beforeAll(() => {
    backend = backends[target]
  })

  test.each(functions)('%s stays within its bound, in units of the last place', (op, f, low, high, bound) => {
    const x = sweep(low, high)
    const { error, at } = worst(compute(op, x), (k) => f(x[k]!))
    expect(error, `${op}(${x[at]})`).toBeLessThanOrEqual(bound)
  })

  test('the exponential of what is not positive stays within its bound down to e^−87.6, and below at most that', () => {
    const x = sweep(-110, 90).map((value) => (value > 0 ? -value : value))
    const got = compute('expNonPositive', x)
    const { error, at } = worst(got, (k) => (x[k]! < -87.6 ? got[k]! : Math.exp(x[k]!)))
    expect(error, `expNonPositive(${x[at]})`).toBeLessThanOrEqual(target === 'usual' ? 1 : 1.2)
    const small = got.filter((_, k) => x[k]! < -87.6)
    expect(small.every((value) => value >= 0 && value <= Math.exp(-87.6))).toBe(true)
    expect(compute('expNonPositive', Float32Array.of(0, -0, -88, -Infinity, NaN))).toEqual(
      Float32Array.of(1, 1, 0, 0, NaN),
    )
  })

  test('pow is within 0.6 units of the last place', () => {
    const random = randomNumbers(3)
    const bits = Uint32Array.from({ length: 200_000 }, () => random() * 2 ** 32)
    const x = Float32Array.from([
      ...new Float32Array(bits.buffer),
      ...Float32Array.from({ length: 200_000 }, () => 4 * random()),
      ...Float32Array.from({ length: 10_000 }, () => 1 + (random() - 0.5) * 1e-3),
    ])
    const y = x.map((_, k) =>
      k % 3 === 0 ? Math.round(20 * random() - 10) : k > 400_000 ? 1e5 * random() : 40 * random() - 20,
    )
    const { error, at } = worst(compute('pow', x, y), (k) => x[k]! ** y[k]!)
    expect(error, `pow(${x[at]}, ${y[at]})`).toBeLessThanOrEqual(0.6)
  })

  test('mod is exact, with the sign of the divisor', () => {
    const random = randomNumbers(4)
    const bits = Uint32Array.from({ length: 100_000 }, () => random() * 2 ** 32)
    const x = new Float32Array(bits.buffer)
    const y = x.map((_, k) => (k % 2 === 0 ? x[(k + 1) % x.length]! : 20 * random() - 10))
    const exact = (a: number, b: number): number => {
      const rest = a % b
      return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest === 0 ? (b < 0 ? -0 : 0) : rest
    }
    const got = compute('mod', x, y)
    const wrong = got.findIndex((value, k) => !Object.is(value, Math.fround(exact(x[k]!, y[k]!))))
    expect(wrong, `mod(${x[wrong]}, ${y[wrong]}) = ${got[wrong]}`).toBe(-1)
  })
})

const edges = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  2,
  -2,
  3,
  -3,
  1e-45,
  -1e-45,
  1e-38,
  3e38,
  -3e38,
  1e10,
  2 ** 24,
  Infinity,
  -Infinity,
  NaN,
]

describe.each(targets)('edge values, %s target', (target) => {
  beforeAll(() => {
    backend = backends[target]
  })

  const unary: [UnaryOp, (x: number) => number][] = [
    ...functions.map(([op, f]): [UnaryOp, (x: number) => number] => [op, f]),
    ['neg', (x) => -x],
    ['abs', Math.abs],
    ['floor', Math.floor],
    ['ceil', Math.ceil],
    ['sign', (x) => (x > 0 ? 1 : x < 0 ? -1 : x === 0 ? 0 : NaN)],
    ['relu', (x) => (x > 0 || Number.isNaN(x) ? x : 0)],
  ]
  test.each(unary)('%s of zeros, infinities, NaN, subnormal and huge numbers', (op, f) => {
    const got = compute(op, Float32Array.from(edges))
    edges.forEach((edge, k) => {
      const want = f(Math.fround(edge))
      expect(ulps(got[k]!, want), `${op}(${edge}) = ${got[k]}, not ${want}`).toBeLessThanOrEqual(4)
      const sameZero = want !== 0 || Object.is(got[k], Math.fround(want))
      expect(sameZero, `${op}(${edge}) has the wrong sign of zero`).toBe(true)
    })
  })

  // C99, as NumPy and PyTorch have it: 1 to any power is 1, and so is −1 to an infinite one.
  const power = (x: number, y: number): number =>
    x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y
  // NumPy's floor_divide, its values recorded for the cases that differ from ⌊x / y⌋.
  const floorDivide = (x: number, y: number): number => {
    if (Math.abs(x) === Infinity && y !== 0) return NaN
    if (Math.abs(y) === Infinity && x !== 0 && Math.abs(x) < Infinity && x < 0 !== y < 0) return -1
    return Math.floor(x / y)
  }
  const binary: [BinaryOp, (x: number, y: number) => number][] = [
    ['pow', power],
    ['floorDiv', floorDivide],
    ['max', Math.max],
    ['min', Math.min],
    ['div', (x, y) => x / y],
  ]
  test.each(binary)('%s of all pairs of them', (op, f) => {
    const pairs = edges.flatMap((x) => edges.map((y) => [Math.fround(x), Math.fround(y)] as const))
    const got = compute(
      op,
      Float32Array.from(pairs, ([x]) => x),
      Float32Array.from(pairs, ([, y]) => y),
    )
    pairs.forEach(([x, y], k) => {
      const want = f(x, y)
      expect(ulps(got[k]!, want), `${op}(${x}, ${y}) = ${got[k]}, not ${want}`).toBeLessThanOrEqual(1)
    })
  })
})
