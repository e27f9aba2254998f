import type { ConvolutionKernel } from '../../../schedule/kernels.ts'
import {
  call, type Code, f32, f32x4, forRange, type FunctionHandle, i32, increase, local, type Local, memory, type ModuleBuilder, select,
  type Target, v128, when,
} from '../assembler/index.ts'
import { int, type Launch, type Lowering, type ModuleRecipe, scratchAddress, type Word } from '../launch.ts'
import { argumentBlock, readArguments } from './arguments.ts'
import { addressOf } from './epilogue.ts'
import { type ByHeight, forHeights } from './micro-kernel.ts'
import { heightOf, rowOffset } from './pack.ts'
import { columnRuns, IMAGE_SLACK, imageArguments, type ImageLayout, imageSize, imageWords, writeCopyImage, writeTaps } from './padded-image.ts'
import { cutRows, tileHeight } from './tiles.ts'
import { weightTileArguments, writeWeightTile } from './weight-tile.ts'

/**
 * The gradient of the weights: for every channel o of the output and every (channel, tap) k of the input,
 * `Σ over images and pixels p of gradient[o][p] · image[p + tap k]`.
 *
 * Images (or blocks of rows of large ones) are copied, padded, into the thread's scratch, and so are their output gradients;
 * a tile is 6 channels × 2 taps of inner products along the pixels, both read as they lie in memory.
 *
 * The sum over images is cut into at most 16 partial sums, by the sizes alone, each taken in ascending order by one unit;
 * a last launch adds them up in ascending order.
 */
const weightGradientModule: ModuleRecipe = { key: 'contract/weight-gradient', write: writeWeightGradient }

/** Strides in bytes. */
const names = [
  ...weightTileArguments, ...imageArguments,
  'source', 'gradient', 'partials', 'result', 'taps', 'images', 'groups', 'gradientChannels', 'gradientHeight', 'gradientWidth',
  'depth', 'height', 'tall', 'tiles', 'imagesPerBlock', 'rowsPerBlock', 'rowBlocks', 'blocks', 'partialSums', 'partialStride',
  'tilesPerPart', 'parts', 'gradientOffset', 'elements',
] as const

/** Bytes of images and gradients that a thread copies at a time. */
const COPY_BYTES = 192 * 1024
/** Vectors of four pixels that make the sums in the registers worth their start and end. */
const ENOUGH_VECTORS = 128
const ENOUGH_UNITS = 16
/** Largest memory for partial sums. */
const PARTIAL_BYTES = 32 * 1024 * 1024
/** Elements that a unit of the last launch adds up. */
const ADD_ELEMENTS = 1024

/** Partial sums and the table of taps lie in the scratch from `scratchOffset` on. */
export function lowerWeightGradient(
  { geometry, left, right }: ConvolutionKernel, image: ImageLayout, result: Word, target: Target, scratchOffset: number,
): Lowering {
  const gradientChannels = geometry.outputChannels / geometry.groups
  const depth = image.channels * image.kernelHeight * image.kernelWidth
  const tiling = cutRows(gradientChannels, tileHeight(target))
  const elements = geometry.outputChannels * depth
  const cut = cutBlocks(image, geometry.batch, gradientChannels)
  const partialSums = Math.max(1, Math.min(
    cut.blocks, Math.ceil(ENOUGH_UNITS / geometry.groups), Math.floor(PARTIAL_BYTES / (4 * elements)),
  ))
  const wanted = Math.min(tiling.tiles, Math.ceil(ENOUGH_UNITS / (partialSums * geometry.groups)))
  const tilesPerPart = Math.ceil(tiling.tiles / wanted)
  const parts = Math.ceil(tiling.tiles / tilesPerPart)
  const size = imageSize(image, cut.rows)
  const partialStride = partialSums === 1 ? 0 : roundUp(4 * elements)
  const partials = partialSums === 1 ? result : scratchAddress(scratchOffset)
  const taps = scratchOffset + partialSums * partialStride
  const copyBytes = roundUp(cut.images * size.bytes + IMAGE_SLACK)
  const args = [...argumentBlock(names, {
    fullVectors: int(Math.floor(image.resultWidth / 4)), lastPixels: int(image.resultWidth % 4),
    copyPitch: int(4 * size.pitch), copyBytes: int(size.bytes), resultStride: int(4 * depth),
    ...imageWords(image, size),
    source: addressOf(left), gradient: addressOf(right), partials, result, taps: scratchAddress(taps),
    images: int(geometry.batch), groups: int(geometry.groups), gradientChannels: int(gradientChannels),
    gradientHeight: int(image.resultHeight), gradientWidth: int(image.resultWidth), depth: int(depth),
    height: int(tiling.height), tall: int(tiling.tall), tiles: int(tiling.tiles),
    imagesPerBlock: int(cut.images), rowsPerBlock: int(cut.rows), rowBlocks: int(cut.rowBlocks), blocks: int(cut.blocks),
    partialSums: int(partialSums), partialStride: int(partialStride), tilesPerPart: int(tilesPerPart), parts: int(parts),
    gradientOffset: int(copyBytes), elements: int(elements),
  }), ...columnRuns(image, size)]
  const launch = (entry: string, units: number): Launch => ({ module: weightGradientModule, entry, args, units, grain: 1 })
  const main = [launch('tables', 1), launch('accumulate', partialSums * geometry.groups * parts)]
  return {
    launches: partialSums === 1 ? main : [...main, launch('addPartials', Math.ceil(elements / ADD_ELEMENTS))],
    scratchBytes: taps + roundUp(4 * depth),
    threadScratchBytes: copyBytes + cut.images * gradientBytes(image, cut.rows, gradientChannels),
  }
}

