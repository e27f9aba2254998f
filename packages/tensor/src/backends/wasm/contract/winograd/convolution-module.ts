import { call, type Code, forRange, type FunctionHandle, i32, increase, least, local, type Local, type ModuleBuilder, when } from '../../assembler/index.ts'
import type { ModuleRecipe } from '../../launch.ts'
import { readArguments } from '../arguments.ts'
import { finishArguments, writeFinish } from '../finish.ts'
import { writeMultiplyPanel } from './products.ts'
import { EDGE_BYTES, writeStoreTiles } from './store-tiles.ts'
import { blockArguments, declareBlock } from './tile-blocks.ts'
import { quartersOf, writeTransformBlock } from './transform-block.ts'
import { PLANES, writeTransforms, writeTransformWeights } from './transform-tiles.ts'

/** The code for `convolution.ts`, where the plan is told. */
export function convolutionModule(planeStride: number): ModuleRecipe {
  return {
    key: `contract/winograd/convolution/${planeStride}`,
    write: (builder) => writeConvolution(builder, planeStride),
  }
}

/** Strides in bytes. */
export const convolutionArguments = [
  ...blockArguments,
  ...finishArguments,
  'source',
  'channels',
  'sourceHeight',
  'sourceWidth',
  'top',
  'left',
  'result',
  'resultChannels',
  'resultHeight',
  'resultWidth',
  'weights',
  'weightResult',
  'weightChannel',
  'panels',
  'panelPlane',
  'panelsPerPart',
  'parts',
  'data',
  'products',
  'dataOffset',
  'productsOffset',
] as const
export type ConvolutionArgument = (typeof convolutionArguments)[number]
const names = convolutionArguments
const unitParams = ['i32', 'i32', 'i32', 'i32'] as const

function writeConvolution(builder: ModuleBuilder, planeStride: number): void {
  const transformBlock = writeTransformBlock(builder, names, writeTransforms(builder, planeStride).image, {
    source: 'source',
    channels: 'channels',
    height: 'sourceHeight',
    width: 'sourceWidth',
    top: 'top',
    left: 'left',
  })
  const multiplyBlock = writeMultiplyBlock(builder, planeStride)
  const storeBlock = writeStoreBlock(builder, planeStride)
  writeWeights(builder, 'transformWeights', false)
  writeWeights(builder, 'transformTurnedWeights', true)
  writeWholeBlocks(builder, transformBlock, multiplyBlock, storeBlock)
  writePhases(builder, planeStride, transformBlock, multiplyBlock, storeBlock)
}

/** A unit is a panel of eight result channels. */
function writeWeights(builder: ModuleBuilder, name: string, turned: boolean): void {
  const transform = writeTransformWeights(builder, turned)
  builder.func({ name, params: unitParams }, (locals, args, begin, end) => {
    const { code, words } = readArguments(locals, args, names)
    const [panel, channel, left] = locals.many('i32', 3)
    return [
      code,
      forRange(panel, begin, end, 1, [
        local.set(channel, i32.shl(panel, 3)),
        local.set(left, i32.sub(words.resultChannels, channel)),
        call(
          transform,
          i32.add(words.weights, i32.mul(channel, words.weightResult)),
          words.weightResult,
          words.weightChannel,
          words.channels,
          left,
          i32.add(words.panels, i32.mul(panel, i32.shl(quartersOf(words.channels), 7))),
          words.panelPlane,
        ),
      ]),
    ]
  })
}

