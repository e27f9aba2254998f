import {
  type Code, type Constant, constF32, constF64, constI32, constI64, type Operand, push,
} from './code.ts'
import { bytesOfF32, bytesOfF64, bytesOfI32, unsigned } from './encoding.ts'
import { binaries, loads, prefixed, shifts, stores, ternaries, unaries } from './families.ts'

const SIMD = 0xfd

function constVector(bytes: readonly number[]): Code {
  return [SIMD, 0x0c, ...bytes]
}

function repeat(count: number, lane: readonly number[]): Code {
  return constVector(Array.from({ length: count }, () => lane).flat())
}

/** A number as an operand of a vector instruction stands for a vector of that number. */
const splatBytes: Constant = (value) => repeat(16, [value & 255])
const splatShorts: Constant = (value) => repeat(8, [value & 255, (value >> 8) & 255])
const splatInts: Constant = (value) => repeat(4, bytesOfI32(value))
const splatLongs: Constant = (value) =>
  repeat(2, [...new Uint8Array(BigInt64Array.of(BigInt(value)).buffer)])
const splatFloats: Constant = (value) => repeat(4, bytesOfF32(value))
const splatDoubles: Constant = (value) => repeat(2, bytesOfF64(value))

type Extract = (index: number, a: Operand) => Code
type Replace = (index: number, a: Operand, value: Operand) => Code

function extract(opcode: number): Extract {
  return (index, a) => [push(a, splatInts), SIMD, opcode, index]
}

function replace(opcode: number, constant: Constant): Replace {
  return (index, a, value) => [push(a, splatInts), push(value, constant), SIMD, opcode, index]
}

/** Reads or writes one lane of `vector` in memory. */
function lane(code: number): (pointer: Operand, index: number, vector: Operand, offset?: number) => Code {
  return (pointer, index, vector, offset = 0) => [
    push(pointer, constI32), push(vector, splatInts), SIMD, code, 0, ...unsigned(offset), index,
  ]
}

export const v128 = {
  ...loads(prefixed(SIMD, {
    load: 0x00, load8x8_s: 0x01, load8x8_u: 0x02, load16x4_s: 0x03,
    load16x4_u: 0x04, load32x2_s: 0x05, load32x2_u: 0x06,
    load8_splat: 0x07, load16_splat: 0x08, load32_splat: 0x09,
    load64_splat: 0x0a, load32_zero: 0x5c, load64_zero: 0x5d,
  })),
  ...stores(splatInts, prefixed(SIMD, { store: 0x0b })),
  load8_lane: lane(0x54),
  load16_lane: lane(0x55),
  load32_lane: lane(0x56),
  load64_lane: lane(0x57),
  store8_lane: lane(0x58),
  store16_lane: lane(0x59),
  store32_lane: lane(0x5a),
  store64_lane: lane(0x5b),
  ...unaries(splatInts, prefixed(SIMD, { not: 0x4d, any_true: 0x53 })),
  /** `andnot(a, b)` is a ∧ ¬b. */
  ...binaries(splatInts, prefixed(SIMD, { and: 0x4e, andnot: 0x4f, or: 0x50, xor: 0x51 })),
  /** Bits of `a` where `c` is 1, bits of `b` elsewhere. */
  ...ternaries(splatInts, prefixed(SIMD, { bitselect: 0x52 })),
}

export const i8x16 = {
  const: (lanes: readonly number[]): Code => constVector(lanes.map((value) => value & 255)),
  /** Sixteen bytes out of the 32 of `a` and `b`, by their positions. */
  shuffle: (positions: readonly number[], a: Operand, b: Operand): Code => [
    push(a, splatInts), push(b, splatInts), SIMD, 0x0d, ...positions,
  ],
  ...unaries(constI32, prefixed(SIMD, { splat: 0x0f })),
  extract_lane_s: extract(0x15),
  extract_lane_u: extract(0x16),
  replace_lane: replace(0x17, constI32),
  ...unaries(splatBytes, prefixed(SIMD, {
    abs: 0x60, neg: 0x61, popcnt: 0x62, all_true: 0x63, bitmask: 0x64,
  })),
  ...binaries(splatBytes, prefixed(SIMD, {
    swizzle: 0x0e,
    eq: 0x23, ne: 0x24, lt_s: 0x25, lt_u: 0x26, gt_s: 0x27,
    gt_u: 0x28, le_s: 0x29, le_u: 0x2a, ge_s: 0x2b, ge_u: 0x2c,
    add: 0x6e, add_sat_s: 0x6f, add_sat_u: 0x70, sub: 0x71, sub_sat_s: 0x72, sub_sat_u: 0x73,
    min_s: 0x76, min_u: 0x77, max_s: 0x78, max_u: 0x79,
  })),
  ...binaries(splatShorts, prefixed(SIMD, { narrow_i16x8_s: 0x65, narrow_i16x8_u: 0x66 })),
  ...shifts(splatBytes, prefixed(SIMD, { shl: 0x6b, shr_s: 0x6c, shr_u: 0x6d })),
}

