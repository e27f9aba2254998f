import type { Code, Operand } from './code.ts'
import type { Target } from './module.ts'
import { f32x4, i32x4, v128 } from './vector.ts'

/** a · b + c on four floats: fused where the target has it, rounded twice elsewhere. */
export function multiplyAdd(target: Target, a: Operand, b: Operand, c: Operand): Code {
  return target.relaxedSimd ? f32x4.relaxed_madd(a, b, c) : f32x4.add(f32x4.mul(a, b), c)
}

/** c − a · b on four floats. */
export function negativeMultiplyAdd(target: Target, a: Operand, b: Operand, c: Operand): Code {
  return target.relaxedSimd ? f32x4.relaxed_nmadd(a, b, c) : f32x4.sub(c, f32x4.mul(a, b))
}

/**
 * Lanes of `a` where those of `mask` are −1, of `b` where they are 0: in one instruction where the target
 * has it.
 */
export function selectLanes(target: Target, a: Operand, b: Operand, mask: Operand): Code {
  return target.relaxedSimd ? i32x4.relaxed_laneselect(a, b, mask) : v128.bitselect(a, b, mask)
}
