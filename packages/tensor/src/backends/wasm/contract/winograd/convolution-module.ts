import {
  call,
  type Code,
  forRange,
  type FunctionHandle,
  i32,
  increase,
  least,
  local,
  type Local,
  type ModuleBuilder,
  when,
} from '../../assembler/index.ts'
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
  'turned',
  'panels',
  'panelsPlane',
  'panelPlane',
  'data',
  'dataOffset',
  'productsOffset',
] as const

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
  const transformPanel = writeTransformPanel(builder)
  writeTransformPanels(builder, transformPanel)
  writeConvolve(builder, transformBlock, multiplyBlock, storeBlock)
  writeTransformImages(builder, planeStride, transformBlock)
  writeConvolvePanels(builder, planeStride, transformPanel, multiplyBlock, storeBlock)
}

/** `(arguments, panel, to, plane stride)`: the weights of eight result channels. */
function writeTransformPanel(builder: ModuleBuilder): FunctionHandle {
  const [upright, turned] = [false, true].map((turn) => writeTransformWeights(builder, turn))
  return builder.func({ params: ['i32', 'i32', 'i32', 'i32'] }, (locals, args, panel, to, plane) => {
    const { code, words } = readArguments(locals, args, names)
    const [channel, kernels] = [locals.i32(), locals.i32()]
    const transform = (chosen: FunctionHandle): Code =>
      call(
        chosen,
        kernels,
        words.weightResult,
        words.weightChannel,
        words.channels,
        i32.sub(words.resultChannels, channel),
        to,
        plane,
      )
    return [
      code,
      local.set(channel, i32.shl(panel, 3)),
      local.set(kernels, i32.add(words.weights, i32.mul(channel, words.weightResult))),
      when(words.turned, transform(turned), transform(upright)),
    ]
  })
}

/** Bytes of a panel of eight result channels in one plane. */
function panelBytes(words: { readonly channels: Local }): Code {
  return i32.shl(quartersOf(words.channels), 7)
}

/** A unit is a panel, to the scratch of the kernel. */
function writeTransformPanels(builder: ModuleBuilder, transformPanel: FunctionHandle): void {
  builder.func({ name: 'transformPanels', params: unitParams }, (locals, args, begin, end) => {
    const { code, words } = readArguments(locals, args, names)
    const panel = locals.i32()
    const to = i32.add(words.panels, i32.mul(panel, panelBytes(words)))
    return [code, forRange(panel, begin, end, 1, call(transformPanel, args, panel, to, words.panelsPlane))]
  })
}

/** `(arguments, block, data, weights, their plane stride, panels, products)`: the 36 matrix products. */
function writeMultiplyBlock(builder: ModuleBuilder, planeStride: number): FunctionHandle {
  const multiplyPanel = writeMultiplyPanel(builder)
  return builder.func(
    { params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] },
    (locals, args, block, data, weights, weightPlane, panels, products) => {
      const { code, words } = readArguments(locals, args, names)
      const place = declareBlock(locals, words)
      const [plane, panel, tiles, quarters, from, to] = locals.many('i32', 6)
      return [
        code,
        place.find(block),
        local.set(tiles, place.tiles),
        local.set(quarters, quartersOf(words.channels)),
        forRange(plane, 0, PLANES, 1, [
          local.set(from, weights),
          local.set(to, products),
          forRange(panel, 0, panels, 1, [
            call(multiplyPanel, data, from, to, tiles, words.tileStride, quarters),
            increase(from, panelBytes(words)),
            increase(to, i32.shl(words.tileStride, 1)),
          ]),
          increase(data, planeStride),
          increase(weights, weightPlane),
          increase(products, planeStride),
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
  return builder.func(
    { params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'] },
    (locals, args, block, products, edge, from, end) => {
      const { code, words } = readArguments(locals, args, names)
      const place = declareBlock(locals, words)
      const [quarter, image, at, to, plane, channels] = locals.many('i32', 6)
      const [row, column, rows, columns, line, height, width, y] = locals.many('i32', 8)
      const first = i32.add(i32.mul(i32.add(place.image, image), words.resultChannels), i32.shl(quarter, 2))
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
            call(storeTiles, at, to, rows, columns, place.rows, place.columns, line, plane, channels, edge),
            when(words.finish, finishBlock),
            increase(at, i32.shl(i32.mul(place.rows, place.columns), 4)),
          ]),
        ]),
      ]
    },
  )
}

