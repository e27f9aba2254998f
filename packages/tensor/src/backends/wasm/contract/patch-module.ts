import {
  call,
  type Code,
  f32,
  forRange,
  type FunctionHandle,
  i32,
  increase,
  least,
  local,
  type ModuleBuilder,
  shuffle32,
  v128,
  when,
} from '../assembler/index.ts'
import type { ModuleRecipe } from '../launch.ts'
import { readArguments } from './arguments.ts'
import { forHeights } from './micro-kernel.ts'
import { heightOf, rowOffset, writeRowPacker } from './pack.ts'
import { imageArguments, writeCopyImage } from './padded-image.ts'
import { TILE_WIDTH, tileHeight } from './tiles.ts'

/** The code for `patch-gradient.ts`, where the plan is told. */
export const patchModule: ModuleRecipe = { key: 'contract/patches', write: writePatches }

/**
 * Strides in bytes. `image` and `row` are the first of the block, `images` and `rows` how many; `channels`
 * are those of a unit, `steps` the pixels of the block. After them follow the run of the columns and the taps
 * of a unit, in bytes from the start of its copy.
 */
export const patchArguments = [
  ...imageArguments,
  'source',
  'gradient',
  'leftPanels',
  'rightPanels',
  'steps',
  'image',
  'images',
  'row',
  'rows',
  'inputChannels',
  'outputChannels',
  'gradientHeight',
  'gradientWidth',
  'height',
  'tall',
  'taps',
  'channelGroups',
  'slabs',
  'slabRows',
  'strideHeight',
  'copyRowStep',
  'pixelStep',
] as const
const names = patchArguments

/** Where the taps begin: after the one run. */
const TAPS = 4 * (names.length + 3)

function writePatches(builder: ModuleBuilder): void {
  writePackGradients(builder)
  writePackPatches(builder, writeCopyImage(builder, names), writePackPanel(builder))
}

/** Output gradients as panels of rows: `[pixel][height]`. A unit is a tile. */
function writePackGradients(builder: ModuleBuilder): void {
  const byHeight = forHeights(tileHeight(builder.target), (height) => writeRowPacker(builder, height))
  const params = ['i32', 'i32', 'i32', 'i32'] as const
  builder.func({ name: 'packGradients', params }, (locals, block, begin, end) => {
    const { code, words } = readArguments(locals, block, names)
    const [tile, channel, channels, image, plane, from, panel, pixels] = locals.many('i32', 8)
    return [
      code,
      local.set(plane, i32.shl(i32.mul(words.gradientHeight, words.gradientWidth), 2)),
      local.set(pixels, i32.mul(words.rows, words.gradientWidth)),
      forRange(tile, begin, end, 1, [
        local.set(channel, rowOffset(tile, words.height, words.tall)),
        local.set(channels, heightOf(tile, words.height, words.tall)),
        local.set(panel, i32.add(words.leftPanels, i32.shl(i32.mul(channel, words.steps), 2))),
        local.set(from, i32.add(i32.mul(words.image, words.outputChannels), channel)),
        local.set(from, i32.add(words.gradient, i32.mul(from, plane))),
        increase(from, i32.shl(i32.mul(words.row, words.gradientWidth), 2)),
        forRange(image, 0, words.images, 1, [
          byHeight(channels, (packer) => call(packer, from, panel, plane, 4, pixels)),
          increase(panel, i32.shl(i32.mul(channels, pixels), 2)),
          increase(from, i32.mul(words.outputChannels, plane)),
        ]),
      ]),
    ]
  })
}

/**
 * Patches as panels of columns: `[pixel][8 taps]`. A unit is some rows (fastest), then some channels, of an
 * image.
 */
