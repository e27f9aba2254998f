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
  when,
} from '../assembler/index.ts'
import type { MathContext, MathFunction } from './library.ts'
import { polynomial } from './polynomial.ts'

const SQRT_HALF_BITS = 0x3f3504f3
// Bits of the least positive normal number, and of infinity.
const LEAST_NORMAL = 0x00800000
const INFINITY = 0x7f800000
const LN2_HIGH = 0.693359375
const LN2_LOW = -2.1219444e-4

/** (ln(1 + f) − f + f²/2) / f³ for √½ ≤ 1 + f < √2 (Cephes, S. Moshier). */
const LOG_TAIL = [
  3.3333331174e-1, -2.4999993993e-1, 2.0000714765e-1, -1.6668057665e-1, 1.4249322787e-1, -1.2420140846e-1,
  1.167699874e-1, -1.151461031e-1, 7.0376836292e-2,
]

/** ln x, within 1 unit of the last place. */
export const log: MathFunction = {
  operands: 1,
  write(context, x) {
    const { locals, target } = context
    const [tiny, scaled, result] = locals.many('v128', 3)
    // Not a positive normal number.
    const special = i32x4.ge_u(i32x4.sub(x, LEAST_NORMAL), INFINITY - LEAST_NORMAL)
    return [
      ...regularLog(context, x, result),
      when(v128.any_true(special), [
        // Subnormals are scaled by 2²³ first.
        local.set(tiny, f32x4.lt(x, 2 ** -126)),
        local.set(scaled, selectLanes(target, f32x4.mul(x, 2 ** 23), x, tiny)),
        ...regularLog(context, scaled, result, v128.and(tiny, 23)),
        local.set(result, atEdges(x, result)),
      ]),
      local.get(result),
    ]
  },
}

/** Sets `result` to ln of positive normal numbers divided by 2^`scale` (integers). */
function regularLog({ locals, target }: MathContext, x: Local, result: Local, scale?: Code): readonly Code[] {
  const [y, e, f, square] = locals.many('v128', 4)
  const exponent = i32x4.shr_s(y, 23)
  return [
    // x = 2ᵉ · (1 + f)
    local.set(y, i32x4.sub(x, SQRT_HALF_BITS)),
    local.set(e, f32x4.convert_i32x4_s(scale ? i32x4.sub(exponent, scale) : exponent)),
    local.set(f, f32x4.sub(i32x4.add(v128.and(y, 0x7fffff), SQRT_HALF_BITS), 1)),
    local.set(square, f32x4.mul(f, f)),
    // Smallest terms first: f³·P(f) + e·LOW − f²/2 + f + e·HIGH.
    ...polynomial(target, result, f, LOG_TAIL),
    local.set(result, f32x4.mul(f32x4.mul(result, f), square)),
    local.set(result, multiplyAdd(target, e, LN2_LOW, result)),
    local.set(result, negativeMultiplyAdd(target, square, 0.5, result)),
    local.set(result, multiplyAdd(target, e, LN2_HIGH, f32x4.add(result, f))),
  ]
}

/** ln 0 = −∞; NaN below 0; +∞ and NaN are themselves. */
function atEdges(x: Local, result: Local): Code {
  const regular = v128.bitselect(result, f32x4.const([NaN, NaN, NaN, NaN]), f32x4.gt(x, 0))
  const zero = f32x4.eq(x, 0)
  const atZero = v128.bitselect(f32x4.const([-Infinity, -Infinity, -Infinity, -Infinity]), regular, zero)
  const itself = v128.or(f32x4.ne(x, x), f32x4.eq(x, Infinity))
  return v128.bitselect(x, atZero, itself)
}

/** ln(1 + x), within 1.5 units of the last place. */
export const log1p: MathFunction = {
  operands: 1,
  write({ locals, inline }, x) {
    const [u, lost, correction] = locals.many('v128', 3)
    return [
      // ln(1 + x) = ln u + (1 + x − u) / u, with u = 1 + x as rounded and 1 + x − u found exactly.
      local.set(u, f32x4.add(x, 1)),
      local.set(
        lost,
        v128.bitselect(f32x4.sub(1, f32x4.sub(u, x)), f32x4.sub(x, f32x4.sub(u, 1)), f32x4.gt(x, 1)),
      ),
      local.set(correction, v128.and(f32x4.div(lost, u), v128.and(f32x4.gt(u, 0), f32x4.lt(u, Infinity)))),
      v128.bitselect(x, f32x4.add(inline('log', u), correction), f32x4.lt(f32x4.abs(x), 2 ** -25)),
    ]
  },
}
