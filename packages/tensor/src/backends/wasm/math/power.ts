import {
  br_if,
  call,
  type Code,
  f32x4,
  f64x2,
  type FunctionHandle,
  i32x4,
  i64x2,
  local,
  type Local,
  loop,
  type ModuleBuilder,
  shuffle32,
  v128,
} from '../assembler/index.ts'
import type { MathFunction } from './library.ts'
import { polynomial64 } from './polynomial.ts'

/** √½ as the bits of a double: mantissas are taken from [√½, √2). */
const SQRT_HALF_BITS = 0x3fe6a09e667f3bcdn
const MANTISSA = (1n << 52n) - 1n
const ROUND = 1.5 * 2 ** 52

/** 2 · artanh(s) / s / ln 2 in s²: log₂ m for s = (m − 1) / (m + 1). */
const LOG2_TERMS = Array.from({ length: 8 }, (_, k) => (2 * Math.LOG2E) / (2 * k + 1))

/** 2ᶠ for |f| ≤ ½: the Taylor series, whose tenth term is below 10⁻¹¹. */
const EXP2_TERMS = Array.from({ length: 10 }, (_, k) => Math.LN2 ** k / factorial(k))

function factorial(n: number): number {
  return n < 2 ? 1 : n * factorial(n - 1)
}

/**
 * xʸ of the two lower lanes for x ≥ 0 as 2^(y · log₂ x), in doubles, so that the exponent's error stays far
 * below float32.
 */
function definePowerPair(module: ModuleBuilder): FunctionHandle {
  return module.func({ params: ['v128', 'v128'], results: ['v128'] }, (locals, x, y) => {
    const [bits, e, m, s, square, t, n] = locals.many('v128', 7)
    const atEnds = (value: number, result: number, otherwise: Code): Code =>
      v128.bitselect(f64x2.const([result, result]), otherwise, f64x2.eq(x, value))
    return [
      local.set(x, f64x2.promote_low_f32x4(x)),
      // x = 2ᵉ · m
      local.set(bits, i64x2.sub(x, i64x2.const([SQRT_HALF_BITS, SQRT_HALF_BITS]))),
      local.set(e, i64x2.shr_s(bits, 52)),
      local.set(e, f64x2.convert_low_i32x4_s(shuffle32([0, 2, 0, 2], e, e))),
      local.set(m, v128.and(bits, i64x2.const([MANTISSA, MANTISSA]))),
      local.set(m, i64x2.add(m, i64x2.const([SQRT_HALF_BITS, SQRT_HALF_BITS]))),
      local.set(s, f64x2.div(f64x2.sub(m, 1), f64x2.add(m, 1))),
      local.set(square, f64x2.mul(s, s)),
      local.set(t, f64x2.add(e, f64x2.mul(s, polynomial64(square, LOG2_TERMS)))),
      local.set(t, atEnds(0, -Infinity, atEnds(Infinity, Infinity, v128.bitselect(x, t, f64x2.ne(x, x))))),
      // Beyond ±200 float32 has overflowed or vanished.
      local.set(t, f64x2.mul(t, f64x2.promote_low_f32x4(y))),
      local.set(t, f64x2.pmin(f64x2.pmax(t, -200), 200)),
      // Rounded to an integer, which then stands in the low bits; a shift drops all others.
      local.set(n, f64x2.add(t, ROUND)),
      local.set(s, f64x2.sub(t, f64x2.sub(n, ROUND))),
      f32x4.demote_f64x2_zero(i64x2.add(polynomial64(s, EXP2_TERMS), i64x2.shl(n, 52))),
    ]
  })
}

/** xʸ, within 0.6 units of the last place. */
export const pow: MathFunction = {
  operands: 2,
  define: (module) => [definePowerPair(module)],
  write({ locals, helpers }, x, y) {
    const [base, result, whole, odd] = locals.many('v128', 4)
    const high = (v: Local): Code => shuffle32([2, 3, 2, 3], v, v)
    const one = f32x4.const([1, 1, 1, 1])
    const nan = f32x4.const([NaN, NaN, NaN, NaN])
    const isOddInteger = i32x4.ne(v128.and(i32x4.trunc_sat_f32x4_s(y), 1), 0)
    const negative = i32x4.lt_s(x, 0)
    const hasRoot = v128.or(whole, v128.or(f32x4.eq(x, 0), f32x4.eq(x, -Infinity)))
    return [
      local.set(base, f32x4.abs(x)),
      local.set(result, call(helpers[0], base, y)),
      local.set(result, shuffle32([0, 1, 4, 5], result, call(helpers[0], high(base), high(y)))),
      // From 2²⁴ on every float32 is an even integer.
      local.set(whole, f32x4.eq(f32x4.trunc(y), y)),
      local.set(odd, v128.and(v128.and(whole, f32x4.lt(f32x4.abs(y), 2 ** 24)), isOddInteger)),
      local.set(result, v128.xor(result, v128.and(v128.and(negative, odd), 0x80000000 | 0))),
      local.set(result, v128.bitselect(nan, result, v128.andnot(f32x4.lt(x, 0), hasRoot))),
      // 1ʸ = x⁰ = 1 whatever the other is, and (−1)^±∞ = 1.
      local.set(whole, v128.or(f32x4.eq(x, 1), f32x4.eq(y, 0))),
      local.set(whole, v128.or(whole, v128.and(f32x4.eq(x, -1), f32x4.eq(f32x4.abs(y), Infinity)))),
      v128.bitselect(one, result, whole),
    ]
  },
}

/** aᵇ of integers by squaring, modulo 2³²; for b < 0 the integer part of it: 0 unless |a| = 1. */
export const integerPow: MathFunction = {
  operands: 2,
  define: () => [],
  write({ locals }, a, b) {
    const [negative, product] = locals.many('v128', 2)
    return [
      local.set(negative, i32x4.lt_s(b, 0)),
      local.set(product, v128.andnot(1, v128.andnot(negative, i32x4.eq(i32x4.abs(a), 1)))),
      // ±1 is its own inverse.
      local.set(b, v128.bitselect(v128.and(b, 1), b, negative)),
      loop((again) => [
        local.set(product, v128.bitselect(i32x4.mul(product, a), product, i32x4.neg(v128.and(b, 1)))),
        local.set(a, i32x4.mul(a, a)),
        br_if(again, v128.any_true(local.tee(b, i32x4.shr_u(b, 1)))),
      ]),
      local.get(product),
    ]
  },
}
