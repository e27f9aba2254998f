import {
  call,
  type Code,
  f32,
  f32x4,
  forRange,
  type FunctionHandle,
  i32,
  increase,
  least,
  local,
  type Local,
  memory,
  type ModuleBuilder,
  v128,
  when,
} from '../assembler/index.ts'
import type { ModuleRecipe } from '../launch.ts'
import { readArguments } from './arguments.ts'
import { type ByHeight, forHeights } from './micro-kernel.ts'
import { heightOf, rowOffset } from './pack.ts'
import { imageArguments, writeCopyImage, writeTaps } from './padded-image.ts'
import { tileHeight } from './tiles.ts'
import { ROW_TAPS, writeWeightRow } from './weight-row.ts'
import { weightTileArguments, writeWeightTile } from './weight-tile.ts'

/** The code for `weight-gradient.ts`, where the plan is told. */
export const weightGradientModule: ModuleRecipe = {
  key: 'contract/weight-gradient',
  write: writeWeightGradient,
}

/** Strides in bytes. */
export const weightGradientArguments = [
  ...weightTileArguments,
  ...imageArguments,
  'source',
  'gradient',
  'partials',
  'result',
  'taps',
  'images',
  'groups',
  'gradientChannels',
  'gradientHeight',
  'gradientWidth',
  'depth',
  'height',
  'tall',
  'tiles',
  'imagesPerBlock',
  'rowsPerBlock',
  'rowBlocks',
  'blocks',
  'partialSums',
  'partialStride',
  'tilesPerPart',
  'parts',
  'gradientOffset',
  'elements',
] as const

export type WeightGradientArgument = (typeof weightGradientArguments)[number]
const names = weightGradientArguments

/** Elements that a unit of the last launch adds up. */
export const ADD_ELEMENTS = 1024

function writeWeightGradient(builder: ModuleBuilder): void {
  const copyImage = writeCopyImage(builder, names)
  const writeTapTable = writeTaps(builder, names)
  const tallest = tileHeight(builder.target)
  const packGradients = writePackGradients(builder)
  const tiles = forHeights(tallest, (height) => writeWeightTile(builder, height))
  const multiplyBlock = writeMultiplyBlock(builder, tiles)
  builder.func({ name: 'tables', params: ['i32', 'i32', 'i32', 'i32'] }, (_, block) =>
    call(writeTapTable, block, i32.load(block, 4 * names.indexOf('taps'))),
  )
  writeAccumulate(builder, copyImage, packGradients, multiplyBlock)
  writeAddPartials(builder)
}

/**
 * `(arguments, gradient of a tile's first channel, panel, rows, channels)`: one image of one tile, as
 * `[row][vector][channel][4]`.
 */
function writePackGradients(builder: ModuleBuilder): FunctionHandle {
  return builder.func(
    { params: ['i32', 'i32', 'i32', 'i32', 'i32'] },
    (locals, block, source, panel, rows, channels) => {
      const { code, words } = readArguments(locals, block, names)
      const [channel, row, vector, from, to, lane, step] = locals.many('i32', 7)
      const plane = i32.shl(i32.mul(words.gradientHeight, words.gradientWidth), 2)
      return [
        code,
        local.set(step, i32.shl(channels, 4)),
        forRange(channel, 0, channels, 1, [
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
        ]),
      ]
    },
  )
}

/**
 * `(arguments, copies, gradients, partial sum of the group, images, rows, first tile, end)`: adds one block.
 */
function writeMultiplyBlock(builder: ModuleBuilder, tiles: ByHeight): FunctionHandle {
  const weightRow = writeWeightRow(builder)
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func({ params }, (locals, block, copies, gradients, result, images, rows, tile0, tile1) => {
    const { code, words } = readArguments(locals, block, names)
    const [tile, channels, k, tap, both, perChannel, to] = locals.many('i32', 7)
    const pairs = forRange(k, 0, words.depth, 2, [
      local.set(tap, i32.add(words.taps, i32.shl(k, 2))),
      // A last tap without a companion is multiplied twice and stored once.
      local.set(both, i32.lt_u(i32.add(k, 1), words.depth)),
      tiles(channels, (micro) =>
        call(
          micro,
          block,
          gradients,
          copies,
          i32.load(tap),
          i32.load(i32.add(tap, i32.shl(both, 2))),
          i32.add(to, i32.shl(k, 2)),
          images,
          rows,
          both,
        ),
      ),
    ])
    const oneChannel = forRange(k, 0, words.depth, ROW_TAPS, [
      local.set(tap, i32.add(words.taps, i32.shl(k, 2))),
      call(
        weightRow,
        block,
        gradients,
        copies,
        tap,
        i32.add(words.taps, i32.shl(i32.sub(words.depth, 1), 2)),
        i32.add(to, i32.shl(k, 2)),
        images,
        rows,
      ),
    ])
    return [
      code,
      local.set(
        perChannel,
        i32.mul(i32.mul(images, rows), i32.shl(i32.shr_u(i32.add(words.gradientWidth, 3), 2), 4)),
      ),
      forRange(tile, tile0, tile1, 1, [
        local.set(channels, heightOf(tile, words.height, words.tall)),
        local.set(to, rowOffset(tile, words.height, words.tall)),
        local.set(to, i32.add(result, i32.mul(to, words.resultStride))),
        when(i32.eq(channels, 1), oneChannel, pairs),
        increase(gradients, i32.mul(channels, perChannel)),
      ]),
    ]
  })
}

