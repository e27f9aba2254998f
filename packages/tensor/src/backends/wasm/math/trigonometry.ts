import {
  call,
  type Code,
  choose,
  f32x4,
  f64,
  f64x2,
  type FunctionHandle,
  i32,
  i32x4,
  i64,
  i64x2,
  local,
  type Local,
  type Locals,
  type ModuleBuilder,
  multiplyAdd,
  type Operand,
  selectLanes,
  shuffle32,
  type Target,
  v128,
  when,
} from '../assembler/index.ts'
import type { MathContext, MathFunction } from './library.ts'
import { polynomial, polynomial64 } from './polynomial.ts'

const TWO_OVER_PI = 2 / Math.PI
// π/2 = HIGH + LOW; n · HIGH is exact for |n| < 2²⁰.
const HALF_PI_HIGH = 1.5707963109016418
const HALF_PI_LOW = 1.5893254773528196e-8
// Added to a double it rounds to an integer, which then stands in the low bits.
const ROUND = 1.5 * 2 ** 52
/** From here on n · HIGH could round: 2²⁰ as a float32. */
const LARGE_BITS = 0x49800000
const INFINITY_BITS = 0x7f800000

/** sin r = r + r³·S(r²) and cos r = 1 + r²·C(r²) to float32 for |r| ≤ π/4 (FreeBSD's k_sinf.c, k_cosf.c). */
const SIN_TAIL = [
  -0.166666666416265235595, 0.0083333293858894631756, -0.000198393348360966317347,
  0.0000027183114939898219064,
]
const COS_TAIL = [
  -0.49999999725103100312, 0.0416666233237390631894, -0.00138867637746099294692, 0.0000243904487962774090654,
]

const BITS = '000000a2f9836e4e441529fc2757d1f534ddc0db6295993c439041'
/** The bits of 4/π after the point, as words that overlap by 24 bits: what `reduceLarge` multiplies by. */
const FOUR_OVER_PI = Array.from({ length: 24 }, (_, k) => Number(`0x${BITS.slice(2 * k, 2 * k + 8)}`))

/**
 * `FOUR_OVER_PI[index]` (i64) without a table in memory: a chain of choices, for arguments that hardly ever
 * occur.
 */
function word(index: Local, offset: number): Code {
  return FOUR_OVER_PI.slice(offset, offset + 16).reduceRight<Code>(
    (others, value, position) => choose('i64', i32.eq(index, position), i64.const(BigInt(value)), others),
    i64.const(0),
  )
}

/**
 * |x| modulo 2π in units of 2π / 2⁶⁴ (i64) from the bits of a float32 (Payne & Hanek; after ARM's optimized-routines,
 * sinf.c): the 24 bits of x times those bits of 4/π that matter.
 */
function defineReduceLarge(module: ModuleBuilder): FunctionHandle {
  return module.func({ params: ['i32'], results: ['i64'] }, (locals, bits) => {
    const index = locals.i32()
    const [mantissa, sum] = locals.many('i64', 2)
    const shift = i32.and(i32.shr_u(bits, 23), 7)
    return [
      local.set(index, i32.and(i32.shr_u(bits, 26), 15)),
      local.set(mantissa, i64.extend_i32_u(i32.shl(i32.or(i32.and(bits, 0x7fffff), 0x800000), shift))),
      local.set(sum, i64.shl(i64.mul(mantissa, word(index, 0)), i64.const(32))),
      local.set(sum, i64.or(sum, i64.shr_u(i64.mul(mantissa, word(index, 8)), i64.const(32)))),
      i64.add(sum, i64.mul(mantissa, word(index, 4))),
    ]
  })
}

/** x = n · π/2 + r for a lane whose x is large: replaces r (a double) and n. */
function reduceLane(
  lane: 0 | 1,
  x: Local,
  r: Local,
  n: Local,
  angle: Local,
  reduceLarge: FunctionHandle,
): Code {
  const bits = i32x4.extract_lane(lane, x)
  const magnitude = i32.and(bits, 0x7fffffff)
  const quarter = i64.shr_u(i64.add(angle, i64.const(1n << 61n)), i64.const(62))
  const rest = f64.mul(f64.convert_i64_s(i64.sub(angle, i64.shl(quarter, i64.const(62)))), Math.PI * 2 ** -63)
  const isLarge = i32.and(i32.ge_u(magnitude, LARGE_BITS), i32.lt_u(magnitude, INFINITY_BITS))
  return when(isLarge, [
    local.set(angle, call(reduceLarge, magnitude)),
    local.set(r, f64x2.replace_lane(lane, r, rest)),
    local.set(n, i32x4.replace_lane(2 * lane, n, i32.wrap_i64(quarter))),
    when(i32.lt_s(bits, 0), [
      local.set(r, f64x2.replace_lane(lane, r, f64.neg(f64x2.extract_lane(lane, r)))),
      local.set(n, i32x4.replace_lane(2 * lane, n, i32.sub(0, i32x4.extract_lane(2 * lane, n)))),
    ]),
  ])
}

/** sin(x + quarter · π/2) of the two lower lanes, of any size. */
function defineSinePair(module: ModuleBuilder): FunctionHandle {
  const reduceLarge = defineReduceLarge(module)
  return module.func({ params: ['v128', 'i32'], results: ['v128'] }, (locals, x, quarter) => {
    const result = locals.v128()
    const angle = locals.i64()
    const pair = f64x2.promote_low_f32x4(x)
    const quarters = i64x2.splat(i64.extend_i32_u(quarter))
    const eachLane = (r: Local, n: Local): Code => [
      reduceLane(0, x, r, n, angle, reduceLarge),
      reduceLane(1, x, r, n, angle, reduceLarge),
    ]
    return [sinePair(module.target, locals, result, pair, quarters, eachLane), local.get(result)]
  })
}

