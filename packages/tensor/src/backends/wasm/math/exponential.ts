import {
  type Code,
  f32x4,
  i32x4,
  local,
  type Local,
  type Locals,
  type Operand,
  v128,
} from '../assembler/index.ts'
import type { MathFunction } from './library.ts'
import { polynomial } from './polynomial.ts'

// ln 2 = HIGH + LOW; n · HIGH is exact for |n| < 2¹⁵ (Cody & Waite).
const LN2_HIGH = 0.693359375
const LN2_LOW = -2.1219444e-4
// Adding 1.5 · 2²³ rounds to an integer, which then stands in the low bits.
const ROUND = 12_582_912
const ROUND_BITS = 0x4b400000

/** (eʳ − 1 − r) / r² for |r| ≤ ½ ln 2 (Cephes, S. Moshier). */
const EXP_TAIL = [
  5.0000001201e-1, 1.6666665459e-1, 4.1665795894e-2, 8.3334519073e-3, 1.3981999507e-3, 1.98756915e-4,
]

/** x = n · ln 2 + r with |r| ≤ ½ ln 2: sets `n` (int32) and `r`, and gives code for eʳ − 1. */
function reduce(locals: Locals, x: Operand): { code: Code; n: Local; expm1OfR: Code } {
  const [rounded, n, r, float] = locals.many('v128', 4)
  const code = [
    local.set(rounded, f32x4.add(f32x4.mul(x, Math.LOG2E), ROUND)),
    local.set(n, i32x4.sub(rounded, ROUND_BITS)),
    local.set(float, f32x4.sub(rounded, ROUND)),
    local.set(r, f32x4.sub(f32x4.sub(x, f32x4.mul(float, LN2_HIGH)), f32x4.mul(float, LN2_LOW))),
  ]
  return { code, n, expm1OfR: f32x4.add(f32x4.mul(f32x4.mul(r, r), polynomial(r, EXP_TAIL)), r) }
}

/** 2ⁿ for −126 ≤ n ≤ 127. */
function powerOfTwo(n: Operand): Code {
  return i32x4.shl(i32x4.add(n, 127), 23)
}

/** x within [low, high]; NaN stays. */
function clamp(x: Operand, low: number, high: number): Code {
  return f32x4.pmin(f32x4.pmax(x, low), high)
}

/** eˣ, within 1 unit of the last place. */
export const exp: MathFunction = {
  operands: 1,
  write({ locals }, x) {
    const { code, n, expm1OfR } = reduce(locals, x)
    const half = locals.v128()
    return [
      // Beyond these the result is 0 or infinite whatever x is.
      local.set(x, clamp(x, -104, 89)),
      code,
      // 2ⁿ in two factors, so that subnormal results and those just below overflow come out.
      local.set(half, i32x4.shr_s(n, 1)),
      f32x4.mul(f32x4.mul(f32x4.add(expm1OfR, 1), powerOfTwo(half)), powerOfTwo(i32x4.sub(n, half))),
    ]
  },
}

/** eˣ − 1, within 1.5 units of the last place. */
export const expm1: MathFunction = {
  operands: 1,
  write({ locals }, x) {
    const [clamped, half] = locals.many('v128', 2)
    const { code, n, expm1OfR } = reduce(locals, clamped)
    // eˣ − 1 = 2 · (2ⁿ⁻¹ · (eʳ − 1) + (2ⁿ⁻¹ − ½)), in which 2ⁿ⁻¹ never overflows.
    const result = f32x4.add(f32x4.mul(expm1OfR, half), f32x4.sub(half, 0.5))
    return [
      local.set(clamped, clamp(x, -20, 89)),
      code,
      local.set(half, powerOfTwo(i32x4.sub(n, 1))),
      local.set(half, result),
      // Below 2⁻²⁵ it is x to the last bit, the sign of 0 included.
      v128.bitselect(x, f32x4.add(half, half), f32x4.lt(f32x4.abs(x), 2 ** -25)),
    ]
  },
}

/** 1 / (1 + e⁻ˣ), within 2.5 units of the last place, far into the tails. */
export const sigmoid: MathFunction = {
  operands: 1,
  needs: ['exp'],
  write({ locals, call }, x) {
    const e = locals.v128()
    // With e = e^−|x| ≤ 1 nothing overflows: 1 / (1 + e) for x ≥ 0, e / (1 + e) for x < 0.
    return [
      local.set(e, call('exp', f32x4.neg(f32x4.abs(x)))),
      f32x4.div(v128.bitselect(e, f32x4.const([1, 1, 1, 1]), f32x4.lt(x, 0)), f32x4.add(e, 1)),
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
  needs: ['exp'],
  write({ locals, call }, x) {
    const [magnitude, square, small, large] = locals.many('v128', 4)
    return [
      local.set(magnitude, f32x4.abs(x)),
      local.set(square, f32x4.mul(x, x)),
      local.set(
        small,
        f32x4.add(f32x4.mul(f32x4.mul(polynomial(square, TANH_TAIL), square), magnitude), magnitude),
      ),
      local.set(large, call('exp', f32x4.add(magnitude, magnitude))),
      local.set(large, f32x4.sub(1, f32x4.div(2, f32x4.add(large, 1)))),
      local.set(large, v128.bitselect(small, large, f32x4.lt(magnitude, 0.625))),
      v128.or(large, v128.and(x, 0x80000000 | 0)),
    ]
  },
}