/** A unit is a block, from the image to the results, in the thread's scratch. */
function writeConvolve(
  builder: ModuleBuilder,
  transformBlock: FunctionHandle,
  multiplyBlock: FunctionHandle,
  storeBlock: FunctionHandle,
): void {
  builder.func({ name: 'convolve', params: unitParams }, (locals, args, begin, end, scratch) => {
    const { code, words } = readArguments(locals, args, names)
    const [block, data, products, panels] = locals.many('i32', 4)
    const strip = i32.add(scratch, EDGE_BYTES)
    return [
      code,
      local.set(data, i32.add(scratch, words.dataOffset)),
      local.set(products, i32.add(scratch, words.productsOffset)),
      local.set(panels, i32.shr_u(i32.add(words.resultChannels, 7), 3)),
      forRange(block, begin, end, 1, [
        call(transformBlock, args, block, data, strip, 0, quartersOf(words.channels)),
        call(multiplyBlock, args, block, data, words.panels, words.panelsPlane, panels, products),
        call(storeBlock, args, block, products, scratch, 0, quartersOf(words.resultChannels)),
      ]),
    ]
  })
}

/** A unit is four channels of a block, to the scratch of the kernel. */
function writeTransformImages(
  builder: ModuleBuilder,
  planeStride: number,
  transformBlock: FunctionHandle,
): void {
  builder.func({ name: 'transformImages', params: unitParams }, (locals, args, begin, end, scratch) => {
    const { code, words } = readArguments(locals, args, names)
    const [unit, block, quarter, data] = locals.many('i32', 4)
    const strip = i32.add(scratch, EDGE_BYTES)
    return [
      code,
      forRange(unit, begin, end, 1, [
        local.set(block, i32.div_u(unit, quartersOf(words.channels))),
        local.set(quarter, i32.rem_u(unit, quartersOf(words.channels))),
        local.set(data, i32.add(words.data, i32.mul(block, PLANES * planeStride))),
        call(transformBlock, args, block, data, strip, quarter, i32.add(quarter, 1)),
      ]),
    ]
  })
}

/** A unit is a panel: its weights are transformed and, for every block, its results computed and stored. */
function writeConvolvePanels(
  builder: ModuleBuilder,
  planeStride: number,
  transformPanel: FunctionHandle,
  multiplyBlock: FunctionHandle,
  storeBlock: FunctionHandle,
): void {
  builder.func({ name: 'convolvePanels', params: unitParams }, (locals, args, begin, end, scratch) => {
    const { code, words } = readArguments(locals, args, names)
    const [panel, block, data, weights, products, quarter, last, before, all] = locals.many('i32', 9)
    return [
      code,
      local.set(all, quartersOf(words.resultChannels)),
      local.set(weights, i32.add(scratch, words.dataOffset)),
      local.set(products, i32.add(scratch, words.productsOffset)),
      forRange(panel, begin, end, 1, [
        call(transformPanel, args, panel, weights, words.panelPlane),
        local.set(quarter, i32.shl(panel, 1)),
        local.set(last, i32.add(quarter, 2)),
        local.set(last, least(last, all)),
        local.set(before, i32.mul(quarter, words.tileStride)),
        local.set(data, words.data),
        forRange(block, 0, words.blocks, 1, [
          call(multiplyBlock, args, block, data, weights, words.panelPlane, 1, products),
          // The products begin with those of this panel, as if all the others lay before them.
          call(storeBlock, args, block, i32.sub(products, before), scratch, quarter, last),
          increase(data, PLANES * planeStride),
        ]),
      ]),
    ]
  })
}
