import {
  call,
  type Code,
  f32,
  f32x4,
  forRange,
  i32,
  i32x4,
  increase,
  least,
  local,
  type Local,
  type Locals,
  memory,
  type ModuleBuilder,
  multiplyAdd,
  shuffle32,
  v128,
  when,
} from '../assembler/index.ts'
import type { ModuleRecipe } from '../launch.ts'
import { readArguments } from './arguments.ts'
import { finishArguments, writeFinish } from './finish.ts'

/** The code for `depthwise.ts`, where the plan is told. */
export function depthwiseModule(stride: 1 | 2): ModuleRecipe {
  return {
    key: `contract/depthwise-${stride}`,
    write: (builder) => {
      writeConvolve(builder, stride)
      writeGradient(builder, stride)
    },
  }
}

/** `weightGroup`, `weightTap`: bytes from a channel's weights and from a tap to the next. */
export const depthwiseArguments = [
  ...finishArguments,
  'source',
  'gradient',
  'result',
  'weights',
  'weightGroup',
  'weightTap',
  'images',
  'channels',
  'sourceHeight',
  'sourceWidth',
  'resultHeight',
  'resultWidth',
  'top',
  'left',
] as const
export type DepthwiseArgument = (typeof depthwiseArguments)[number]
type Words = Readonly<Record<DepthwiseArgument, Local>>

/** Bytes of a thread's scratch: the second level of the sums of a weight gradient. */
export const SUM_BYTES = 9 * 16

/** Four columns of results on their way down a plane, and what they meet there. */
class Strip {
  readonly words: Words
  readonly stride: 1 | 2
  /** The pixels of the current row for the three taps of a row of the kernel. */
  readonly x: readonly Local[]
  readonly column: Local
  readonly #row: Local
  readonly #at: Local
  readonly #pitch: Local
  readonly #first: Local
  readonly #spare: readonly Local[]
  readonly #masks: readonly Local[]

  constructor(locals: Locals, words: Words, stride: 1 | 2) {
    this.words = words
    this.stride = stride
    this.x = locals.many('v128', 3)
    this.#masks = locals.many('v128', 3)
    this.#spare = locals.many('v128', 2)
    this.column = locals.i32()
    this.#row = locals.i32()
    this.#at = locals.i32()
    this.#pitch = locals.i32()
    this.#first = locals.i32()
  }