export const i16x8 = {
  ...unaries(constI32, prefixed(SIMD, { splat: 0x10 })),
  extract_lane_s: extract(0x18),
  extract_lane_u: extract(0x19),
  replace_lane: replace(0x1a, constI32),
  ...unaries(splatShorts, prefixed(SIMD, { abs: 0x80, neg: 0x81, all_true: 0x83, bitmask: 0x84 })),
  ...binaries(splatShorts, prefixed(SIMD, {
    eq: 0x2d, ne: 0x2e, lt_s: 0x2f, lt_u: 0x30, gt_s: 0x31,
    gt_u: 0x32, le_s: 0x33, le_u: 0x34, ge_s: 0x35, ge_u: 0x36,
    add: 0x8e, sub: 0x91, mul: 0x95, min_s: 0x96, min_u: 0x97, max_s: 0x98, max_u: 0x99,
  })),
  ...binaries(splatInts, prefixed(SIMD, { narrow_i32x4_s: 0x85, narrow_i32x4_u: 0x86 })),
  ...unaries(splatBytes, prefixed(SIMD, {
    extend_low_i8x16_s: 0x87, extend_high_i8x16_s: 0x88, extend_low_i8x16_u: 0x89, extend_high_i8x16_u: 0x8a,
  })),
  ...shifts(splatShorts, prefixed(SIMD, { shl: 0x8b, shr_s: 0x8c, shr_u: 0x8d })),
}

export const i32x4 = {
  const: (lanes: readonly number[]): Code => constVector(lanes.flatMap(bytesOfI32)),
  ...unaries(constI32, prefixed(SIMD, { splat: 0x11 })),
  extract_lane: extract(0x1b),
  replace_lane: replace(0x1c, constI32),
  ...unaries(splatInts, prefixed(SIMD, { abs: 0xa0, neg: 0xa1, all_true: 0xa3, bitmask: 0xa4 })),
  ...binaries(splatInts, prefixed(SIMD, {
    eq: 0x37, ne: 0x38, lt_s: 0x39, lt_u: 0x3a, gt_s: 0x3b,
    gt_u: 0x3c, le_s: 0x3d, le_u: 0x3e, ge_s: 0x3f, ge_u: 0x40,
    add: 0xae, sub: 0xb1, mul: 0xb5, min_s: 0xb6, min_u: 0xb7, max_s: 0xb8, max_u: 0xb9,
  })),
  ...shifts(splatInts, prefixed(SIMD, { shl: 0xab, shr_s: 0xac, shr_u: 0xad })),
  ...unaries(splatShorts, prefixed(SIMD, {
    extend_low_i16x8_s: 0xa7, extend_high_i16x8_s: 0xa8, extend_low_i16x8_u: 0xa9, extend_high_i16x8_u: 0xaa,
  })),
  /** Towards zero, saturating; NaN gives 0. */
  ...unaries(splatFloats, prefixed(SIMD, { trunc_sat_f32x4_s: 0xf8, trunc_sat_f32x4_u: 0xf9 })),
  ...unaries(splatDoubles, prefixed(SIMD, { trunc_sat_f64x2_s_zero: 0xfc, trunc_sat_f64x2_u_zero: 0xfd })),
}