function gradientBytes(image: ImageLayout, rows: number, channels: number): number {
  return 16 * channels * rows * Math.ceil(image.resultWidth / 4)
}

/** Blocks of images, or of rows of one image, that fit the thread's scratch. */
function cutBlocks(image: ImageLayout, batch: number, channels: number): {
  readonly images: number
  readonly rows: number
  readonly rowBlocks: number
  readonly blocks: number
} {
  const bytes = (rows: number): number => imageSize(image, rows).bytes + gradientBytes(image, rows, channels)
  let rows = Math.max(1, image.resultHeight)
  while (rows > 1 && bytes(rows) > COPY_BYTES) rows = Math.ceil(rows / 2)
  const rowBlocks = Math.max(1, Math.ceil(image.resultHeight / rows))
  rows = Math.max(1, Math.ceil(image.resultHeight / rowBlocks))
  const vectors = rows * Math.ceil(image.resultWidth / 4)
  const fitting = Math.floor(COPY_BYTES / Math.max(1, bytes(rows)))
  const wanted = Math.ceil(ENOUGH_VECTORS / Math.max(1, vectors))
  const images = rowBlocks > 1 ? 1 : Math.max(1, Math.min(batch, fitting, wanted))
  return { images, rows, rowBlocks, blocks: Math.ceil(batch / images) * rowBlocks }
}

function writeWeightGradient(builder: ModuleBuilder): void {
  const copyImage = writeCopyImage(builder, names)
  const writeTapTable = writeTaps(builder, names)
  const tallest = tileHeight(builder.target)
  const packGradients = writePackGradients(builder)
  const tiles = forHeights(tallest, (height) => writeWeightTile(builder, height))
  const multiplyBlock = writeMultiplyBlock(builder, tiles)
  builder.func({ name: 'tables', params: ['i32', 'i32', 'i32', 'i32'] }, (_, block) =>
    call(writeTapTable, block, i32.load(block, 4 * names.indexOf('taps'))))
  writeAccumulate(builder, copyImage, packGradients, multiplyBlock)
  writeAddPartials(builder)
}

/**
 * `(arguments, gradient of a tile's first channel, panel, rows, channels)`: one image of one tile, as `[row][vector][channel][4]`.
 */