/**
 * Sets `result`, two floats and two zeros, to sin(x + quarters · π/2) for two doubles |x| < 2²⁰; `adjust` may
 * replace what x = n · π/2 + r is split into.
 */
function sinePair(
  target: Target,
  locals: Locals,
  result: Local,
  x: Code,
  quarters: Code,
  adjust?: (r: Local, n: Local) => Code,
): readonly Code[] {
  const [wide, n, r, square] = locals.many('v128', 4)
  const sine = f64x2.add(r, f64x2.mul(f64x2.mul(r, square), polynomial64(square, SIN_TAIL)))
  const cosine = f64x2.add(1, f64x2.mul(square, polynomial64(square, COS_TAIL)))
  const odd = i64x2.sub(0, v128.and(n, i64x2.const([1, 1])))
  const sign = i64x2.shl(i64x2.shr_u(n, 1), 63)
  return [
    local.set(wide, x),
    local.set(n, f64x2.add(f64x2.mul(wide, TWO_OVER_PI), ROUND)),
    local.set(square, f64x2.sub(n, ROUND)),
    local.set(r, f64x2.sub(f64x2.sub(wide, f64x2.mul(square, HALF_PI_HIGH)), f64x2.mul(square, HALF_PI_LOW))),
    adjust?.(r, n) ?? [],
    local.set(n, i64x2.add(n, quarters)),
    local.set(square, f64x2.mul(r, r)),
    // ± sin r or ± cos r, as the last two bits of n say.
    local.set(result, f32x4.demote_f64x2_zero(v128.xor(selectLanes(target, cosine, sine, odd), sign))),
  ]
}

/** Statements that set `result` to sin(x + quarter · π/2). */
function sine(
  { helpers, locals, target }: MathContext,
  result: Local,
  x: Local,
  quarter: number,
): readonly Code[] {
  const [low, high] = locals.many('v128', 2)
  const upper = shuffle32([2, 3, 2, 3], x, x)
  const large = i32x4.ge_u(v128.and(x, 0x7fffffff), LARGE_BITS)
  const quarters = i64x2.const([quarter, quarter])
  const general = (half: Operand): Code => call(helpers[0], half, quarter)
  return [
    ...sinePair(target, locals, low, f64x2.promote_low_f32x4(x), quarters),
    ...sinePair(target, locals, high, f64x2.promote_low_f32x4(upper), quarters),
    when(v128.any_true(large), [local.set(low, general(x)), local.set(high, general(upper))]),
    local.set(result, shuffle32([0, 1, 4, 5], low, high)),
  ]
}

/** sin x, within 0.6 units of the last place for all x. */
export const sin: MathFunction = {
  operands: 1,
  inlined: true,
  define: (module) => [defineSinePair(module)],
  write(context, x) {
    const result = context.locals.v128()
    return [
      ...sine(context, result, x, 0),
      // sin x rounds to x there; so −0 stays −0.
      selectLanes(context.target, x, result, f32x4.lt(f32x4.abs(x), 1e-4)),
    ]
  },
}

/** cos x, within 0.6 units of the last place for all x. */
export const cos: MathFunction = {
  operands: 1,
  inlined: true,
  define: (module) => [defineSinePair(module)],
  write(context, x) {
    const result = context.locals.v128()
    return [...sine(context, result, x, 1), local.get(result)]
  },
}

/** (atan x − x) / x³ as a polynomial in x², |x| ≤ tan π/8 (Cephes). */
const ATAN_TAIL = [-3.33329491539e-1, 1.99777106478e-1, -1.38776856032e-1, 8.05374449538e-2]

/** atan x, within 3 units of the last place. */
export const atan: MathFunction = {
  operands: 1,
  write({ locals, target }, x) {
    const [t, large, middle, start, square, p] = locals.many('v128', 6)
    const numerator = v128.bitselect(
      f32x4.const([-1, -1, -1, -1]),
      v128.bitselect(f32x4.sub(t, 1), t, middle),
      large,
    )
    const one = f32x4.const([1, 1, 1, 1])
    const denominator = v128.bitselect(t, v128.bitselect(f32x4.add(t, 1), one, middle), large)
    return [
      local.set(t, f32x4.abs(x)),
      // atan t = π/2 + atan(−1/t) above tan 3π/8, π/4 + atan((t − 1)/(t + 1)) above tan π/8.
      local.set(large, f32x4.gt(t, Math.SQRT2 + 1)),
      local.set(middle, v128.andnot(f32x4.gt(t, Math.SQRT2 - 1), large)),
      local.set(start, v128.and(large, f32x4.const([0, 0, 0, 0].fill(Math.PI / 2)))),
      local.set(start, v128.or(start, v128.and(middle, f32x4.const([0, 0, 0, 0].fill(Math.PI / 4))))),
      local.set(t, f32x4.div(numerator, denominator)),
      local.set(square, f32x4.mul(t, t)),
      ...polynomial(target, p, square, ATAN_TAIL),
      local.set(t, multiplyAdd(target, f32x4.mul(p, square), t, t)),
      v128.or(f32x4.add(start, t), v128.and(x, 0x80000000 | 0)),
    ]
  },
}