export const i64x2 = {
  const: (lanes: readonly (number | bigint)[]): Code =>
    constVector([...new Uint8Array(BigInt64Array.from(lanes.map(BigInt)).buffer)]),
  ...unaries(constI64, prefixed(SIMD, { splat: 0x12 })),
  extract_lane: extract(0x1d),
  replace_lane: replace(0x1e, constI64),
  ...unaries(splatLongs, prefixed(SIMD, { abs: 0xc0, neg: 0xc1, all_true: 0xc3, bitmask: 0xc4 })),
  ...binaries(splatLongs, prefixed(SIMD, {
    add: 0xce, sub: 0xd1, mul: 0xd5, eq: 0xd6, ne: 0xd7, lt_s: 0xd8, gt_s: 0xd9, le_s: 0xda, ge_s: 0xdb,
  })),
  ...shifts(splatLongs, prefixed(SIMD, { shl: 0xcb, shr_s: 0xcc, shr_u: 0xcd })),
  ...unaries(splatInts, prefixed(SIMD, {
    extend_low_i32x4_s: 0xc7, extend_high_i32x4_s: 0xc8, extend_low_i32x4_u: 0xc9, extend_high_i32x4_u: 0xca,
  })),
  ...binaries(splatInts, prefixed(SIMD, {
    extmul_low_i32x4_s: 0xdc, extmul_high_i32x4_s: 0xdd, extmul_low_i32x4_u: 0xde, extmul_high_i32x4_u: 0xdf,
  })),
}

export const f32x4 = {
  const: (lanes: readonly number[]): Code => constVector(lanes.flatMap(bytesOfF32)),
  ...unaries(constF32, prefixed(SIMD, { splat: 0x13 })),
  extract_lane: extract(0x1f),
  replace_lane: replace(0x20, constF32),
  ...unaries(splatFloats, prefixed(SIMD, {
    ceil: 0x67, floor: 0x68, trunc: 0x69, nearest: 0x6a, abs: 0xe0, neg: 0xe1, sqrt: 0xe3,
  })),
  ...binaries(splatFloats, prefixed(SIMD, {
    eq: 0x41, ne: 0x42, lt: 0x43, gt: 0x44, le: 0x45, ge: 0x46,
    add: 0xe4, sub: 0xe5, mul: 0xe6, div: 0xe7, min: 0xe8, max: 0xe9, pmin: 0xea, pmax: 0xeb,
  })),
  ...unaries(splatInts, prefixed(SIMD, { convert_i32x4_s: 0xfa, convert_i32x4_u: 0xfb })),
  ...unaries(splatDoubles, prefixed(SIMD, { demote_f64x2_zero: 0x5e })),
  /** a · b + c and c − a · b, rounded once or twice as the machine pleases. Relaxed SIMD. */
  ...ternaries(splatFloats, prefixed(SIMD, { relaxed_madd: 0x105, relaxed_nmadd: 0x106 })),
}

export const f64x2 = {
  const: (lanes: readonly number[]): Code => constVector(lanes.flatMap(bytesOfF64)),
  ...unaries(constF64, prefixed(SIMD, { splat: 0x14 })),
  extract_lane: extract(0x21),
  replace_lane: replace(0x22, constF64),
  ...unaries(splatDoubles, prefixed(SIMD, {
    ceil: 0x74, floor: 0x75, trunc: 0x7a, nearest: 0x94, abs: 0xec, neg: 0xed, sqrt: 0xef,
  })),
  ...binaries(splatDoubles, prefixed(SIMD, {
    eq: 0x47, ne: 0x48, lt: 0x49, gt: 0x4a, le: 0x4b, ge: 0x4c,
    add: 0xf0, sub: 0xf1, mul: 0xf2, div: 0xf3, min: 0xf4, max: 0xf5, pmin: 0xf6, pmax: 0xf7,
  })),
  ...unaries(splatFloats, prefixed(SIMD, { promote_low_f32x4: 0x5f })),
  ...unaries(splatInts, prefixed(SIMD, { convert_low_i32x4_s: 0xfe, convert_low_i32x4_u: 0xff })),
}

/** Four 32-bit lanes out of the eight of `a` (0–3) and `b` (4–7). */
export function shuffle32(lanes: readonly [number, number, number, number], a: Operand, b: Operand): Code {
  return i8x16.shuffle(lanes.flatMap((index) => [0, 1, 2, 3].map((byte) => 4 * index + byte)), a, b)
}