function writePackGradients(builder: ModuleBuilder): FunctionHandle {
  return builder.func({ params: ['i32', 'i32', 'i32', 'i32', 'i32'] }, (locals, block, source, panel, rows, channels) => {
    const { code, words } = readArguments(locals, block, names)
    const [channel, row, vector, from, to, lane, step] =
      locals.many('i32', 7) as [Local, Local, Local, Local, Local, Local, Local]
    const plane = i32.shl(i32.mul(words.gradientHeight, words.gradientWidth), 2)
    return [code, local.set(step, i32.shl(channels, 4)), forRange(channel, 0, channels, 1, [
      local.set(from, source),
      local.set(to, i32.add(panel, i32.shl(channel, 4))),
      forRange(row, 0, rows, 1, [
        forRange(vector, 0, words.fullVectors, 1, [
          v128.store(to, v128.load(from)),
          increase(from, 16),
          increase(to, step),
        ]),
        when(words.lastPixels, [
          v128.store(to, f32x4.splat(0)),
          forRange(lane, 0, words.lastPixels, 1, [
            f32.store(i32.add(to, i32.shl(lane, 2)), f32.load(from)),
            increase(from, 4),
          ]),
          increase(to, step),
        ]),
      ]),
      increase(source, plane),
    ])]
  })
}

/** `(arguments, copies, gradients, partial sum of the group, images, rows, first tile, end)`: adds one block. */
function writeMultiplyBlock(builder: ModuleBuilder, tiles: ByHeight): FunctionHandle {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func({ params }, (locals, block, copies, gradients, result, images, rows, tile0, tile1) => {
    const { code, words } = readArguments(locals, block, names)
    const [tile, channels, k, tap, both, perChannel, to] =
      locals.many('i32', 7) as [Local, Local, Local, Local, Local, Local, Local]
    return [
      code,
      local.set(perChannel, i32.mul(i32.mul(images, rows), i32.shl(i32.shr_u(i32.add(words.gradientWidth, 3), 2), 4))),
      forRange(tile, tile0, tile1, 1, [
        local.set(channels, heightOf(tile, words.height, words.tall)),
        local.set(to, rowOffset(tile, words.height, words.tall)),
        local.set(to, i32.add(result, i32.mul(to, words.resultStride))),
        forRange(k, 0, words.depth, 2, [
          local.set(tap, i32.add(words.taps, i32.shl(k, 2))),
          // A last tap without a companion is multiplied twice and stored once.
          local.set(both, i32.lt_u(i32.add(k, 1), words.depth)),
          tiles(channels, (micro) => call(
            micro, block, gradients, copies, i32.load(tap), i32.load(i32.add(tap, i32.shl(both, 2))),
            i32.add(to, i32.shl(k, 2)), images, rows, both,
          )),
        ]),
        increase(gradients, i32.mul(channels, perChannel)),
      ]),
    ]
  })
}