/** `(arguments, block, data, products, first plane, end, first panel, end)`. */
function writeMultiplyBlock(builder: ModuleBuilder, planeStride: number): FunctionHandle {
  const multiplyPanel = writeMultiplyPanel(builder)
  return builder.func(
    { params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] },
    (locals, args, block, data, products, plane0, plane1, panel0, panel1) => {
      const { code, words } = readArguments(locals, args, names)
      const place = declareBlock(locals, words)
      const [plane, panel, tiles, quarters, weights, to] = locals.many('i32', 6)
      return [
        code,
        place.find(block),
        local.set(tiles, place.tiles),
        local.set(quarters, quartersOf(words.channels)),
        forRange(plane, plane0, plane1, 1, [
          local.set(to, i32.shl(i32.mul(panel0, words.tileStride), 1)),
          local.set(to, i32.add(to, i32.add(products, i32.mul(plane, planeStride)))),
          local.set(weights, i32.mul(panel0, i32.shl(quarters, 7))),
          local.set(weights, i32.add(weights, i32.add(words.panels, i32.mul(plane, words.panelPlane)))),
          forRange(panel, panel0, panel1, 1, [
            call(
              multiplyPanel,
              i32.add(data, i32.mul(plane, planeStride)),
              weights,
              to,
              tiles,
              words.tileStride,
              quarters,
            ),
            increase(weights, i32.shl(quarters, 7)),
            increase(to, i32.shl(words.tileStride, 1)),
          ]),
        ]),
      ]
    },
  )
}

/** `(arguments, block, products, edge, first quarter of the result channels, end)`. */
// oxlint-disable-next-line max-lines-per-function -- the loops around the tiles, to be read at one sight
function writeStoreBlock(builder: ModuleBuilder, planeStride: number): FunctionHandle {
  const storeTiles = writeStoreTiles(builder, planeStride)
  const finish = writeFinish(builder, names)
  // oxlint-disable-next-line max-lines-per-function -- the loops around the tiles, to be read at one sight
  return builder.func({ params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'] }, (locals, args, block, products, edge, from, end) => {
    const { code, words } = readArguments(locals, args, names)
    const place = declareBlock(locals, words)
    const [quarter, image, at, to, plane, channels] = locals.many('i32', 6)
    const [row, column, rows, columns, line, height, width, y] = locals.many('i32', 8)
    const first = i32.add(
      i32.mul(i32.add(place.image, image), words.resultChannels),
      i32.shl(quarter, 2),
    )
    // The bias of a channel is one number, so that it does not matter which pixels these are.
    const finishPixels = (pixels: Code | Local): Code =>
      call(finish, args, to, plane, i32.shl(quarter, 2), channels, 0, pixels)
    const finishBlock = when(
      i32.eq(width, words.resultWidth),
      finishPixels(i32.mul(height, width)),
      forRange(y, 0, height, 1, [finishPixels(width), increase(to, line)]),
    )
    const pixel = i32.add(i32.mul(row, words.resultWidth), column)
    return [
      code,
      place.find(block),
      local.set(plane, i32.shl(i32.mul(words.resultHeight, words.resultWidth), 2)),
      local.set(line, i32.shl(words.resultWidth, 2)),
      local.set(row, i32.shl(place.row, 2)),
      local.set(column, i32.shl(place.column, 2)),
      local.set(rows, i32.sub(words.resultHeight, row)),
      local.set(columns, i32.sub(words.resultWidth, column)),
      local.set(height, i32.shl(place.rows, 2)),
      local.set(height, least(height, rows)),
      local.set(width, i32.shl(place.columns, 2)),
      local.set(width, least(width, columns)),
      forRange(quarter, from, end, 1, [
        local.set(at, i32.add(products, i32.mul(quarter, words.tileStride))),
        local.set(channels, i32.sub(words.resultChannels, i32.shl(quarter, 2))),
        local.set(channels, least(channels, 4)),
        forRange(image, 0, place.images, 1, [
          local.set(to, i32.add(i32.mul(first, plane), i32.shl(pixel, 2))),
          increase(to, words.result),
          call(
            storeTiles,
            at,
            to,
            rows,
            columns,
            place.rows,
            place.columns,
            line,
            plane,
            channels,
            edge,
          ),
          when(words.finish, finishBlock),
          increase(at, i32.shl(i32.mul(place.rows, place.columns), 4)),
        ]),
      ]),
    ]
  })
}

