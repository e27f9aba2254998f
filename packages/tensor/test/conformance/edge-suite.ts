import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  acos, asin, atan, atan2, type Configuration, configure, cos, erf, floorDiv, grad, mod, shutdown, sin, tan, tensor,
  type Tensor,
} from '../../src/index.ts'
import { describeConfiguration } from './configurations.ts'
import edges from './fixtures/edge-values.json' with { type: 'json' }

const numbers = (list: readonly (number | string)[]): Float32Array => Float32Array.from(list, Number)

const points = numbers(edges.points)
const operands = numbers(edges.operands)
const { length: count } = operands
/** Every operand beside every other. */
const left = Float32Array.from({ length: count * count }, (_, k) => operands[Math.floor(k / count)]!)
const right = Float32Array.from({ length: count * count }, (_, k) => operands[k % count]!)

const unary: Record<keyof typeof edges.unary, (x: Tensor) => Tensor> = {
  neg: (x) => x.neg(),
  abs: (x) => x.abs(),
  sign: (x) => x.sign(),
  floor: (x) => x.floor(),
  ceil: (x) => x.ceil(),
  round: (x) => x.round(),
  sqrt: (x) => x.sqrt(),
  rsqrt: (x) => x.rsqrt(),
  square: (x) => x.square(),
  reciprocal: (x) => x.reciprocal(),
  exp: (x) => x.exp(),
  expm1: (x) => x.expm1(),
  log: (x) => x.log(),
  log2: (x) => x.log2(),
  log10: (x) => x.log10(),
  log1p: (x) => x.log1p(),
  sin: (x) => sin(x),
  cos: (x) => cos(x),
  tan: (x) => tan(x),
  asin: (x) => asin(x),
  acos: (x) => acos(x),
  atan: (x) => atan(x),
  sinh: (x) => x.sinh(),
  cosh: (x) => x.cosh(),
  tanh: (x) => x.tanh(),
  sigmoid: (x) => x.sigmoid(),
  erf,
  relu: (x) => x.relu(),
  softplus: (x) => x.softplus(),
  clamp: (x) => x.clamp({ min: -1, max: 1 }),
  isNaN: (x) => x.isNaN(),
  isFinite: (x) => x.isFinite(),
}

const binary: Record<keyof typeof edges.binary, (a: Tensor, b: Tensor) => Tensor> = {
  add: (a, b) => a.add(b),
  sub: (a, b) => a.sub(b),
  mul: (a, b) => a.mul(b),
  div: (a, b) => a.div(b),
  floorDiv: (a, b) => floorDiv(a, b),
  mod: (a, b) => mod(a, b),
  pow: (a, b) => a.pow(b),
  maximum: (a, b) => a.maximum(b),
  minimum: (a, b) => a.minimum(b),
  atan2: (a, b) => atan2(a, b),
  less: (a, b) => a.less(b),
  lessEqual: (a, b) => a.lessEqual(b),
  equal: (a, b) => a.equal(b),
  greater: (a, b) => a.greater(b),
  greaterEqual: (a, b) => a.greaterEqual(b),
  notEqual: (a, b) => a.notEqual(b),
}

/** PyTorch's slopes at NaN are 0 for some functions and NaN for others; ours come from the formulas. */
const slopeIsOurs: Readonly<Record<string, (x: number) => boolean>> = {
  // The slope is infinite at the ends; arctangents of quotients give NaN.
  asin: (x) => Number.isNaN(x) || Math.abs(x) === 1,
  acos: (x) => Number.isNaN(x) || Math.abs(x) === 1,
  // The largest slopes are infinite when twice their value is.
  sinh: (x) => Number.isNaN(x) || Math.abs(x) === 89,
  cosh: (x) => Number.isNaN(x) || Math.abs(x) === 89,
}

const valueIsOurs: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  // Documented: both zeros count as positive.
  atan2: (a, b) => Object.is(a, -0) || Object.is(b, -0),
}

/** Zeros of both signs are equal, and which of them comes out is not always what PyTorch does. */
const zeroIsOurs = new Set(['relu', 'maximum', 'minimum', 'atan2', 'mod'])

/** Rounding of two or three float32 operations, at every single element. */
const RELATIVE = 1e-6
/** Numbers below the smallest normal one have few digits, and a backend may take them for 0. */
const SMALLEST_NORMAL = 2 ** -126

/** Zeros, infinities, NaN, the largest and the smallest numbers through every elementwise operation. */
export function defineEdgeSuite(configurations: readonly Configuration[]): void {
  afterAll(shutdown)

  describe.each(
    configurations.map((configuration) => [describeConfiguration(configuration), configuration] as const),
  )('%s', (_, configuration) => {
    beforeAll(() => configure(configuration))
    afterAll(() => configure())

    test.each(Object.entries(unary))('%s', async (name, f) => {
      const want = numbers(edges.unary[name as keyof typeof edges.unary])
      expect(edgesThatDiffer({ name, got: await f(tensor(points)).data(), want, inputs: [points] })).toEqual(
        [],
      )
    })

    test.each(Object.keys(edges.slopes))('gradient of %s', async (name) => {
      const f = unary[name as keyof typeof unary]
      const want = numbers(edges.slopes[name as keyof typeof edges.slopes])
      const got = await grad((x: Tensor) => f(x).sum())(tensor(points)).data()
      // 1 − y² and y(1 − y) are known to a rounding of 1, in float32.
      const absolute = 2 ** -23
      expect(
        edgesThatDiffer({
          name,
          got,
          want,
          inputs: [points],
          skip: slopeIsOurs[name] ?? Number.isNaN,
          absolute,
        }),
      ).toEqual([])
    })

    test.each(Object.entries(binary))('%s', async (name, f) => {
      const want = numbers(edges.binary[name as keyof typeof edges.binary])
      expect(
        edgesThatDiffer({
          name,
          got: await f(tensor(left), tensor(right)).data(),
          want,
          inputs: [left, right],
          skip: valueIsOurs[name],
        }),
      ).toEqual([])
    })
  })
}

interface Edges {
  readonly name: string
  readonly got: ArrayLike<number>
  readonly want: Float32Array
  readonly inputs: readonly Float32Array[]
  /** Inputs at which PyTorch is not followed. */
  readonly skip?: ((...inputs: number[]) => boolean) | undefined
  readonly absolute?: number
}

function edgesThatDiffer({ name, got, want, inputs, skip, absolute = SMALLEST_NORMAL }: Edges): string[] {
  const anyZero = absolute !== SMALLEST_NORMAL || zeroIsOurs.has(name)
  return Array.from(want, (expected, k) => {
    const at = inputs.map((input) => input[k]!)
    if (skip?.(...at) || agrees(got[k]!, expected, absolute, anyZero)) return ''
    return `${name}(${at.map(show).join(', ')}) = ${show(got[k]!)}, expected ${show(expected)}`
  }).filter((line) => line !== '')
}

const show = (x: number): string => (Object.is(x, -0) ? '-0' : String(x))

function agrees(got: number, want: number, absolute: number, anyZero: boolean): boolean {
  if (got === 0 && want === 0) return anyZero || Object.is(got, want)
  return Object.is(got, want) || Math.abs(got - want) <= Math.max(Math.abs(want) * RELATIVE, absolute)
}