function writePackPatches(
  builder: ModuleBuilder,
  copyImage: FunctionHandle,
  packPanel: FunctionHandle,
): void {
  const params = ['i32', 'i32', 'i32', 'i32'] as const
  builder.func({ name: 'packPatches', params }, (locals, block, begin, end, scratch) => {
    const { code, words } = readArguments(locals, block, names)
    const [unit, row, rows, image, channel, channels, from] = locals.many('i32', 7)
    const [to, tap, taps] = locals.many('i32', 3)
    return [
      code,
      forRange(unit, begin, end, 1, [
        local.set(row, i32.mul(i32.rem_u(unit, words.slabs), words.slabRows)),
        local.set(rows, i32.sub(words.rows, row)),
        local.set(rows, least(rows, words.slabRows)),
        local.set(image, i32.div_u(unit, words.slabs)),
        local.set(channel, i32.mul(i32.rem_u(image, words.channelGroups), words.channels)),
        local.set(image, i32.div_u(image, words.channelGroups)),
        local.set(channels, i32.sub(words.inputChannels, channel)),
        local.set(channels, least(channels, words.channels)),
        local.set(from, i32.add(i32.mul(i32.add(words.image, image), words.inputChannels), channel)),
        local.set(from, i32.mul(from, i32.mul(words.sourceHeight, words.sourceWidth))),
        call(
          copyImage,
          block,
          i32.add(words.source, i32.shl(from, 2)),
          scratch,
          i32.mul(i32.add(words.row, row), words.strideHeight),
          channels,
        ),
        // All groups but the last have eight channels, so that they begin with a panel.
        local.set(to, i32.mul(i32.mul(channel, words.taps), words.steps)),
        increase(
          to,
          i32.mul(i32.mul(i32.add(i32.mul(image, words.rows), row), words.gradientWidth), TILE_WIDTH),
        ),
        local.set(to, i32.add(words.rightPanels, i32.shl(to, 2))),
        local.set(taps, i32.mul(channels, words.taps)),
        forRange(tap, 0, taps, TILE_WIDTH, [
          call(packPanel, block, scratch, i32.add(i32.add(block, TAPS), i32.shl(tap, 2)), to, rows),
          increase(to, i32.mul(words.steps, 4 * TILE_WIDTH)),
        ]),
      ]),
    ]
  })
}

/** `(arguments, copy, taps, panel, rows)`: eight taps of the pixels of some rows. */
function writePackPanel(builder: ModuleBuilder): FunctionHandle {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func({ params }, (locals, block, copy, taps, panel, rows) => {
    const { code, words } = readArguments(locals, block, names)
    const [row, x] = locals.many('i32', 2)
    const columns = locals.many('i32', TILE_WIDTH)
    const [a, b, c, d] = locals.many('v128', 4)
    /** Two pixels `stride` apart: of four taps each, two lanes are transposed in registers. */
    const pairs = (stride: 1 | 2): Code =>
      forRange(x, 0, i32.and(words.gradientWidth, -2), 2, [
        [0, 4].map((first) => [
          [a, b, c, d].map((vector, k) => local.set(vector, v128.load(columns[first + k]))),
          local.set(a, shuffle32([0, 4, stride, 4 + stride], a, b)),
          local.set(c, shuffle32([0, 4, stride, 4 + stride], c, d)),
          v128.store(panel, shuffle32([0, 1, 4, 5], a, c), 4 * first),
          v128.store(panel, shuffle32([2, 3, 6, 7], a, c), 4 * (first + TILE_WIDTH)),
        ]),
        columns.map((column) => increase(column, 8 * stride)),
        increase(panel, 8 * TILE_WIDTH),
      ])
    const single = [
      columns.map((column, k) => [
        f32.store(panel, f32.load(column), 4 * k),
        increase(column, words.pixelStep),
      ]),
      increase(panel, 4 * TILE_WIDTH),
    ]
    return [
      code,
      forRange(row, 0, rows, 1, [
        columns.map((column, k) => local.set(column, i32.add(copy, i32.load(taps, 4 * k)))),
        local.set(x, 0),
        when(i32.eq(words.pixelStep, 4), pairs(1)),
        when(i32.eq(words.pixelStep, 8), pairs(2)),
        forRange(x, x, words.gradientWidth, 1, single),
        increase(copy, words.copyRowStep),
      ]),
    ]
  })
}