/** A unit is some channels (`parts`, fastest) of a group of a partial sum. */
// oxlint-disable-next-line max-lines-per-function -- the loops around a block, to be read at one sight
function writeAccumulate(
  builder: ModuleBuilder, copyImage: FunctionHandle, packGradients: FunctionHandle, multiplyBlock: FunctionHandle,
): void {
  builder.func({ name: 'accumulate', params: ['i32', 'i32', 'i32', 'i32'] }, (locals, args, begin, end, scratch) => {
    const { code, words } = readArguments(locals, args, names)
    const [unit, group, tile0, tile1, partial, result, channel0, channel1] =
      locals.many('i32', 8) as [Local, Local, Local, Local, Local, Local, Local, Local]
    const [block, lastBlock, image0, images, row0, rows, image] =
      locals.many('i32', 7) as [Local, Local, Local, Local, Local, Local, Local]
    const [tile, channels, from, copy, gradients] = locals.many('i32', 5) as [Local, Local, Local, Local, Local]
    const least = (target: Local, a: Code, b: Local): Code => [local.set(target, a), local.set(target, select(target, b, i32.lt_u(target, b)))]
    const plane = (index: Code, channelsEach: Local): Code => i32.mul(i32.add(i32.mul(index, words.groups), group), channelsEach)
    const blockSize = [
      local.set(image0, i32.mul(i32.div_u(block, words.rowBlocks), words.imagesPerBlock)),
      least(images, i32.sub(words.images, image0), words.imagesPerBlock),
      local.set(row0, i32.mul(i32.rem_u(block, words.rowBlocks), words.rowsPerBlock)),
      least(rows, i32.sub(words.gradientHeight, row0), words.rowsPerBlock),
    ]
    const copyImages = [
      local.set(copy, scratch),
      forRange(image, image0, i32.add(image0, images), 1, [
        local.set(from, i32.mul(plane(local.get(image), words.channels), i32.mul(words.sourceHeight, words.sourceWidth))),
        call(copyImage, args, i32.add(words.source, i32.shl(from, 2)), copy, row0),
        increase(copy, words.copyBytes),
      ]),
    ]
    const pack = [
      local.set(gradients, i32.add(scratch, words.gradientOffset)),
      forRange(tile, tile0, tile1, 1, [
        local.set(channels, heightOf(tile, words.height, words.tall)),
        forRange(image, image0, i32.add(image0, images), 1, [
          local.set(from, i32.add(plane(local.get(image), words.gradientChannels), rowOffset(tile, words.height, words.tall))),
          local.set(from, i32.mul(i32.add(i32.mul(from, words.gradientHeight), row0), words.gradientWidth)),
          call(packGradients, args, i32.add(words.gradient, i32.shl(from, 2)), gradients, rows, channels),
          increase(gradients, i32.mul(i32.mul(channels, rows), i32.shl(i32.shr_u(i32.add(words.gradientWidth, 3), 2), 4))),
        ]),
      ]),
    ]
    return [code, forRange(unit, begin, end, 1, [
      local.set(tile0, i32.mul(i32.rem_u(unit, words.parts), words.tilesPerPart)),
      least(tile1, i32.add(tile0, words.tilesPerPart), words.tiles),
      local.set(group, i32.div_u(unit, words.parts)),
      local.set(partial, i32.div_u(group, words.groups)),
      local.set(group, i32.rem_u(group, words.groups)),
      local.set(channel0, rowOffset(tile0, words.height, words.tall)),
      local.set(channel1, rowOffset(tile1, words.height, words.tall)),
      local.set(result, i32.add(words.partials, i32.mul(partial, words.partialStride))),
      increase(result, i32.mul(i32.mul(group, words.gradientChannels), words.resultStride)),
      memory.fill(
        i32.add(result, i32.mul(channel0, words.resultStride)), 0, i32.mul(i32.sub(channel1, channel0), words.resultStride),
      ),
      local.set(lastBlock, i32.div_u(i32.mul(i32.add(partial, 1), words.blocks), words.partialSums)),
      forRange(block, i32.div_u(i32.mul(partial, words.blocks), words.partialSums), lastBlock, 1, [
        blockSize, copyImages, pack,
        call(multiplyBlock, args, scratch, i32.add(scratch, words.gradientOffset), result, images, rows, tile0, tile1),
      ]),
    ])]
  })
}

/** Result = first partial sum + second + …; a unit is 1024 elements. */
function writeAddPartials(builder: ModuleBuilder): void {
  builder.func({ name: 'addPartials', params: ['i32', 'i32', 'i32', 'i32'] }, (locals, block, begin, end) => {
    const { code, words } = readArguments(locals, block, names)
    const [element, last, partial, at] = [locals.i32(), locals.i32(), locals.i32(), locals.i32()]
    const [sum, total] = [locals.v128(), locals.f32()]
    const offset = (base: Local): Code => i32.add(base, i32.shl(element, 2))
    return [
      code,
      local.set(last, i32.mul(end, ADD_ELEMENTS)),
      local.set(last, select(last, words.elements, i32.lt_u(last, words.elements))),
      forRange(element, i32.mul(begin, ADD_ELEMENTS), i32.and(last, -4), 4, [
        local.set(at, offset(words.partials)),
        local.set(sum, v128.load(at)),
        forRange(partial, 1, words.partialSums, 1, [
          increase(at, words.partialStride),
          local.set(sum, f32x4.add(sum, v128.load(at))),
        ]),
        v128.store(offset(words.result), sum),
      ]),
      forRange(element, i32.and(last, -4), last, 1, [
        local.set(at, offset(words.partials)),
        local.set(total, f32.load(at)),
        forRange(partial, 1, words.partialSums, 1, [
          increase(at, words.partialStride),
          local.set(total, f32.add(total, f32.load(at))),
        ]),
        f32.store(offset(words.result), total),
      ]),
    ]
  })
}

function roundUp(bytes: number): number {
  return 64 * Math.ceil(bytes / 64)
}
