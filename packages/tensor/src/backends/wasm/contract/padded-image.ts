import type { ConvolutionGeometry } from '../../../graph/geometry.ts'
import {
  block as blockOf,
  br_if,
  call,
  type Code,
  f32,
  f32x4,
  forRange,
  type FunctionHandle,
  i32,
  increase,
  local,
  type Local,
  type ModuleBuilder,
  type Operand,
  shuffle32,
  v128,
  when,
} from '../assembler/index.ts'
import { readArguments } from './arguments.ts'

/**
 * A padded copy of some rows of an image, in a thread's scratch, from which every kernel tap is a plain
 * vector load.
 *
 * In coordinates of the padded image, result pixel (y, x) meets tap (i, j) at row `y · step + i · dilation`,
 * and likewise for columns. For a step of 2 or more, neighbouring results are apart in the image; so the copy
 * is split by phase, the remainder of the coordinate by the step, and within a phase they are neighbours
 * again:
 *
 *     row y · step + i · dilation  =  row (y + ⌊i · dilation / step⌋) of phase (i · dilation mod step)
 *
 * Layout: `[channel][row phase][column phase][planeHeight][pitch]`. An input gradient reads an image with
 * `spread − 1` zeros between its pixels.
 */
export interface ImageLayout {
  readonly channels: number
  readonly sourceHeight: number
  readonly sourceWidth: number
  readonly kernelHeight: number
  readonly kernelWidth: number
  readonly resultHeight: number
  readonly resultWidth: number
  readonly stepHeight: number
  readonly stepWidth: number
  readonly spreadHeight: number
  readonly spreadWidth: number
  readonly dilationHeight: number
  readonly dilationWidth: number
  /** Rows of padding above the image, negative to leave rows out. */
  readonly top: number
  readonly left: number
}

/** What a forward convolution reads. */
export function forwardImage(g: ConvolutionGeometry): ImageLayout {
  return {
    channels: g.inputChannels / g.groups,
    sourceHeight: g.inputHeight,
    sourceWidth: g.inputWidth,
    kernelHeight: g.kernelHeight,
    kernelWidth: g.kernelWidth,
    resultHeight: g.outputHeight,
    resultWidth: g.outputWidth,
    stepHeight: g.strideHeight,
    stepWidth: g.strideWidth,
    spreadHeight: 1,
    spreadWidth: 1,
    dilationHeight: g.dilationHeight,
    dilationWidth: g.dilationWidth,
    top: g.paddingTop,
    left: g.paddingLeft,
  }
}

export const imageArguments = [
  'channels',
  'sourceHeight',
  'sourceWidth',
  'kernelHeight',
  'kernelWidth',
  'stepHeight',
  'stepWidth',
  'spreadHeight',
  'dilationHeight',
  'dilationWidth',
  'top',
  'phaseRows',
  'phaseColumns',
  'planeHeight',
  'pitch',
  'sourceStride',
  'imageStride',
] as const
export type ImageArgument = (typeof imageArguments)[number]

/** What a copy for `rows` rows of results takes. */
export interface ImageSize {
  readonly phaseRows: number
  readonly phaseColumns: number
  readonly planeHeight: number
  readonly pitch: number
  readonly bytes: number
}

/** Vector loads and stores may pass the end of a copy by this much. */
export const IMAGE_SLACK = 64

export function imageSize(layout: ImageLayout, rows: number): ImageSize {
  const reachHeight = (layout.kernelHeight - 1) * layout.dilationHeight
  const reachWidth = (layout.kernelWidth - 1) * layout.dilationWidth
  const phaseRows = Math.min(layout.stepHeight, reachHeight + 1)
  const phaseColumns = Math.min(layout.stepWidth, reachWidth + 1)
  const planeHeight = rows + Math.floor(reachHeight / layout.stepHeight)
  const pitch = layout.resultWidth + Math.floor(reachWidth / layout.stepWidth)
  return {
    phaseRows,
    phaseColumns,
    planeHeight,
    pitch,
    bytes: 4 * layout.channels * phaseRows * phaseColumns * planeHeight * pitch,
  }
}

