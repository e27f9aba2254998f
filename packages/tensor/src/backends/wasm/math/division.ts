import {
  br_if,
  call,
  choose,
  type Code,
  f32x4,
  f64,
  f64x2,
  type FunctionHandle,
  i32,
  i32x4,
  local,
  type Local,
  loop,
  type ModuleBuilder,
  type Operand,
  shuffle32,
  v128,
  when,
} from '../assembler/index.ts'
import type { MathFunction } from './library.ts'

/** A function of two integers for four lanes of them. */
function eachLane(a: Local, b: Local, on: FunctionHandle): Code {
  const lane = (k: number): Code => call(on, i32x4.extract_lane(k, a), i32x4.extract_lane(k, b))
  return [1, 2, 3].reduce<Code>((sum, k) => i32x4.replace_lane(k, sum, lane(k)), i32x4.splat(lane(0)))
}

/** A call of it needs `@__PURE__`, so that bundlers leave out what nobody has brought. */
function integerFunction(body: (a: Local, b: Local, quotient: Local) => Code): MathFunction {
  return {
    operands: 2,
    define: (module) => [
      module.func({ params: ['i32', 'i32'], results: ['i32'] }, (locals, a, b) => body(a, b, locals.i32())),
    ],
    write: ({ helpers }, a, b) => [eachLane(a, b, helpers[0])],
  }
}

/** a / b towards 0; 0 where b = 0. −2³¹ / −1 wraps, where the instruction would trap. */
function truncated(a: Operand, b: Operand): Code {
  const safe = choose('i32', i32.eq(b, -1), i32.sub(0, a), i32.div_s(a, b))
  return choose('i32', b, safe, i32.const(0))
}

/** Whether the remainder `a − q · b` is not 0 and has the other sign than b. */
function mustStepDown(a: Operand, b: Operand, quotient: Operand): Code {
  const remainder = i32.sub(a, i32.mul(quotient, b))
  return i32.and(i32.ne(remainder, 0), i32.lt_s(i32.xor(remainder, b), 0))
}

export const integerDiv: MathFunction = /* @__PURE__ */ integerFunction((a, b) => truncated(a, b))

export const integerFloorDiv: MathFunction = /* @__PURE__ */ integerFunction((a, b, quotient) => [
  local.set(quotient, truncated(a, b)),
  choose('i32', b, i32.sub(quotient, mustStepDown(a, b, quotient)), i32.const(0)),
])

export const integerMod: MathFunction = /* @__PURE__ */ integerFunction((a, b, quotient) => [
  local.set(quotient, truncated(a, b)),
  local.set(quotient, i32.sub(quotient, mustStepDown(a, b, quotient))),
  choose('i32', b, i32.sub(a, i32.mul(quotient, b)), i32.const(0)),
])

/** ⌊a / b⌋: the quotient of two float32 in double never rounds up to an integer that it is not. */
export const floorDiv: MathFunction = {
  operands: 2,
  write({ locals }, a, b) {
    const result = locals.v128()
    const high = (v: Local): Code => shuffle32([2, 3, 2, 3], v, v)
    const pair = (x: Operand, y: Operand): Code =>
      f32x4.demote_f64x2_zero(f64x2.floor(f64x2.div(f64x2.promote_low_f32x4(x), f64x2.promote_low_f32x4(y))))
    const infinite = (v: Local): Code => f32x4.eq(f32x4.abs(v), Infinity)
    // As in NumPy: ∞ / b has no floor but for b = 0, and a / ±∞ is −1, not −0, if the signs differ.
    const undefinedFloor = v128.and(infinite(a), f32x4.ne(b, 0))
    const justBelowZero = v128.and(v128.and(infinite(b), f32x4.ne(a, 0)), i32x4.lt_s(v128.xor(a, b), 0))
    return [
      local.set(result, pair(a, b)),
      local.set(result, shuffle32([0, 1, 4, 5], result, pair(high(a), high(b)))),
      local.set(
        result,
        v128.bitselect(f32x4.const([-1, -1, -1, -1]), result, v128.and(justBelowZero, f32x4.eq(a, a))),
      ),
      v128.bitselect(f32x4.const([NaN, NaN, NaN, NaN]), result, undefinedFloor),
    ]
  },
}

/**
 * What is left of |a| when |b| has been taken away as often as it goes, exactly (doubles hold 29 more bits
 * than needed).
 */
function defineRemainder(module: ModuleBuilder): FunctionHandle {
  return module.func({ params: ['f64', 'f64'], results: ['f64'] }, (locals, a, b) => {
    const [quotient, scaled] = locals.many('f64', 2)
    return [
      loop((again) => [
        local.set(scaled, b),
        local.set(quotient, f64.floor(f64.div(a, b))),
        // Only the top 28 bits of the quotient at a time, so that their product with b is exact.
        loop((scale) =>
          when(f64.ge(quotient, 2 ** 28), [
            local.set(quotient, f64.floor(f64.mul(quotient, 2 ** -20))),
            local.set(scaled, f64.mul(scaled, 2 ** 20)),
            br_if(scale, i32.const(1)),
          ]),
        ),
        local.set(a, f64.sub(a, f64.mul(quotient, scaled))),
        when(f64.lt(a, 0), local.set(a, f64.add(a, scaled))),
        br_if(again, f64.ge(a, b)),
      ]),
      local.get(a),
    ]
  })
}

/** a mod b with the sign of b, one lane, as doubles. */
function defineModulo(module: ModuleBuilder): FunctionHandle {
  const remainder = defineRemainder(module)
  return module.func({ params: ['f64', 'f64'], results: ['f64'] }, (locals, a, b) => {
    const rest = locals.f64()
    const defined = i32.and(f64.lt(f64.abs(a), Infinity), f64.gt(f64.abs(b), 0))
    const otherSign = f64.lt(f64.mul(rest, f64.copysign(1, b)), 0)
    return [
      when(i32.eqz(defined), local.set(a, f64.const(NaN))),
      when(f64.lt(f64.abs(a), f64.abs(b)), local.set(rest, a), [
        local.set(rest, a),
        when(f64.eq(a, a), local.set(rest, f64.copysign(call(remainder, f64.abs(a), f64.abs(b)), a))),
      ]),
      when(f64.ne(b, b), local.set(rest, b)),
      // As in NumPy: a zero takes the sign of b.
      when(f64.eq(rest, 0), local.set(rest, f64.copysign(0, b))),
      when(otherSign, local.set(rest, f64.add(rest, b))),
      local.get(rest),
    ]
  })
}

/** a − ⌊a / b⌋ · b, exact before its last rounding. */
export const mod: MathFunction = {
  operands: 2,
  define: (module) => [defineModulo(module)],
  write({ locals, helpers }, a, b) {
    const result = locals.v128()
    const half = (shift: readonly [number, number, number, number]): Code => {
      const [x, y] = [a, b].map((v) => f64x2.promote_low_f32x4(shuffle32(shift, v, v))) as [Code, Code]
      const lane = (k: number): Code => call(helpers[0], f64x2.extract_lane(k, x), f64x2.extract_lane(k, y))
      return f32x4.demote_f64x2_zero(f64x2.replace_lane(1, f64x2.splat(lane(0)), lane(1)))
    }
    return [local.set(result, half([0, 1, 0, 1])), shuffle32([0, 1, 4, 5], result, half([2, 3, 2, 3]))]
  },
}