/** A unit is some channels (`parts`, fastest) of a group of a partial sum. */
// oxlint-disable-next-line max-lines-per-function -- the loops around a block, to be read at one sight
function writeAccumulate(
  builder: ModuleBuilder,
  copyImage: FunctionHandle,
  packGradients: FunctionHandle,
  multiplyBlock: FunctionHandle,
): void {
  builder.func(
    { name: 'accumulate', params: ['i32', 'i32', 'i32', 'i32'] },
    // oxlint-disable-next-line max-lines-per-function -- the loops around a block, to be read at one sight
    (locals, args, begin, end, scratch) => {
      const { code, words } = readArguments(locals, args, names)
      const [unit, group, tile0, tile1, partial, result, channel0, channel1] = locals.many('i32', 8)
      const [block, lastBlock, image0, images, row0, rows, image] = locals.many('i32', 7)
      const [tile, channels, from, copy, gradients] = locals.many('i32', 5)
      const plane = (index: Code, channelsEach: Local): Code =>
        i32.mul(i32.add(i32.mul(index, words.groups), group), channelsEach)
      const blockSize = [
        local.set(image0, i32.mul(i32.div_u(block, words.rowBlocks), words.imagesPerBlock)),
        local.set(images, i32.sub(words.images, image0)),
        local.set(images, least(images, words.imagesPerBlock)),
        local.set(row0, i32.mul(i32.rem_u(block, words.rowBlocks), words.rowsPerBlock)),
        local.set(rows, i32.sub(words.gradientHeight, row0)),
        local.set(rows, least(rows, words.rowsPerBlock)),
      ]
      const copyImages = [
        local.set(copy, scratch),
        forRange(image, image0, i32.add(image0, images), 1, [
          local.set(
            from,
            i32.mul(plane(local.get(image), words.channels), i32.mul(words.sourceHeight, words.sourceWidth)),
          ),
          call(copyImage, args, i32.add(words.source, i32.shl(from, 2)), copy, row0, words.channels),
          increase(copy, words.copyBytes),
        ]),
      ]
      const pack = [
        local.set(gradients, i32.add(scratch, words.gradientOffset)),
        forRange(tile, tile0, tile1, 1, [
          local.set(channels, heightOf(tile, words.height, words.tall)),
          forRange(image, image0, i32.add(image0, images), 1, [
            local.set(
              from,
              i32.add(
                plane(local.get(image), words.gradientChannels),
                rowOffset(tile, words.height, words.tall),
              ),
            ),
            local.set(from, i32.mul(i32.add(i32.mul(from, words.gradientHeight), row0), words.gradientWidth)),
            call(packGradients, args, i32.add(words.gradient, i32.shl(from, 2)), gradients, rows, channels),
            increase(
              gradients,
              i32.mul(i32.mul(channels, rows), i32.shl(i32.shr_u(i32.add(words.gradientWidth, 3), 2), 4)),
            ),
          ]),
        ]),
      ]
      return [
        code,
        forRange(unit, begin, end, 1, [
          local.set(tile0, i32.mul(i32.rem_u(unit, words.parts), words.tilesPerPart)),
          local.set(tile1, i32.add(tile0, words.tilesPerPart)),
          local.set(tile1, least(tile1, words.tiles)),
          local.set(group, i32.div_u(unit, words.parts)),
          local.set(partial, i32.div_u(group, words.groups)),
          local.set(group, i32.rem_u(group, words.groups)),
          local.set(channel0, rowOffset(tile0, words.height, words.tall)),
          local.set(channel1, rowOffset(tile1, words.height, words.tall)),
          local.set(result, i32.add(words.partials, i32.mul(partial, words.partialStride))),
          increase(result, i32.mul(i32.mul(group, words.gradientChannels), words.resultStride)),
          memory.fill(
            i32.add(result, i32.mul(channel0, words.resultStride)),
            0,
            i32.mul(i32.sub(channel1, channel0), words.resultStride),
          ),
          local.set(lastBlock, i32.div_u(i32.mul(i32.add(partial, 1), words.blocks), words.partialSums)),
          forRange(block, i32.div_u(i32.mul(partial, words.blocks), words.partialSums), lastBlock, 1, [
            blockSize,
            copyImages,
            pack,
            call(
              multiplyBlock,
              args,
              scratch,
              i32.add(scratch, words.gradientOffset),
              result,
              images,
              rows,
              tile0,
              tile1,
            ),
          ]),
        ]),
      ]
    },
  )
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
      local.set(last, least(last, words.elements)),
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
