import { type Code, constF32, constF64, constI32, constI64, type Operand, push } from './code.ts'
import { signed, unsigned } from './encoding.ts'
import { binaries, loads, prefixed, stores, unaries } from './families.ts'

const ATOMIC = 0xfe

/** Atomics on 32 bits. They work on unshared memory too, but for `wait`, which traps there. */
const atomic32 = {
  ...loads(prefixed(ATOMIC, { load: 0x10 }), 2),
  ...stores(constI32, prefixed(ATOMIC, { store: 0x17 }), 2),
  /** Read-modify-write: gives the value from before. */
  rmw: {
    ...stores(constI32, prefixed(ATOMIC, {
      add: 0x1e, sub: 0x25, and: 0x2c, or: 0x33, xor: 0x3a, xchg: 0x41,
    }), 2),
    /** Stores `replacement` if memory holds `expected`; gives the value from before. */
    cmpxchg: (pointer: Operand, expected: Operand, replacement: Operand, offset = 0): Code => [
      push(pointer, constI32), push(expected, constI32), push(replacement, constI32),
      ATOMIC, 0x48, 2, ...unsigned(offset),
    ],
  },
}

export const i32 = {
  const: constI32,
  ...loads({ load: 0x28, load8_s: 0x2c, load8_u: 0x2d, load16_s: 0x2e, load16_u: 0x2f }),
  ...stores(constI32, { store: 0x36, store8: 0x3a, store16: 0x3b }),
  ...unaries(constI32, { eqz: 0x45, clz: 0x67, ctz: 0x68, popcnt: 0x69, extend8_s: 0xc0, extend16_s: 0xc1 }),
  ...binaries(constI32, {
    eq: 0x46, ne: 0x47, lt_s: 0x48, lt_u: 0x49, gt_s: 0x4a,
    gt_u: 0x4b, le_s: 0x4c, le_u: 0x4d, ge_s: 0x4e, ge_u: 0x4f,
    add: 0x6a, sub: 0x6b, mul: 0x6c, div_s: 0x6d, div_u: 0x6e, rem_s: 0x6f, rem_u: 0x70,
    and: 0x71, or: 0x72, xor: 0x73, shl: 0x74, shr_s: 0x75, shr_u: 0x76, rotl: 0x77, rotr: 0x78,
  }),
  ...unaries(constI64, { wrap_i64: 0xa7 }),
  ...unaries(constF32, { trunc_f32_s: 0xa8, trunc_f32_u: 0xa9, reinterpret_f32: 0xbc }),
  ...unaries(constF64, { trunc_f64_s: 0xaa, trunc_f64_u: 0xab }),
  ...unaries(constF32, prefixed(0xfc, { trunc_sat_f32_s: 0, trunc_sat_f32_u: 1 })),
  ...unaries(constF64, prefixed(0xfc, { trunc_sat_f64_s: 2, trunc_sat_f64_u: 3 })),
  atomic: atomic32,
}

export const i64 = {
  const: (value: number | bigint): Code =>
    typeof value === 'number' ? constI64(value) : [0x42, ...signedBig(value)],
  ...loads({ load: 0x29, load32_s: 0x34, load32_u: 0x35 }),
  ...stores(constI64, { store: 0x37, store32: 0x3e }),
  ...unaries(constI64, { eqz: 0x50, clz: 0x79, ctz: 0x7a, popcnt: 0x7b }),
  ...binaries(constI64, {
    eq: 0x51, ne: 0x52, lt_s: 0x53, lt_u: 0x54, gt_s: 0x55,
    gt_u: 0x56, le_s: 0x57, le_u: 0x58, ge_s: 0x59, ge_u: 0x5a,
    add: 0x7c, sub: 0x7d, mul: 0x7e, div_s: 0x7f, div_u: 0x80, rem_s: 0x81, rem_u: 0x82,
    and: 0x83, or: 0x84, xor: 0x85, shl: 0x86, shr_s: 0x87, shr_u: 0x88, rotl: 0x89, rotr: 0x8a,
  }),
  ...unaries(constI32, { extend_i32_s: 0xac, extend_i32_u: 0xad }),
  ...unaries(constF64, { reinterpret_f64: 0xbd }),
  ...unaries(constF64, prefixed(0xfc, { trunc_sat_f64_s: 6, trunc_sat_f64_u: 7 })),
}

export const f32 = {
  const: constF32,
  ...loads({ load: 0x2a }),
  ...stores(constF32, { store: 0x38 }),
  ...unaries(constF32, {
    abs: 0x8b, neg: 0x8c, ceil: 0x8d, floor: 0x8e, trunc: 0x8f, nearest: 0x90, sqrt: 0x91,
  }),
  ...binaries(constF32, {
    eq: 0x5b, ne: 0x5c, lt: 0x5d, gt: 0x5e, le: 0x5f, ge: 0x60,
    add: 0x92, sub: 0x93, mul: 0x94, div: 0x95, min: 0x96, max: 0x97, copysign: 0x98,
  }),
  ...unaries(constI32, { convert_i32_s: 0xb2, convert_i32_u: 0xb3, reinterpret_i32: 0xbe }),
  ...unaries(constF64, { demote_f64: 0xb6 }),
}

export const f64 = {
  const: constF64,
  ...loads({ load: 0x2b }),
  ...stores(constF64, { store: 0x39 }),
  ...unaries(constF64, {
    abs: 0x99, neg: 0x9a, ceil: 0x9b, floor: 0x9c, trunc: 0x9d, nearest: 0x9e, sqrt: 0x9f,
  }),
  ...binaries(constF64, {
    eq: 0x61, ne: 0x62, lt: 0x63, gt: 0x64, le: 0x65, ge: 0x66,
    add: 0xa0, sub: 0xa1, mul: 0xa2, div: 0xa3, min: 0xa4, max: 0xa5, copysign: 0xa6,
  }),
  ...unaries(constI32, { convert_i32_s: 0xb7, convert_i32_u: 0xb8 }),
  ...unaries(constF32, { promote_f32: 0xbb }),
  ...unaries(constI64, { convert_i64_s: 0xb9, convert_i64_u: 0xba, reinterpret_i64: 0xbf }),
}

/** Whole regions of memory, and waiting on one word of it. */
export const memory = {
  copy: (to: Operand, from: Operand, bytes: Operand): Code => [
    push(to, constI32), push(from, constI32), push(bytes, constI32), 0xfc, 0x0a, 0, 0,
  ],
  fill: (to: Operand, byte: Operand, bytes: Operand): Code => [
    push(to, constI32), push(byte, constI32), push(bytes, constI32), 0xfc, 0x0b, 0,
  ],
  atomic: {
    /** Wakes up to `count` waiters; gives how many. */
    notify: (pointer: Operand, count: Operand, offset = 0): Code => [
      push(pointer, constI32), push(count, constI32), ATOMIC, 0x00, 2, ...unsigned(offset),
    ],
    /**
     * Sleeps while memory holds `expected`, `nanoseconds` (i64) at most, −1 for ever: 0 woken, 1 not equal, 2
     * timed out.
     */
    wait32: (pointer: Operand, expected: Operand, nanoseconds: Operand, offset = 0): Code => [
      push(pointer, constI32), push(expected, constI32), push(nanoseconds, constI64),
      ATOMIC, 0x01, 2, ...unsigned(offset),
    ],
    fence: (): Code => [ATOMIC, 0x03, 0],
  },
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