export function imageWords(layout: ImageLayout, size: ImageSize): Record<ImageArgument, number> {
  return {
    channels: layout.channels,
    sourceHeight: layout.sourceHeight,
    sourceWidth: layout.sourceWidth,
    kernelHeight: layout.kernelHeight,
    kernelWidth: layout.kernelWidth,
    stepHeight: layout.stepHeight,
    stepWidth: layout.stepWidth,
    spreadHeight: layout.spreadHeight,
    dilationHeight: layout.dilationHeight,
    dilationWidth: layout.dilationWidth,
    top: layout.top,
    phaseRows: size.phaseRows,
    phaseColumns: size.phaseColumns,
    planeHeight: size.planeHeight,
    pitch: size.pitch,
    sourceStride: 4 * layout.stepWidth,
    imageStride: 4 * layout.spreadWidth,
  }
}

/**
 * For each column phase: where in a row of the copy the source begins, at which pixel of the source, and how
 * many pixels there are. They follow the named arguments.
 */
export function columnRuns(layout: ImageLayout, { phaseColumns, pitch }: ImageSize): number[] {
  const { stepWidth, spreadWidth, left, sourceWidth } = layout
  return Array.from({ length: phaseColumns }, (_, phase) => {
    // Pixel j of the source lies at j · spread + left = x · step + phase; one of step and spread is 1.
    const start = stepWidth > 1 ? Math.max(0, Math.ceil((left - phase) / stepWidth)) : 0
    const pixel = Math.max(
      0,
      stepWidth > 1 ? start * stepWidth + phase - left : Math.ceil(-left / spreadWidth),
    )
    const to = stepWidth > 1 ? start : pixel * spreadWidth + left
    const count = Math.min(
      Math.ceil((sourceWidth - pixel) / stepWidth),
      Math.ceil((pitch - to) / spreadWidth),
    )
    return count > 0 ? [to, pixel, count] : [0, 0, 0]
  }).flat()
}

/**
 * `(arguments, first channel of the source, copy, first row, channels)`; `names` are those of the module,
 * runs come after them.
 */
export function writeCopyImage<const N extends string>(
  builder: ModuleBuilder,
  names: readonly (N | ImageArgument)[],
): FunctionHandle {
  const copyRow = writeCopyRow(builder)
  const params = ['i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func({ params }, (locals, block, source, copy, firstRow, channels) => {
    const { code, words } = readArguments<ImageArgument>(locals, block, names as readonly ImageArgument[])
    const [channel, phaseRow, phaseColumn, row, from, origin, run, plane] = locals.many('i32', 8)
    const plainRow: Code = [
      local.set(from, i32.add(origin, i32.mul(row, words.stepHeight))),
      // Rows between those of a spread image are empty: as good as above the image.
      when(
        i32.ne(words.spreadHeight, 1),
        when(
          i32.rem_s(from, words.spreadHeight),
          local.set(from, -1),
          local.set(from, i32.div_s(from, words.spreadHeight)),
        ),
      ),
      call(
        copyRow,
        run,
        i32.add(source, i32.shl(i32.mul(from, words.sourceWidth), 2)),
        copy,
        i32.lt_u(from, words.sourceHeight),
        words.pitch,
        words.sourceStride,
        words.imageStride,
      ),
      increase(copy, i32.shl(words.pitch, 2)),
    ]
    return [
      code,
      local.set(plane, i32.shl(i32.mul(words.sourceHeight, words.sourceWidth), 2)),
      forRange(channel, 0, channels, 1, [
        forRange(phaseRow, 0, words.phaseRows, 1, [
          local.set(origin, i32.add(i32.sub(i32.mul(firstRow, words.stepHeight), words.top), phaseRow)),
          local.set(run, i32.add(block, 4 * names.length)),
          forRange(phaseColumn, 0, words.phaseColumns, 1, [
            forRange(row, 0, words.planeHeight, 1, plainRow),
            increase(run, 12),
          ]),
        ]),
        increase(source, plane),
      ]),
    ]
  })
}

