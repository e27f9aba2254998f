import {
  type Code,
  f32x4,
  i32x4,
  local,
  type Local,
  multiplyAdd,
  negativeMultiplyAdd,
  selectLanes,
  v128,
} from '../assembler/index.ts'
import type { MathContext, MathFunction } from './library.ts'
import { polynomial } from './polynomial.ts'

// ln 2 = HIGH + LOW; n · HIGH is exact for |n| < 2¹⁵ (Cody & Waite).
const LN2_HIGH = 0.693359375
const LN2_LOW = -2.1219444e-4
// Adding 1.5 · 2²³ rounds to an integer, which then stands in the low bits; a shift by 23 drops all others.
const ROUND = 12_582_912
/** From here on eˣ is infinite. */
const EXP_HIGHEST = 89
/** Below this it is 0. */
const EXP_LOWEST = -104
const SIGN = 0x80000000 | 0

/** (eʳ − 1 − r) / r² for |r| ≤ ½ ln 2: minimax, 2⁻²⁸ of eʳ off at the most. */
const EXP_TAIL = [4.999999404e-1, 1.6666519642e-1, 4.1668403894e-2, 8.3688991144e-3, 1.3814221602e-3]

/** x = n · ln 2 + r, |r| ≤ ½ ln 2: sets `rounded`, whose low bits are n + bias, and `expm1OfR` to eʳ − 1. */
function reduce({ target, locals }: MathContext, x: Local, bias: number) {
  const [rounded, n, r, expm1OfR] = locals.many('v128', 4)
  const code = [
    local.set(rounded, multiplyAdd(target, x, Math.LOG2E, ROUND + bias)),
    local.set(n, f32x4.sub(rounded, ROUND + bias)),
    local.set(r, negativeMultiplyAdd(target, n, LN2_HIGH, x)),
    local.set(r, negativeMultiplyAdd(target, n, LN2_LOW, r)),
    ...polynomial(target, expm1OfR, r, EXP_TAIL),
    local.set(expm1OfR, multiplyAdd(target, f32x4.mul(r, r), expm1OfR, r)),
  ]
  return { code, rounded, expm1OfR }
}

/** 2^(n − 127) for 1 ≤ n ≤ 254, where n are the low eight bits of a lane; the ninth is the sign. */
function power(n: Local | Code): Code {
  return i32x4.shl(n, 23)
}

/**
 * eˣ = 2ᵃ⁺ᵇ · eʳ for −104 ≤ x ≤ 104 and NaN. Sets `first` to 2^(a + bias / 2 − 127) · eʳ, and `half` to a
 * number whose low bits are a + bias / 2; those of `rounded` are a + b + bias. With a and b about equal
 * neither power overflows or vanishes, so that subnormal results and those just below overflow come out.
 */
function halves(context: MathContext, x: Local, bias: number) {
  const { code, rounded, expm1OfR } = reduce(context, x, bias)
  const [half, first] = context.locals.many('v128', 2)
  const set = [
    ...code,
    local.set(half, i32x4.shr_s(rounded, 1)),
    local.set(first, f32x4.mul(f32x4.add(expm1OfR, 1), power(half))),
  ]
  return { code: set, rounded, half, first }
}

/** eˣ = first · second for |x| ≤ 87 and NaN. */
export function moderateExponential(
  context: MathContext,
  x: Local,
): { code: readonly Code[]; first: Code; second: Code } {
  const { code, rounded, expm1OfR } = reduce(context, x, 127)
  return { code, first: f32x4.add(expm1OfR, 1), second: power(rounded) }
}

/** eˣ, within 1 unit of the last place. */
export const exp: MathFunction = {
  operands: 1,
  write(context, x) {
    const { code, rounded, half, first } = halves(context, x, 254)
    return [
      local.set(x, f32x4.pmax(f32x4.pmin(x, EXP_HIGHEST), EXP_LOWEST)),
      ...code,
      f32x4.mul(first, power(i32x4.sub(rounded, half))),
    ]
  },
}

