import type { RandomKernel } from '../../../schedule/kernels.ts'
import {
  type Code,
  f32x4,
  forRange,
  i32,
  i32x4,
  i64,
  i64x2,
  increase,
  local,
  type Local,
  type Locals,
  type ModuleBuilder,
  shuffle32,
  v128,
} from '../assembler/index.ts'
import { ArgumentList } from '../body/argument-list.ts'
import type { Lowering } from '../launch.ts'
import { grainFor } from './cost.ts'

/** Multipliers and key increments of Philox 4×32 (Salmon et al. 2011, table 2 and section 4.3). */
const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57] as const
const WEYL = [0x9e3779b9, 0xbb67ae85] as const
const ROUNDS = 10

/** Four blocks of four words: 64 bytes, so that the last group may be written whole into the padded slot. */
const GROUP = 16

/** Philox 4×32-10, four counters at a time in the lanes of a vector: one unit is a group of sixteen words. */
export function lowerRandom(kernel: RandomKernel): Lowering {
  const args = new ArgumentList()
  const [key, store] = [args.address(kernel.key), args.address(kernel.store)]
  const { form } = kernel
  return {
    launches: [
      {
        module: {
          key: `random ${form} ${key} ${store}`,
          write: (builder) => writeRandom(builder, form, key, store),
        },
        entry: 'random',
        args: args.words,
        units: Math.ceil(kernel.count / GROUP),
        grain: grainFor(GROUP * ROUNDS),
      },
    ],
    scratchBytes: 0,
    threadScratchBytes: 0,
  }
}

function writeRandom(
  builder: ModuleBuilder,
  form: RandomKernel['form'],
  keyAt: number,
  storeAt: number,
): void {
  builder.func({ name: 'random', params: ['i32', 'i32', 'i32', 'i32'] }, (locals, args, begin, end) => {
    const [key, out, group] = locals.many('i32', 3)
    const offset = locals.i64()
    const state = locals.many('v128', 4)
    return [
      local.set(key, i32.load(args, 4 * keyAt)),
      forRange(group, begin, end, 1, [
        local.set(out, i32.add(i32.load(args, 4 * storeAt), i32.shl(group, 6))),
        local.set(offset, i64.add(i64.load(key, 8), i64.shl(i64.extend_i32_u(group), 2))),
        seedCounters(state, offset),
        rounds(locals, state, key),
        storeBlocks(locals, state, out, form),
      ]),
    ]
  })
}

/** Lane b counts block offset + b: the low and high words of that, then two zeros. */
function seedCounters(state: readonly Local[], offset: Local): Code {
  const first = i64x2.add(i64x2.splat(offset), i64x2.const([0, 1]))
  const second = i64x2.add(i64x2.splat(offset), i64x2.const([2, 3]))
  return [
    local.set(state[2], first),
    local.set(state[3], second),
    local.set(state[0], shuffle32([0, 2, 4, 6], state[2], state[3])),
    local.set(state[1], shuffle32([1, 3, 5, 7], state[2], state[3])),
    local.set(state[2], i32x4.const([0, 0, 0, 0])),
    local.set(state[3], i32x4.const([0, 0, 0, 0])),
  ]
}

/** Each round: (c₀, c₁, c₂, c₃) → (high(M₁c₂) ⊕ c₁ ⊕ k₀, low(M₁c₂), high(M₀c₀) ⊕ c₃ ⊕ k₁, low(M₀c₀)). */
function rounds(locals: Locals, state: readonly Local[], key: Local): Code {
  const [round, k0, k1] = locals.many('i32', 3)
  const products = locals.many('v128', 4)
  const multiply = (word: Local, multiplier: number, [low, high]: readonly Local[]): Code => [
    local.set(low, i64x2.extmul_low_i32x4_u(word, i32x4.splat(multiplier | 0))),
    local.set(high, i64x2.extmul_high_i32x4_u(word, i32x4.splat(multiplier | 0))),
  ]
  const low = ([a, b]: readonly Local[]): Code => shuffle32([0, 2, 4, 6], a, b)
  const high = ([a, b]: readonly Local[]): Code => shuffle32([1, 3, 5, 7], a, b)
  const [even, odd] = [products.slice(0, 2), products.slice(2)]
  return [
    local.set(k0, i32.load(key, 0)),
    local.set(k1, i32.load(key, 4)),
    forRange(round, 0, ROUNDS, 1, [
      multiply(state[0], MULTIPLIERS[0], even),
      multiply(state[2], MULTIPLIERS[1], odd),
      local.set(state[0], v128.xor(v128.xor(high(odd), state[1]), i32x4.splat(k0))),
      local.set(state[1], low(odd)),
      local.set(state[2], v128.xor(v128.xor(high(even), state[3]), i32x4.splat(k1))),
      local.set(state[3], low(even)),
      increase(k0, WEYL[0] | 0),
      increase(k1, WEYL[1] | 0),
    ]),
  ]
}

/** Transposes words by block into blocks of words and stores them. */
function storeBlocks(
  locals: Locals,
  [w0, w1, w2, w3]: readonly Local[],
  out: Local,
  form: RandomKernel['form'],
): Code {
  const [a, b, c, d] = locals.many('v128', 4)
  const store = (block: number, words: Code): Code =>
    v128.store(
      out,
      form === 'bits' ? words : f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(words, 8)), 2 ** -24),
      16 * block,
    )
  return [
    local.set(a, shuffle32([0, 4, 1, 5], w0, w1)),
    local.set(b, shuffle32([2, 6, 3, 7], w0, w1)),
    local.set(c, shuffle32([0, 4, 1, 5], w2, w3)),
    local.set(d, shuffle32([2, 6, 3, 7], w2, w3)),
    store(0, shuffle32([0, 1, 4, 5], a, c)),
    store(1, shuffle32([2, 3, 6, 7], a, c)),
    store(2, shuffle32([0, 1, 4, 5], b, d)),
    store(3, shuffle32([2, 3, 6, 7], b, d)),
  ]
}