/**
 * `(run, source row, row of the copy, whether there is such a row, pitch, source stride, stride in the
 * copy)`.
 */
function writeCopyRow(builder: ModuleBuilder): FunctionHandle {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func({ params }, (locals, run, source, copy, exists, pitch, sourceStride, stride) => {
    const [to, count, k, last] = [locals.i32(), locals.i32(), locals.i32(), locals.i32()]
    const zeros = (from: Local | number, end: Local): Code =>
      forRange(k, from, end, 4, v128.store(i32.add(copy, i32.shl(k, 2)), f32x4.splat(0)))
    /** Vectors of pixels that are neighbours in the copy, and in the source or every other one there. */
    const vectors = (apart: 1 | 2): Code => {
      const load = (at: Operand): Code =>
        apart === 1 ? v128.load(at) : shuffle32([0, 2, 4, 6], v128.load(at), v128.load(at, 16))
      return [
        forRange(k, 0, i32.and(count, -4), 4, [
          v128.store(to, load(source)),
          increase(source, 16 * apart),
          increase(to, 16),
        ]),
        // The last vector overlaps the one before, so that nothing is written past the row.
        local.set(last, i32.shl(i32.sub(i32.and(count, 3), 4), 2)),
        when(i32.and(count, 3), [
          increase(source, i32.mul(last, apart)),
          v128.store(i32.add(to, last), load(source)),
        ]),
      ]
    }
    const singles = forRange(k, 0, count, 1, [
      f32.store(to, f32.load(source)),
      increase(source, sourceStride),
      increase(to, stride),
    ])
    return blockOf((done) => [
      local.set(count, i32.load(run, 8)),
      // Zeros first, in whole vectors: what they write past their end is written again, by pixels or the next
      // row. A row without gaps needs them around its pixels alone.
      local.set(to, i32.load(run)),
      local.set(last, i32.add(to, count)),
      when(i32.or(i32.eqz(exists), i32.ne(stride, 4)), [local.set(to, pitch), local.set(last, pitch)]),
      zeros(0, to),
      zeros(last, pitch),
      br_if(done, i32.eqz(exists)),
      local.set(to, i32.add(copy, i32.shl(i32.load(run), 2))),
      increase(source, i32.shl(i32.load(run, 4), 2)),
      when(
        i32.or(i32.lt_u(count, 4), i32.ne(stride, 4)),
        singles,
        when(i32.eq(sourceStride, 4), vectors(1), when(i32.eq(sourceStride, 8), vectors(2), singles)),
      ),
    ])
  })
}

/**
 * `(arguments, table)`: the offset in a copy, in bytes, of every (channel, tap), in the order of the weights.
 */
export function writeTaps<const N extends string>(
  builder: ModuleBuilder,
  names: readonly (N | ImageArgument)[],
): FunctionHandle {
  return builder.func({ params: ['i32', 'i32'] }, (locals, block, table) => {
    const { code, words } = readArguments<ImageArgument>(locals, block, names as readonly ImageArgument[])
    const [channel, i, j, plane, base, row, column] = locals.many('i32', 7)
    const offset = i32.add(
      i32.mul(
        i32.add(
          i32.mul(i32.rem_u(row, words.stepHeight), words.phaseColumns),
          i32.rem_u(column, words.stepWidth),
        ),
        plane,
      ),
      i32.add(i32.mul(i32.div_u(row, words.stepHeight), words.pitch), i32.div_u(column, words.stepWidth)),
    )
    return [
      code,
      local.set(plane, i32.mul(words.planeHeight, words.pitch)),
      forRange(channel, 0, words.channels, 1, [
        forRange(i, 0, words.kernelHeight, 1, [
          local.set(row, i32.mul(i, words.dilationHeight)),
          forRange(j, 0, words.kernelWidth, 1, [
            local.set(column, i32.mul(j, words.dilationWidth)),
            i32.store(table, i32.shl(i32.add(base, offset), 2)),
            increase(table, 4),
          ]),
        ]),
        increase(base, i32.mul(plane, i32.mul(words.phaseRows, words.phaseColumns))),
      ]),
    ]
  })
}