/** From here down 2^(n − 127) of what is left of x is 0. */
const VANISHES = -88

/**
 * eˣ for x ≤ 0, in two thirds of the instructions of `exp`: within 1 unit of the last place, without fused
 * multiply-add 1.2, down to −87.6, and 0 below.
 */
export const expNonPositive: MathFunction = {
  operands: 1,
  write({ locals, target }, x) {
    const [rounded, n, r, sum] = locals.many('v128', 4)
    return [
      local.set(x, f32x4.pmax(x, VANISHES)),
      local.set(rounded, multiplyAdd(target, x, Math.LOG2E, ROUND + 127)),
      local.set(n, f32x4.sub(rounded, ROUND + 127)),
      local.set(r, negativeMultiplyAdd(target, n, LN2_HIGH, x)),
      local.set(r, negativeMultiplyAdd(target, n, LN2_LOW, r)),
      ...polynomial(target, sum, r, [1, 1, ...EXP_TAIL]),
      f32x4.mul(sum, power(rounded)),
    ]
  },
}

/** eˣ − 1, within 1.5 units of the last place. */
export const expm1: MathFunction = {
  operands: 1,
  write(context, x) {
    const { locals, target } = context
    const [clamped, half] = locals.many('v128', 2)
    const { code, rounded, expm1OfR } = reduce(context, clamped, 126)
    return [
      local.set(clamped, f32x4.pmin(f32x4.pmax(x, -20), EXP_HIGHEST)),
      ...code,
      // eˣ − 1 = 2 · (2ⁿ⁻¹ · (eʳ − 1) + (2ⁿ⁻¹ − ½)), in which 2ⁿ⁻¹ never overflows.
      local.set(half, power(rounded)),
      local.set(half, multiplyAdd(target, expm1OfR, half, f32x4.sub(half, 0.5))),
      // Below 2⁻²⁵ it is x to the last bit, the sign of 0 included.
      selectLanes(target, x, f32x4.add(half, half), f32x4.lt(f32x4.abs(x), 2 ** -25)),
    ]
  },
}

/** 1 / (1 + e⁻ˣ), within 2.5 units of the last place, far into the tails. */
export const sigmoid: MathFunction = {
  operands: 1,
  write(context, x) {
    const { code, rounded, half, first } = halves(context, x, 256)
    // eˣ = 2ᵃ⁺ᵇ · eʳ gives 2ᵃ⁺¹ · eʳ / (2ᵃ⁺¹ · eʳ + 2¹⁻ᵇ).
    // The low bits here are −b − 128: those of 1 − b + 127, and the sign.
    const minusPower = power(i32x4.sub(half, rounded))
    return [
      local.set(x, f32x4.pmax(f32x4.pmin(x, -EXP_LOWEST), EXP_LOWEST)),
      ...code,
      f32x4.div(first, f32x4.sub(first, minusPower)),
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
  write(context, x) {
    const { locals, target } = context
    const [magnitude, square, small, large] = locals.many('v128', 4)
    const { code, first, second } = moderateExponential(context, large)
    return [
      local.set(magnitude, f32x4.abs(x)),
      local.set(square, f32x4.mul(x, x)),
      ...polynomial(target, small, square, TANH_TAIL),
      local.set(small, f32x4.mul(small, square)),
      local.set(small, multiplyAdd(target, small, magnitude, magnitude)),
      // From 10 on it is 1 to the last bit.
      local.set(large, f32x4.pmin(f32x4.add(magnitude, magnitude), 20)),
      ...code,
      local.set(large, multiplyAdd(target, first, second, 1)),
      local.set(large, f32x4.sub(1, f32x4.div(2, large))),
      local.set(large, selectLanes(target, small, large, f32x4.lt(magnitude, 0.625))),
      v128.or(large, v128.and(x, SIGN)),
    ]
  },
}
