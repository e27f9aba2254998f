import {
  type Code, type Constant, constF32, constF64, constI32, constI64, type Operand, push,
} from './code.ts'
import { bytesOfF32, bytesOfF64, bytesOfI32, unsigned } from './encoding.ts'
import { binaries, loads, prefixed, shifts, stores, ternaries, unaries } from './families.ts'

// Every entry is built when the library loads, and no bundler can leave it out: these are the instructions that
// the backend writes, not all there are.

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
    load: 0x00, load16x4_u: 0x04, load32_splat: 0x09, load32_zero: 0x5c, load64_zero: 0x5d,
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
  /** Sixteen bytes out of the 32 of `a` and `b`, by their positions. */
  shuffle: (positions: readonly number[], a: Operand, b: Operand): Code => [
    push(a, splatInts), push(b, splatInts), SIMD, 0x0d, ...positions,
  ],
  ...binaries(splatShorts, prefixed(SIMD, { narrow_i16x8_u: 0x66 })),
}

export const i16x8 = {
  ...binaries(splatInts, prefixed(SIMD, { narrow_i32x4_u: 0x86 })),
  ...unaries(splatBytes, prefixed(SIMD, { extend_low_i8x16_u: 0x89 })),
}

export const i32x4 = {
  const: (lanes: readonly number[]): Code => constVector(lanes.flatMap(bytesOfI32)),
  ...unaries(constI32, prefixed(SIMD, { splat: 0x11 })),
  extract_lane: extract(0x1b),
  replace_lane: replace(0x1c, constI32),
  ...unaries(splatInts, prefixed(SIMD, { abs: 0xa0, neg: 0xa1 })),
  ...binaries(splatInts, prefixed(SIMD, {
    eq: 0x37, ne: 0x38, lt_s: 0x39, lt_u: 0x3a, gt_s: 0x3b, le_s: 0x3d, ge_u: 0x40,
    add: 0xae, sub: 0xb1, mul: 0xb5, min_s: 0xb6, max_s: 0xb8,
  })),
  ...shifts(splatInts, prefixed(SIMD, { shl: 0xab, shr_s: 0xac, shr_u: 0xad })),
  ...unaries(splatShorts, prefixed(SIMD, { extend_low_i16x8_u: 0xa9 })),
  /** Towards zero, saturating; NaN gives 0. */
  ...unaries(splatFloats, prefixed(SIMD, { trunc_sat_f32x4_s: 0xf8 })),
  /** Lanes of `a` where `c` is all ones, of `b` where it is 0. Relaxed SIMD. */
  ...ternaries(splatInts, prefixed(SIMD, { relaxed_laneselect: 0x10b })),
}

export const i64x2 = {
  const: (lanes: readonly (number | bigint)[]): Code =>
    constVector([...new Uint8Array(BigInt64Array.from(lanes.map(BigInt)).buffer)]),
  ...unaries(constI64, prefixed(SIMD, { splat: 0x12 })),
  ...binaries(splatLongs, prefixed(SIMD, { add: 0xce, sub: 0xd1 })),
  ...shifts(splatLongs, prefixed(SIMD, { shl: 0xcb, shr_s: 0xcc, shr_u: 0xcd })),
  ...binaries(splatInts, prefixed(SIMD, { extmul_low_i32x4_u: 0xde, extmul_high_i32x4_u: 0xdf })),
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
    eq: 0x41, ne: 0x42, lt: 0x43, gt: 0x44, le: 0x45,
    add: 0xe4, sub: 0xe5, mul: 0xe6, div: 0xe7, min: 0xe8, max: 0xe9, pmin: 0xea, pmax: 0xeb,
  })),
  ...unaries(splatInts, prefixed(SIMD, { convert_i32x4_s: 0xfa })),
  ...unaries(splatDoubles, prefixed(SIMD, { demote_f64x2_zero: 0x5e })),
  /** a · b + c and c − a · b, rounded once or twice as the machine pleases. Relaxed SIMD. */
  ...ternaries(splatFloats, prefixed(SIMD, { relaxed_madd: 0x105, relaxed_nmadd: 0x106 })),
}

export const f64x2 = {
  const: (lanes: readonly number[]): Code => constVector(lanes.flatMap(bytesOfF64)),
  ...unaries(constF64, prefixed(SIMD, { splat: 0x14 })),
  extract_lane: extract(0x21),
  replace_lane: replace(0x22, constF64),
  ...unaries(splatDoubles, prefixed(SIMD, { floor: 0x75 })),
  ...binaries(splatDoubles, prefixed(SIMD, {
    eq: 0x47, ne: 0x48, add: 0xf0, sub: 0xf1, mul: 0xf2, div: 0xf3, pmin: 0xf6, pmax: 0xf7,
  })),
  ...unaries(splatFloats, prefixed(SIMD, { promote_low_f32x4: 0x5f })),
  ...unaries(splatInts, prefixed(SIMD, { convert_low_i32x4_s: 0xfe })),
}

/** Four 32-bit lanes out of the eight of `a` (0–3) and `b` (4–7). */
export function shuffle32(lanes: readonly [number, number, number, number], a: Operand, b: Operand): Code {
  return i8x16.shuffle(lanes.flatMap((index) => [0, 1, 2, 3].map((byte) => 4 * index + byte)), a, b)
}
