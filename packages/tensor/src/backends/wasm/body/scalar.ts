import { type Code, f32, f32x4, i32, i32x4, type Operand, type ValueType } from '../assembler/index.ts'
import { floatFromHalf } from './lanes.ts'
import type { LaneType } from './spec.ts'

/** The type that a single element of each type is computed in. */
export function scalarType(dtype: LaneType): ValueType & ('f32' | 'i32') {
  return dtype === 'float32' || dtype === 'float16' ? 'f32' : 'i32'
}

/** One element as a number: float16 widened, bool as 0 or 1. */
export function loadScalar(dtype: LaneType, address: Operand): Code {
  switch (dtype) {
    case 'float32':
      return f32.load(address)
    case 'float16':
      return f32x4.extract_lane(0, floatFromHalf(i32x4.splat(i32.load16_u(address))))
    case 'int32':
      return i32.load(address)
    case 'uint8':
    case 'bool':
      return i32.load8_u(address)
  }
}

/** Writes one number of a type other than float16. */
export function storeScalar(dtype: Exclude<LaneType, 'float16'>, address: Operand, value: Operand): Code {
  if (dtype === 'float32') return f32.store(address, value)
  return dtype === 'int32' ? i32.store(address, value) : i32.store8(address, value)
}

/** Copies one element, whatever it means. */
export function copyElement(dtype: LaneType, to: Operand, from: Operand): Code {
  if (dtype === 'float32' || dtype === 'int32') return i32.store(to, i32.load(from))
  return dtype === 'float16' ? i32.store16(to, i32.load16_u(from)) : i32.store8(to, i32.load8_u(from))
}
