import { type Code, constF32, constF64, constI32, constI64, type Operand, push } from './code.ts'
import { signed } from './encoding.ts'
import { binaries, loads, stores, unaries } from './families.ts'

// The instructions that the backend writes, not all there are (see `vector.ts`).

export const i32 = {
  const: constI32,
  ...loads({ load: 0x28, load8_u: 0x2d, load16_u: 0x2f }),
  ...stores(constI32, { store: 0x36, store8: 0x3a, store16: 0x3b }),
  ...unaries(constI32, { eqz: 0x45 }),
  ...binaries(constI32, {
    eq: 0x46, ne: 0x47, lt_s: 0x48, lt_u: 0x49, gt_s: 0x4a,
    gt_u: 0x4b, le_s: 0x4c, le_u: 0x4d, ge_s: 0x4e, ge_u: 0x4f,
    add: 0x6a, sub: 0x6b, mul: 0x6c, div_s: 0x6d, div_u: 0x6e, rem_s: 0x6f, rem_u: 0x70,
    and: 0x71, or: 0x72, xor: 0x73, shl: 0x74, shr_s: 0x75, shr_u: 0x76,
  }),
  ...unaries(constI64, { wrap_i64: 0xa7 }),
  ...unaries(constF32, { reinterpret_f32: 0xbc }),
}

export const i64 = {
  const: (value: number | bigint): Code =>
    typeof value === 'number' ? constI64(value) : [0x42, ...signedBig(value)],
  ...loads({ load: 0x29 }),
  ...stores(constI64, { store: 0x37 }),
  ...binaries(constI64, { add: 0x7c, sub: 0x7d, mul: 0x7e, or: 0x84, shl: 0x86, shr_u: 0x88 }),
  ...unaries(constI32, { extend_i32_u: 0xad }),
}

export const f32 = {
  const: constF32,
  ...loads({ load: 0x2a }),
  ...stores(constF32, { store: 0x38 }),
  ...unaries(constF32, { neg: 0x8c }),
  ...binaries(constF32, { eq: 0x5b, ne: 0x5c, lt: 0x5d, gt: 0x5e, add: 0x92, mul: 0x94 }),
  ...unaries(constF64, { demote_f64: 0xb6 }),
}

export const f64 = {
  const: constF64,
  ...unaries(constF64, { abs: 0x99, neg: 0x9a, floor: 0x9c }),
  ...binaries(constF64, {
    eq: 0x61, ne: 0x62, lt: 0x63, gt: 0x64, ge: 0x66,
    add: 0xa0, sub: 0xa1, mul: 0xa2, div: 0xa3, copysign: 0xa6,
  }),
  ...unaries(constF32, { promote_f32: 0xbb }),
  ...unaries(constI64, { convert_i64_s: 0xb9 }),
}

/** Whole regions of memory. */
export const memory = {
  copy: (to: Operand, from: Operand, bytes: Operand): Code => [
    push(to, constI32), push(from, constI32), push(bytes, constI32), 0xfc, 0x0a, 0, 0,
  ],
  fill: (to: Operand, byte: Operand, bytes: Operand): Code => [
    push(to, constI32), push(byte, constI32), push(bytes, constI32), 0xfc, 0x0b, 0,
  ],
}

/** LEB128 of any 64-bit integer. */
function signedBig(value: bigint): number[] {
  const rest = BigInt.asIntN(64, value)
  const low = Number(BigInt.asIntN(49, rest))
  if (BigInt(low) === rest) return signed(low)
  // Seven bytes carry the low 49 bits with their continuation bits set, then the rest follows.
  const bytes = Array.from({ length: 7 }, (_, i) => Number((rest >> BigInt(7 * i)) & 127n) | 128)
  return [...bytes, ...signed(Number(rest >> 49n))]
}