  /** Runs `body` from the top of the plane at `source`: with masks where the strip reaches over its edge. */
  walk(source: Local, inside: Local, body: (masked: boolean) => Code): Code {
    const { words, stride } = this
    const lanes = i32x4.const([0, 1, 2, 3].map((lane) => lane * stride))
    return [
      local.set(this.#pitch, i32.shl(words.sourceWidth, 2)),
      local.set(this.#first, i32.sub(i32.mul(this.column, stride), words.left)),
      local.set(this.#row, i32.sub(0, words.top)),
      local.set(this.#at, i32.add(source, i32.shl(this.#first, 2))),
      increase(this.#at, i32.mul(this.#row, this.#pitch)),
      this.#masks.map((mask, tap) => [
        local.set(mask, i32x4.add(i32x4.splat(i32.add(this.#first, tap)), lanes)),
        local.set(mask, v128.and(inside, i32x4.lt_u(mask, i32x4.splat(words.sourceWidth)))),
      ]),
      when(
        v128.any_true(v128.not(v128.and(v128.and(this.#masks[0], this.#masks[1]), this.#masks[2]))),
        body(true),
        body(false),
      ),
    ]
  }

  /** Reads the next row, zeros above and below the plane. */
  nextRow(masked: boolean): Code {
    const [a, b] = this.#spare
    const load = (offset: number): Code => v128.load(this.#at, offset)
    const loads =
      this.stride === 1
        ? this.x.map((x, tap) => local.set(x, load(4 * tap)))
        : [
            local.set(a, load(0)),
            local.set(b, load(16)),
            local.set(this.x[0], shuffle32([0, 2, 4, 6], a, b)),
            local.set(this.x[1], shuffle32([1, 3, 5, 7], a, b)),
            local.set(this.x[2], shuffle32([0, 2, 4, 6], load(8), load(24))),
          ]
    const masks = this.x.map((x, tap) => local.set(x, v128.and(x, this.#masks[tap])))
    const zeros = this.x.map((x) => local.set(x, f32x4.splat(0)))
    return [
      when(i32.lt_u(this.#row, this.words.sourceHeight), [loads, masked ? masks : []], zeros),
      increase(this.#row, 1),
      increase(this.#at, this.#pitch),
    ]
  }
}

/**
 * A unit is a plane. Each row of pixels is read once and meets the three rows of the kernel: what two of them
 * give waits in registers for the rows below.
 */
function writeConvolve(builder: ModuleBuilder, stride: 1 | 2): void {
  const finish = writeFinish(builder, depthwiseArguments)
  const params = ['i32', 'i32', 'i32', 'i32'] as const
  builder.func({ name: 'convolve', params }, (locals, block, begin, end) => {
    const { code, words } = readArguments(locals, block, depthwiseArguments)
    const [plane, channel, source, result, c, to, row, last, weight] = locals.many('i32', 9)
    const weights = locals.many('v128', 9)
    const [first, second, all] = locals.many('v128', 3)
    const strip = new Strip(locals, words, stride)
    const { resultHeight, resultWidth } = words
    /** What a row of the kernel gives with the current row of pixels. */
    const taps = (line: number): Code => {
      const [a, b, d] = weights.slice(3 * line, 3 * line + 3)
      const [x, y, z] = strip.x
      return multiplyAdd(builder.target, a, x, multiplyAdd(builder.target, b, y, f32x4.mul(d, z)))
    }
    const finishRow = [v128.store(to, f32x4.add(second, taps(2))), increase(to, i32.shl(resultWidth, 2))]
    const [startNext, goOn] = [local.set(first, taps(0)), local.set(second, f32x4.add(first, taps(1)))]
    const down = (masked: boolean): Code => {
      const next = strip.nextRow(masked)
      const eachRow = (body: Code): Code => forRange(row, 0, resultHeight, 1, body)
      return stride === 1
        ? [next, startNext, next, goOn, startNext, eachRow([next, finishRow, goOn, startNext])]
        : [next, startNext, eachRow([next, goOn, next, finishRow, startNext])]
    }
    return [
      code,
      local.set(all, i32x4.splat(-1)),
      local.set(last, i32.sub(resultWidth, 4)),
      forRange(plane, begin, end, 1, [
        local.set(channel, i32.rem_u(plane, words.channels)),
        local.set(weight, i32.add(words.weights, i32.mul(channel, words.weightGroup))),
        weights.map((each) => [
          local.set(each, v128.load32_splat(weight)),
          increase(weight, words.weightTap),
        ]),
        local.set(source, i32.mul(plane, i32.mul(words.sourceHeight, words.sourceWidth))),
        local.set(source, i32.add(words.source, i32.shl(source, 2))),
        local.set(result, i32.mul(plane, i32.mul(resultHeight, resultWidth))),
        local.set(result, i32.add(words.result, i32.shl(result, 2))),
        forRange(c, 0, resultWidth, 4, [
          // The last strip may overlap the one before, and computes the same values again.
          local.set(strip.column, least(c, last)),
          local.set(to, i32.add(result, i32.shl(strip.column, 2))),
          strip.walk(source, all, down),
        ]),
        when(words.finish, call(finish, block, result, 0, channel, 1, 0, i32.mul(resultHeight, resultWidth))),
      ]),
    ]
  })
}

/** What a strip of a weight gradient works with. */
interface GradientStrip {
  readonly strip: Strip
  /** Output gradients that meet the three rows of the kernel, and where the next ones lie. */
  readonly dy: readonly [Local, Local, Local]
  readonly from: Local
  /** A mask: lanes that are columns of the gradient. */
  readonly inside: Local
  readonly sums: readonly Local[]
  readonly row: Local
}

/** Adds to nine sums, down a strip. */
function sumStrip(
  builder: ModuleBuilder,
  { strip, dy, from, inside, sums, row }: GradientStrip,
  masked: boolean,
): Code {
  const { stride, words } = strip
  const { resultHeight, resultWidth } = words
  const next = strip.nextRow(masked)
  const add = (line: number): Code =>
    strip.x.map((x, tap) => {
      const sum = sums[3 * line + tap]
      return local.set(sum, multiplyAdd(builder.target, x, dy[line], sum))
    })
  const load = [local.set(dy[0], v128.and(v128.load(from), inside)), increase(from, i32.shl(resultWidth, 2))]
  const begun = stride === 1 ? resultHeight : i32.sub(resultHeight, 1)
  const loadNext = when(i32.lt_s(row, begun), load, local.set(dy[0], f32x4.splat(0)))
  // What met the first row of the kernel goes on to meet the others.
  if (stride === 1) {
    const pass = [local.set(dy[2], dy[1]), local.set(dy[1], dy[0])]
    return forRange(row, 0, i32.add(resultHeight, 2), 1, [pass, loadNext, next, add(0), add(1), add(2)])
  }
  const pass = [local.set(dy[1], dy[0]), local.set(dy[2], dy[0])]
  const eachRow = [pass, next, add(1), loadNext, next, add(0), add(2)]
  return [load, next, add(0), forRange(row, 0, resultHeight, 1, eachRow)]
}

/** A unit is a channel: nine sums over the pixels of all images, strip by strip, then over the strips. */
function writeGradient(builder: ModuleBuilder, stride: 1 | 2): void {
  const params = ['i32', 'i32', 'i32', 'i32'] as const
  builder.func({ name: 'gradient', params }, (locals, block, begin, end, scratch) => {
    const { code, words } = readArguments(locals, block, depthwiseArguments)
    const [channel, image, source, gradient, c, from, row, result] = locals.many('i32', 8)
    const sums = locals.many('v128', 9)
    const [inside, ...dy] = locals.many('v128', 4)
    const strip = new Strip(locals, words, stride)
    const { resultHeight, resultWidth } = words
    const plane = (height: Local, width: Local): Code =>
      i32.shl(i32.mul(i32.add(i32.mul(image, words.channels), channel), i32.mul(height, width)), 2)
    const total = (k: number): Code => v128.load(scratch, 16 * k)
    const eachStrip = [
      local.set(strip.column, c),
      local.set(from, i32.add(gradient, i32.shl(c, 2))),
      local.set(inside, i32x4.lt_s(i32x4.const([0, 1, 2, 3]), i32x4.splat(i32.sub(resultWidth, c)))),
      [...sums, ...dy].map((each) => local.set(each, f32x4.splat(0))),
      strip.walk(source, inside, (masked) =>
        sumStrip(builder, { strip, dy, from, inside, sums, row }, masked),
      ),
      sums.map((sum, k) => v128.store(scratch, f32x4.add(total(k), sum), 16 * k)),
    ]
    return [
      code,
      forRange(channel, begin, end, 1, [
        memory.fill(scratch, 0, SUM_BYTES),
        forRange(image, 0, words.images, 1, [
          local.set(source, i32.add(words.source, plane(words.sourceHeight, words.sourceWidth))),
          local.set(gradient, i32.add(words.gradient, plane(resultHeight, resultWidth))),
          forRange(c, 0, resultWidth, 4, eachStrip),
        ]),
        local.set(result, i32.add(words.result, i32.mul(channel, 4 * 9))),
        sums.map((sum, k) => [
          local.set(sum, total(k)),
          local.set(sum, f32x4.add(sum, shuffle32([2, 3, 0, 1], sum, sum))),
          f32.store(result, f32.add(f32x4.extract_lane(0, sum), f32x4.extract_lane(1, sum)), 4 * k),
        ]),
      ]),
    ]
  })
}
