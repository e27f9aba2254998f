import type { RandomKernel } from '../../../schedule/kernels.ts'
import {
  type Code,
  f32x4,
  forRange,
  i32,
  i32x4,
  i64,
  i64x2,
  local,
  type Local,
  type Locals,
  type ModuleBuilder,
  shuffle32,
  v128,
  when,
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
/** Groups whose rounds are done side by side, since the steps of one wait for each other. */
const TOGETHER = 2

/**
 * Philox 4×32-10, four counters at a time in the lanes of a vector: one unit is two groups of sixteen
 * words.
 */
export function lowerRandom(kernel: RandomKernel): Lowering {
  const args = new ArgumentList()
  const groups = Math.ceil(kernel.count / GROUP)
  const at = { key: args.address(kernel.key), store: args.address(kernel.store), groups: args.int(groups) }
  const { form } = kernel
  return {
    launches: [
      {
        module: {
          key: `random ${form} ${JSON.stringify(at)}`,
          write: (builder) => writeRandom(builder, form, at),
        },
        entry: 'random',
        args: args.words,
        units: Math.ceil(groups / TOGETHER),
        grain: grainFor(TOGETHER * GROUP * ROUNDS),
      },
    ],
    scratchBytes: 0,
    threadScratchBytes: 0,
  }
}

/** `at` are positions in the argument block. */
function writeRandom(
  builder: ModuleBuilder,
  form: RandomKernel['form'],
  at: Readonly<Record<'key' | 'store' | 'groups', number>>,
): void {
  builder.func({ name: 'random', params: ['i32', 'i32', 'i32', 'i32'] }, (locals, args, begin, end) => {
    const [key, out, unit, group, groups] = locals.many('i32', 5)
    const offset = locals.i64()
    const states = Array.from({ length: TOGETHER }, () => locals.many('v128', 4))
    return [
      local.set(key, i32.load(args, 4 * at.key)),
      local.set(groups, i32.load(args, 4 * at.groups)),
      forRange(unit, begin, end, 1, [
        local.set(group, i32.mul(unit, TOGETHER)),
        local.set(out, i32.add(i32.load(args, 4 * at.store), i32.shl(group, 6))),
        local.set(offset, i64.add(i64.load(key, 8), i64.shl(i64.extend_i32_u(group), 2))),
        states.map((state, k) => seedCounters(state, offset, 4 * k)),
        rounds(locals, states, key),
        states.map((state, k) => {
          const stored = storeBlocks(locals, state, out, 64 * k, form)
          return k === 0 ? stored : when(i32.lt_u(i32.add(group, k), groups), stored)
        }),
      ]),
    ]
  })
}

/** Lane b counts block offset + first + b: the low and high words of that, then two zeros. */
function seedCounters(state: readonly Local[], offset: Local, first: number): Code {
  return [
    local.set(state[2], i64x2.add(i64x2.splat(offset), i64x2.const([first, first + 1]))),
    local.set(state[3], i64x2.add(i64x2.splat(offset), i64x2.const([first + 2, first + 3]))),
    local.set(state[0], shuffle32([0, 2, 4, 6], state[2], state[3])),
    local.set(state[1], shuffle32([1, 3, 5, 7], state[2], state[3])),
    local.set(state[2], i32x4.const([0, 0, 0, 0])),
    local.set(state[3], i32x4.const([0, 0, 0, 0])),
  ]
}

/** Each round: (c₀, c₁, c₂, c₃) → (high(M₁c₂) ⊕ c₁ ⊕ k₀, low(M₁c₂), high(M₀c₀) ⊕ c₃ ⊕ k₁, low(M₀c₀)). */
function rounds(locals: Locals, states: readonly (readonly Local[])[], key: Local): Code {
  const round = locals.i32()
  const [multipliers, keys, steps] = [0, 1, 2].map(() => locals.many('v128', 2))
  const low = ([a, b]: readonly Local[]): Code => shuffle32([0, 2, 4, 6], a, b)
  const high = ([a, b]: readonly Local[]): Code => shuffle32([1, 3, 5, 7], a, b)
  const next = (state: readonly Local[]): Code => {
    const even = locals.many('v128', 2)
    const odd = locals.many('v128', 2)
    const multiply = (word: Local, multiplier: Local, product: readonly Local[]): Code => [
      local.set(product[0], i64x2.extmul_low_i32x4_u(word, multiplier)),
      local.set(product[1], i64x2.extmul_high_i32x4_u(word, multiplier)),
    ]
    return [
      multiply(state[0], multipliers[0], even),
      multiply(state[2], multipliers[1], odd),
      local.set(state[0], v128.xor(v128.xor(high(odd), state[1]), keys[0])),
      local.set(state[1], low(odd)),
      local.set(state[2], v128.xor(v128.xor(high(even), state[3]), keys[1])),
      local.set(state[3], low(even)),
    ]
  }
  return [
    [0, 1].map((k) => [
      local.set(multipliers[k], i32x4.splat(MULTIPLIERS[k] | 0)),
      local.set(keys[k], v128.load32_splat(key, 4 * k)),
      local.set(steps[k], i32x4.splat(WEYL[k] | 0)),
    ]),
    forRange(round, 0, ROUNDS, 1, [
      states.map(next),
      keys.map((each, k) => local.set(each, i32x4.add(each, steps[k]))),
    ]),
  ]
}

/** Transposes words by block into blocks of words and stores them. */
function storeBlocks(
  locals: Locals,
  [w0, w1, w2, w3]: readonly Local[],
  out: Local,
  offset: number,
  form: RandomKernel['form'],
): Code {
  const [a, b, c, d] = locals.many('v128', 4)
  const store = (block: number, words: Code): Code =>
    v128.store(
      out,
      form === 'bits' ? words : f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(words, 8)), 2 ** -24),
      offset + 16 * block,
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
