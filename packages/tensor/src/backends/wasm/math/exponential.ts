import {
  type Code,
  f32x4,
  i32x4,
  local,
  type Local,
  type Locals,
  multiplyAdd,
  negativeMultiplyAdd,
  type Operand,
  type Target,
  v128,
} from '../assembler/index.ts'
import type { MathFunction } from './library.ts'
import { polynomial } from './polynomial.ts'

// ln 2 = HIGH + LOW; n · HIGH is exact for |n| < 2¹⁵ (Cody & Waite).
const LN2_HIGH = 0.693359375
const LN2_LOW = -2.1219444e-4
// Adding 1.5 · 2²³ rounds to an integer, which then stands in the low bits; a shift by 23 drops all others.
const ROUND = 12_582_912
/** From here on eˣ is infinite. */
const EXP_HIGHEST = 89

/** (eʳ − 1 − r) / r² for |r| ≤ ½ ln 2 (Cephes, S. Moshier). */
const EXP_TAIL = [
  5.0000001201e-1, 1.6666665459e-1, 4.1665795894e-2, 8.3334519073e-3, 1.3981999507e-3, 1.98756915e-4,
]

/** x = n · ln 2 + r with |r| ≤ ½ ln 2: sets `rounded`, whose low bits are n, and gives code for eʳ − 1. */
function reduce(target: Target, locals: Locals, x: Local): { code: Code; rounded: Local; expm1OfR: Code } {
  const [rounded, n, r] = locals.many('v128', 3)
  const code = [
    local.set(rounded, multiplyAdd(target, x, Math.LOG2E, ROUND)),
    local.set(n, f32x4.sub(rounded, ROUND)),
    local.set(r, negativeMultiplyAdd(target, n, LN2_HIGH, x)),
    local.set(r, negativeMultiplyAdd(target, n, LN2_LOW, r)),
  ]
  const expm1OfR = multiplyAdd(target, f32x4.mul(r, r), polynomial(target, r, EXP_TAIL), r)
  return { code, rounded, expm1OfR }
}

/** 2ⁿ for −126 ≤ n ≤ 127, where n are the low bits of a lane. */
function powerOfTwo(n: Operand): Code {
  return i32x4.shl(i32x4.add(n, 127), 23)
}

/** eˣ for x ≤ `EXP_HIGHEST` and NaN; changes x. */
function exponential(target: Target, locals: Locals, x: Local): Code {
  const { code, rounded, expm1OfR } = reduce(target, locals, x)
  const [half, near1] = locals.many('v128', 2)
  return [
    // Below this the result is 0 whatever x is.
    local.set(x, f32x4.pmax(x, -104)),
    code,
    local.set(near1, f32x4.add(expm1OfR, 1)),
    // 2ⁿ in two factors, so that subnormal results and those just below overflow come out.
    local.set(half, i32x4.shr_s(rounded, 1)),
    f32x4.mul(f32x4.mul(near1, powerOfTwo(half)), powerOfTwo(i32x4.sub(rounded, half))),
  ]
}

/** eˣ, within 1 unit of the last place. */
export const exp: MathFunction = {
  operands: 1,
  write: ({ locals, target }, x) => [
    local.set(x, f32x4.pmin(x, EXP_HIGHEST)),
    exponential(target, locals, x),
  ],
}

/** eˣ − 1, within 1.5 units of the last place. */
export const expm1: MathFunction = {
  operands: 1,
  write({ locals, target }, x) {
    const [clamped, half, rest] = locals.many('v128', 3)
    const { code, rounded, expm1OfR } = reduce(target, locals, clamped)
    return [
      local.set(clamped, f32x4.pmin(f32x4.pmax(x, -20), EXP_HIGHEST)),
      code,
      local.set(rest, expm1OfR),
      // eˣ − 1 = 2 · (2ⁿ⁻¹ · (eʳ − 1) + (2ⁿ⁻¹ − ½)), in which 2ⁿ⁻¹ never overflows.
      local.set(half, powerOfTwo(i32x4.sub(rounded, 1))),
      local.set(half, multiplyAdd(target, rest, half, f32x4.sub(half, 0.5))),
      // Below 2⁻²⁵ it is x to the last bit, the sign of 0 included.
      v128.bitselect(x, f32x4.add(half, half), f32x4.lt(f32x4.abs(x), 2 ** -25)),
    ]
  },
}

/** 1 / (1 + e⁻ˣ), within 2.5 units of the last place, far into the tails. */
export const sigmoid: MathFunction = {
  operands: 1,
  write({ locals, target }, x) {
    const [e, negative] = locals.many('v128', 2)
    // With e = e^−|x| ≤ 1 nothing overflows: 1 / (1 + e) for x ≥ 0, e / (1 + e) for x < 0.
    return [
      local.set(negative, f32x4.lt(x, 0)),
      local.set(x, v128.or(x, 0x80000000 | 0)),
      local.set(e, exponential(target, locals, x)),
      f32x4.div(v128.bitselect(e, f32x4.const([1, 1, 1, 1]), negative), f32x4.add(e, 1)),
    ]
  },
}

/** (tanh x − x) / x³ as a polynomial in x², |x| < 0.625 (Cephes). */
const TANH_TAIL = [
  -3.33332819422e-1, 1.33314422036e-1, -5.37397155531e-2, 2.06390887954e-2, -5.70498872745e-3,
]

/** tanh x, within 1.5 units of the last place. */
export const tanh: MathFunction = {
  operands: 1,
  write({ locals, target }, x) {
    const [magnitude, square, small, large] = locals.many('v128', 4)
    return [
      local.set(magnitude, f32x4.abs(x)),
      local.set(square, f32x4.mul(x, x)),
      local.set(small, f32x4.mul(polynomial(target, square, TANH_TAIL), square)),
      local.set(small, multiplyAdd(target, small, magnitude, magnitude)),
      // From 10 on it is 1 to the last bit.
      local.set(large, f32x4.pmin(f32x4.add(magnitude, magnitude), 20)),
      local.set(large, exponential(target, locals, large)),
      local.set(large, f32x4.sub(1, f32x4.div(2, f32x4.add(large, 1)))),
      local.set(large, v128.bitselect(small, large, f32x4.lt(magnitude, 0.625))),
      v128.or(large, v128.and(x, 0x80000000 | 0)),
    ]
  },
}