/** A unit is a block, from the image to the results, in the thread's scratch. */
function writeWholeBlocks(
  builder: ModuleBuilder,
  transformBlock: FunctionHandle,
  multiplyBlock: FunctionHandle,
  storeBlock: FunctionHandle,
): void {
  builder.func({ name: 'convolve', params: unitParams }, (locals, args, begin, end, scratch) => {
    const { code, words } = readArguments(locals, args, names)
    const [block, data, products, panels] = locals.many('i32', 4)
    return [
      code,
      local.set(data, i32.add(scratch, words.dataOffset)),
      local.set(products, i32.add(scratch, words.productsOffset)),
      local.set(panels, i32.shr_u(i32.add(words.resultChannels, 7), 3)),
      forRange(block, begin, end, 1, [
        call(transformBlock, args, block, data, i32.add(scratch, EDGE_BYTES), 0, quartersOf(words.channels)),
        call(multiplyBlock, args, block, data, products, 0, PLANES, 0, panels),
        call(storeBlock, args, block, products, scratch, 0, quartersOf(words.resultChannels)),
      ]),
    ]
  })
}

/**
 * The same in three launches, for few blocks: what lies between them is in the scratch of the kernel. Units
 * are blocks · quarters of channels, blocks · planes · parts of the panels, blocks · quarters of the results.
 */
function writePhases(
  builder: ModuleBuilder,
  planeStride: number,
  transformBlock: FunctionHandle,
  multiplyBlock: FunctionHandle,
  storeBlock: FunctionHandle,
): void {
  const bytes = PLANES * planeStride
  builder.func({ name: 'transformImages', params: unitParams }, (locals, args, begin, end, scratch) => {
    const { code, words } = readArguments(locals, args, names)
    const [unit, block, quarter, data] = locals.many('i32', 4)
    return [
      code,
      forRange(unit, begin, end, 1, [
        local.set(block, i32.div_u(unit, quartersOf(words.channels))),
        local.set(quarter, i32.rem_u(unit, quartersOf(words.channels))),
        local.set(data, i32.add(words.data, i32.mul(block, bytes))),
        call(transformBlock, args, block, data, i32.add(scratch, EDGE_BYTES), quarter, i32.add(quarter, 1)),
      ]),
    ]
  })
  builder.func({ name: 'multiply', params: unitParams }, (locals, args, begin, end) => {
    const { code, words } = readArguments(locals, args, names)
    const [unit, block, plane, first, last, panels, offset] = locals.many('i32', 7)
    return [
      code,
      local.set(panels, i32.shr_u(i32.add(words.resultChannels, 7), 3)),
      forRange(unit, begin, end, 1, [
        local.set(first, i32.mul(i32.rem_u(unit, words.parts), words.panelsPerPart)),
        local.set(last, i32.add(first, words.panelsPerPart)),
        local.set(plane, i32.div_u(unit, words.parts)),
        local.set(block, i32.div_u(plane, PLANES)),
        local.set(plane, i32.rem_u(plane, PLANES)),
        local.set(offset, i32.mul(block, bytes)),
        call(
          multiplyBlock,
          args,
          block,
          i32.add(words.data, offset),
          i32.add(words.products, offset),
          plane,
          i32.add(plane, 1),
          first,
          least(last, panels),
        ),
      ]),
    ]
  })
  builder.func({ name: 'storeResults', params: unitParams }, (locals, args, begin, end, scratch) => {
    const { code, words } = readArguments(locals, args, names)
    const [unit, block, quarter, products] = locals.many('i32', 4)
    return [
      code,
      forRange(unit, begin, end, 1, [
        local.set(block, i32.div_u(unit, quartersOf(words.resultChannels))),
        local.set(quarter, i32.rem_u(unit, quartersOf(words.resultChannels))),
        local.set(products, i32.add(words.products, i32.mul(block, bytes))),
        call(storeBlock, args, block, products, scratch, quarter, i32.add(quarter, 1)),
      ]),
    ]
  })
}
