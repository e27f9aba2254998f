import {
  type Code,
  f32x4,
  forRange,
  i32,
  increase,
  local,
  type Local,
  type Locals,
  memory,
  type ModuleBuilder,
  selectLanes,
  shuffle32,
  type Target,
  v128,
  when,
} from '../assembler/index.ts'
import type { WindowGeometry } from '../../../graph/geometry.ts'
import { readArguments } from '../contract/arguments.ts'
import { windowWords } from './window-sizes.ts'

/** Whether windows are of 2×2 pixels side by side, four or more to a row, all of them inside of the plane. */
export function arePairs(g: WindowGeometry): boolean {
  const twos = [g.kernelHeight, g.kernelWidth, g.strideHeight, g.strideWidth].every((size) => size === 2)
  const plain = g.dilationHeight === 1 && g.dilationWidth === 1 && g.paddingTop === 0 && g.paddingLeft === 0
  const fits = 2 * g.outputHeight <= g.inputHeight && 2 * g.outputWidth <= g.inputWidth
  return twos && plain && fits && g.outputWidth >= 4
}

type PairMode = 'max' | 'sum' | 'spread' | 'maxGradient'

/**
 * Pooling with such windows or its gradient: four windows at a time, each pixel read or written once. One
 * unit is a plane; where a row does not divide by four the last windows are done twice.
 */
export function writePairs(builder: ModuleBuilder, mode: PairMode): void {
  builder.func({ name: mode, params: ['i32', 'i32', 'i32', 'i32'] }, (locals, args, begin, end) => {
    const { code, words: g } = readArguments(locals, args, windowWords)
    const [plane, x, y, column, row, windows, pixels, width, size] = locals.many('i32', 9)
    const isGradient = mode === 'spread' || mode === 'maxGradient'
    const each = fourWindows(locals, builder.target, mode, width)
    return [
      code,
      local.set(width, i32.shl(g.inputWidth, 2)),
      local.set(size, i32.mul(width, g.inputHeight)),
      forRange(plane, begin, end, 1, [
        local.set(windows, i32.shl(i32.mul(plane, i32.mul(g.outputHeight, g.outputWidth)), 2)),
        local.set(row, i32.mul(plane, size)),
        // Pixels at the right and lower edge may be in no window.
        isGradient
          ? when(
              i32.ne(i32.shl(i32.mul(g.outputHeight, g.outputWidth), 4), size),
              memory.fill(i32.add(g.store, row), 0, size),
            )
          : [],
        forRange(y, 0, g.outputHeight, 1, [
          forRange(x, 0, g.outputWidth, 4, [
            local.set(column, i32.sub(g.outputWidth, 4)),
            when(i32.lt_u(x, column), local.set(column, x)),
            local.set(pixels, i32.add(row, i32.shl(column, 3))),
            local.set(column, i32.add(windows, i32.shl(column, 2))),
            each({ load: g.load, store: g.store, gradient: g.gradient, pixels, windows: column }),
          ]),
          increase(row, i32.shl(width, 1)),
          increase(windows, i32.shl(g.outputWidth, 2)),
        ]),
      ]),
    ]
  })
}

/** Operands, and how far the first pixel and the first window are from the first ones of all. */
type Places = Readonly<Record<'load' | 'store' | 'gradient' | 'pixels' | 'windows', Local>>

/** Code for four windows whose rows are `width` bytes apart. */
function fourWindows(locals: Locals, target: Target, mode: PairMode, width: Local): (at: Places) => Code {
  const value = locals.v128()
  const pixels = locals.many('v128', 4)
  const [first, second, third, fourth] = pixels
  const [a, b] = locals.many('v128', 2)
  const read = (from: Code, [left, right]: readonly Local[]): Code => [
    local.set(a, v128.load(from)),
    local.set(b, v128.load(from, 16)),
    local.set(left, shuffle32([0, 2, 4, 6], a, b)),
    local.set(right, shuffle32([1, 3, 5, 7], a, b)),
  ]
  const write = (to: Code, [left, right]: readonly Local[]): Code => [
    v128.store(to, shuffle32([0, 4, 1, 5], left, right)),
    v128.store(to, shuffle32([2, 6, 3, 7], left, right), 16),
  ]
  return ({ load, store, gradient, ...at }) => {
    const [upper, lower] = [at.pixels, i32.add(at.pixels, width)]
    const readAll = [read(i32.add(load, upper), [first, second]), read(i32.add(load, lower), [third, fourth])]
    const writeAll = [
      write(i32.add(store, upper), [first, second]),
      write(i32.add(store, lower), [third, fourth]),
    ]
    const to = i32.add(store, at.windows)
    // Added to 0, as where windows overlap: −0 becomes 0.
    const readValue = (from: Local): Code =>
      local.set(value, f32x4.add(v128.load(i32.add(from, at.windows)), 0))
    switch (mode) {
      case 'max':
        return [readAll, v128.store(to, f32x4.max(f32x4.max(first, second), f32x4.max(third, fourth)))]
      case 'sum':
        return [
          readAll,
          v128.store(to, f32x4.add(f32x4.add(f32x4.add(f32x4.add(first, 0), second), third), fourth)),
        ]
      case 'spread':
        return [readValue(load), pixels.map((pixel) => local.set(pixel, value)), writeAll]
      case 'maxGradient':
        return [readValue(gradient), readAll, giveToGreatest(locals, target, pixels, value), writeAll]
    }
  }
}

/**
 * Of four numbers in a lane each, sets the greatest to `value`, others to 0: the first of equals, and the
 * first NaN.
 */
function giveToGreatest(locals: Locals, target: Target, pixels: readonly Local[], value: Local): Code {
  const best = locals.v128()
  const [second, third, fourth] = locals.many('v128', 3)
  const beats = (pixel: Local): Code => v128.andnot(f32x4.eq(best, best), f32x4.le(pixel, best))
  return [
    local.set(best, pixels[0]),
    local.set(second, beats(pixels[1])),
    local.set(best, selectLanes(target, pixels[1], best, second)),
    local.set(third, beats(pixels[2])),
    local.set(best, selectLanes(target, pixels[2], best, third)),
    local.set(fourth, beats(pixels[3])),
    local.set(pixels[3], v128.and(value, fourth)),
    local.set(third, v128.andnot(third, fourth)),
    local.set(pixels[2], v128.and(value, third)),
    local.set(fourth, v128.or(fourth, third)),
    local.set(second, v128.andnot(second, fourth)),
    local.set(pixels[1], v128.and(value, second)),
    local.set(pixels[0], v128.andnot(value, v128.or(second, fourth))),
  ]
}
