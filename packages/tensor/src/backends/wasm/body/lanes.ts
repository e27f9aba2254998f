import {
  type Code,
  f32x4,
  i16x8,
  i32,
  i32x4,
  i8x16,
  local,
  Local,
  type Operand,
  v128,
} from '../assembler/index.ts'
import type { LaneType } from './spec.ts'

/**
 * Four elements in a vector of four 32-bit lanes, whatever their type: float32 as such; int32 as such; uint8
 * as 0…255; bool as 0 or −1, the masks that comparisons give and selections take; float16 as its 16-bit
 * pattern.
 */
export type Lanes = Code

/** Base-2 logarithm of the bytes that an element takes in memory. */
export const byteShift: Record<LaneType, number> = { float32: 2, int32: 2, float16: 1, uint8: 0, bool: 0 }

/** Address of element `index` of a dense row. */
export function elementAddress(dtype: LaneType, row: Operand, index: Operand): Code {
  const shift = byteShift[dtype]
  return i32.add(row, shift === 0 ? index : i32.shl(index, shift))
}

/** Bytes that were widened to lanes, as lanes of their type. */
function fromBytes(dtype: LaneType, lanes: Code): Lanes {
  return dtype === 'bool' ? i32x4.ne(lanes, 0) : lanes
}

const loadFour: Record<LaneType, (address: Operand, offset: number) => Code> = {
  float32: v128.load,
  int32: v128.load,
  float16: v128.load16x4_u,
  uint8: (address, offset) => widenBytes(v128.load32_zero(address, offset)),
  bool: (address, offset) => widenBytes(v128.load32_zero(address, offset)),
}

function widenBytes(bytes: Code): Code {
  return i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes))
}

/** Four neighbouring elements. */
export function loadLanes(dtype: LaneType, address: Operand, offset = 0): Lanes {
  return fromBytes(dtype, loadFour[dtype](address, offset))
}

const loadEverywhere: Record<LaneType, (address: Operand) => Code> = {
  float32: v128.load32_splat,
  int32: v128.load32_splat,
  float16: (address) => i32x4.splat(i32.load16_u(address)),
  uint8: (address) => i32x4.splat(i32.load8_u(address)),
  bool: (address) => i32x4.splat(i32.load8_u(address)),
}

/** One element in all lanes. */
export function loadSplat(dtype: LaneType, address: Operand): Lanes {
  return fromBytes(dtype, loadEverywhere[dtype](address))
}

/** `vector`, whose lanes above `lane` are anything, with one lane replaced from memory; see `finishLanes`. */
export function loadLane(dtype: LaneType, lane: number, address: Operand, vector: Operand): Code {
  const shift = byteShift[dtype]
  if (shift === 2) return v128.load32_lane(address, lane, vector)
  // The rest of the lane is zero already, so the narrow lane within it is the widened element.
  return shift === 1
    ? v128.load16_lane(address, 2 * lane, vector)
    : v128.load8_lane(address, 4 * lane, vector)
}

/** What four `loadLane`s on a zero vector have read, as lanes of their type. */
export function finishLanes(dtype: LaneType, vector: Code): Lanes {
  return fromBytes(dtype, vector)
}

/** Lanes as they go to memory: bools as 0 or 1. */
function toMemory(dtype: LaneType, lanes: Operand): Operand {
  return dtype === 'bool' ? v128.and(lanes, 1) : lanes
}

/** Writes four neighbouring elements. */
export function storeLanes(dtype: LaneType, address: Operand, lanes: Operand, offset = 0): Code {
  const value = toMemory(dtype, lanes)
  const shift = byteShift[dtype]
  if (shift === 2) return v128.store(address, value, offset)
  const halves = i16x8.narrow_i32x4_u(value, value)
  if (shift === 1) return v128.store64_lane(address, 0, halves, offset)
  return v128.store32_lane(address, 0, i8x16.narrow_i16x8_u(halves, 0), offset)
}

/** Writes one lane. */
export function storeLane(dtype: LaneType, lane: number, address: Operand, lanes: Operand): Code {
  const value = toMemory(dtype, lanes)
  const shift = byteShift[dtype]
  if (shift === 2) return v128.store32_lane(address, lane, value)
  return shift === 1
    ? v128.store16_lane(address, 2 * lane, value)
    : v128.store8_lane(address, 4 * lane, value)
}

/** A number from the argument block in all lanes. */
export function splatArgument(dtype: LaneType, args: Local, position: number): Lanes {
  const lanes = v128.load32_splat(args, 4 * position)
  if (dtype === 'float16') return halfFromFloat(lanes)
  if (dtype === 'uint8') return v128.and(lanes, 255)
  return fromBytes(dtype, lanes)
}

/** 16-bit patterns to float32; subnormals become normal by the multiplication. */
export function floatFromHalf(half: Operand): Lanes {
  const magnitude = i32x4.shl(v128.and(half, 0x7fff), 13)
  const special = v128.and(i32x4.gt_s(magnitude, 0x0f7fffff), 0x7f800000)
  const scaled = f32x4.mul(magnitude, 2 ** 112)
  const sign = i32x4.shl(v128.and(half, 0x8000), 16)
  return v128.or(v128.or(scaled, special), sign)
}

/** float32 to the nearest 16-bit pattern, halves to even (after F. Giesen's float_to_half_rtne). */
function halfFromFloat(float: Operand): Lanes {
  const magnitude = v128.and(float, 0x7fffffff)
  const nan = v128.and(f32x4.ne(float, float), 0x200)
  const infinityOrNan = v128.or(nan, 0x7c00)
  // Adding ½ (in units of the last subnormal place) lets the hardware round; the rest is the pattern.
  const subnormal = i32x4.sub(f32x4.add(magnitude, 0.5), 0x3f000000)
  const odd = i32x4.shr_s(i32x4.shl(float, 18), 31)
  const normal = i32x4.shr_u(i32x4.sub(i32x4.add(magnitude, 0xfff - (112 << 23)), odd), 13)
  const regular = v128.bitselect(subnormal, normal, i32x4.lt_s(magnitude, 113 << 23))
  const pattern = v128.bitselect(regular, infinityOrNan, i32x4.lt_s(magnitude, 143 << 23))
  return v128.or(pattern, i32x4.shr_u(v128.and(float, 0x80000000 | 0), 16))
}

const FLOAT_ONE = 0x3f800000

function asCode(operand: Operand): Code {
  return operand instanceof Local ? local.get(operand) : (operand as Code)
}

/**
 * From one type to another: floats truncate and saturate at the int32 range (NaN gives 0), uint8 keeps the
 * low byte.
 */
export function castLanes(from: LaneType, to: LaneType, lanes: Operand): Lanes {
  if (from === to) return asCode(lanes)
  if (from === 'float16') return castLanes('float32', to, floatFromHalf(lanes))
  switch (to) {
    case 'float32':
      return from === 'bool' ? v128.and(lanes, FLOAT_ONE) : f32x4.convert_i32x4_s(lanes)
    case 'float16':
      return halfFromFloat(castLanes(from, 'float32', lanes))
    case 'bool':
      return from === 'float32' ? f32x4.ne(lanes, 0) : i32x4.ne(lanes, 0)
    case 'int32':
      if (from === 'bool') return v128.and(lanes, 1)
      return from === 'float32' ? i32x4.trunc_sat_f32x4_s(lanes) : asCode(lanes)
    case 'uint8':
      return v128.and(from === 'float32' ? i32x4.trunc_sat_f32x4_s(lanes) : lanes, from === 'bool' ? 1 : 255)
  }
}
