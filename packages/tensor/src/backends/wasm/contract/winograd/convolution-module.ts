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
import type { Form, Group } from './forms.ts'
import { writeMultiplyPanel } from './products.ts'
import { storeArguments, writeStoreBlock } from './store-block.ts'
import { EDGE_BYTES } from './store-tiles.ts'
import { writePackPhases } from './phase-strip.ts'
import { writePackStrip } from './strip.ts'
import { blockArguments, declareBlock } from './tile-blocks.ts'
import { quartersOf, vectorsOf, writeTransformBlock } from './transform-block.ts'
import { WEIGHT_BYTES, writeTransformTiles, writeTransformWeights } from './transform-tiles.ts'

/** The code for `convolution.ts`, where the plan is told. */
export function convolutionModule(form: Form, planeStride: number): ModuleRecipe {
  return {
    key: `contract/winograd/convolution/${form.name}/${planeStride}`,
    write: (builder) => writeConvolution(builder, form, planeStride),
  }
}

/** Strides in bytes. */
export const convolutionArguments = [
  ...blockArguments,
  ...storeArguments,
  'source',
  'channels',
  'sourceHeight',
  'sourceWidth',
  'top',
  'left',
  'weights',
  'weightResult',
  'weightChannel',
  'turned',
  'panels',
  'panelsPlane',
  'panelPlane',
  'quartersAtOnce',
  'data',
  'dataOffset',
  'productsOffset',
] as const

const names = convolutionArguments
const unitParams = ['i32', 'i32', 'i32', 'i32'] as const

function writeConvolution(builder: ModuleBuilder, form: Form, planeStride: number): void {
  const { planes, image } = form
  const packStrip = (image.phased ? writePackPhases : writePackStrip)(builder)
  const transformTiles = writeTransformTiles(builder, planes, image, packStrip, planeStride)
  const transformBlock = writeTransformBlock(builder, names, image, transformTiles, {
    source: 'source',
    channels: 'channels',
    height: 'sourceHeight',
    width: 'sourceWidth',
    top: 'top',
    left: 'left',
  })
  const multiplyBlock = writeMultiplyBlock(builder, form, planeStride)
  const storeBlock = writeStoreBlock(builder, names, form, planeStride)
  const transformPanel = writeTransformPanel(builder, form)
  writeTransformPanels(builder, form, transformPanel)
  writeConvolve(builder, form, transformBlock, multiplyBlock, storeBlock)
  writeTransformImages(builder, form, planeStride, transformBlock)
  writeConvolvePanels(builder, form, planeStride, transformPanel, multiplyBlock, storeBlock)
}

/**
 * `(arguments, panel, to, plane stride, first quarter, quarters)`: the weights of eight result channels, of
 * some quarters of the channels.
 */
function writeTransformPanel(builder: ModuleBuilder, form: Form): FunctionHandle {
  const [upright, turned] = form.weights.map((parts) => writeTransformWeights(builder, form, parts))
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  const channelsOf = (quarters: Local): Code =>
    form.image.phased ? local.get(quarters) : i32.shl(quarters, 2)
  return builder.func({ params }, (locals, args, panel, to, plane, quarter, quarters) => {
    const { code, words } = readArguments(locals, args, names)
    const [result, first, channels, left, kernels] = locals.many('i32', 5)
    const transform = (chosen: FunctionHandle): Code =>
      call(
        chosen,
        kernels,
        words.weightResult,
        words.weightChannel,
        channels,
        i32.sub(words.resultChannels, result),
        to,
        plane,
        form.image.phased ? WEIGHT_BYTES : partBytes(quarters),
      )
    return [
      code,
      local.set(result, i32.shl(panel, 3)),
      local.set(first, channelsOf(quarter)),
      local.set(channels, channelsOf(quarters)),
      local.set(left, i32.sub(words.channels, first)),
      local.set(channels, least(channels, left)),
      local.set(kernels, i32.add(words.weights, i32.mul(result, words.weightResult))),
      increase(kernels, i32.mul(first, words.weightChannel)),
      turned ? when(words.turned, transform(turned), transform(upright)) : transform(upright),
    ]
  })
}

/** Bytes of a part of a panel of eight result channels in one plane. */
function partBytes(quarters: Local): Code {
  return i32.mul(quarters, 4 * WEIGHT_BYTES)
}

/** Parts of a panel: those along which a product runs, and those which are products of their own. */
function partsOf({ image, results }: Form): number {
  return image.parts.length * results.parts.length
}

/** A unit is a panel, to the scratch of the kernel. */
function writeTransformPanels(builder: ModuleBuilder, form: Form, transformPanel: FunctionHandle): void {
  builder.func({ name: 'transformPanels', params: unitParams }, (locals, args, begin, end) => {
    const { code, words } = readArguments(locals, args, names)
    const [panel, quarters] = [locals.i32(), locals.i32()]
    const to = i32.add(words.panels, i32.mul(i32.mul(panel, partsOf(form)), partBytes(quarters)))
    return [
      code,
      local.set(quarters, vectorsOf(words.channels, form.image)),
      forRange(panel, begin, end, 1, call(transformPanel, args, panel, to, words.panelsPlane, 0, quarters)),
    ]
  })
}

/**
 * `(arguments, block, data, weights, their plane stride, panels, products, quarters, planes, first)`: the
 * matrix products along `quarters` of the channels, whose results are `[plane][K/8][part][2][tile][4]`; they
 * are set or, unless `first`, added to. So many `planes` of a panel come one after the other.
 */
function writeMultiplyBlock(builder: ModuleBuilder, form: Form, planeStride: number): FunctionHandle {
  const multiplyPanel = writeMultiplyPanel(builder, planeStride)
  const [imageParts, resultParts] = [form.image.parts.length, form.results.parts.length]
  return builder.func(
    { params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] },
    (locals, args, block, data, weights, weightPlane, panels, products, quarters, planes, first) => {
      const { code, words } = readArguments(locals, args, names)
      const place = declareBlock(locals, words)
      const [plane, panel, tiles, part, panelResult, count] = locals.many('i32', 6)
      const [from, to] = locals.many('i32', 2)
      const multiplyPart = (group: Group, index: number): Code => {
        const next = group.firstPart + index
        return call(
          multiplyPanel,
          imageParts === 1 ? data : i32.add(data, i32.mul(i32.mul(quarters, next), words.tileStride)),
          i32.add(from, i32.mul(part, next)),
          resultParts === 1 ? to : i32.add(to, i32.mul(panelResult, next)),
          tiles,
          words.tileStride,
          imageParts === 1 ? quarters : i32.mul(quarters, group.parts),
          count,
          weightPlane,
          first,
        )
      }
      const multiplyPlanes = (group: Group): Code => [
        local.set(count, least(planes, group.planes)),
        forRange(plane, 0, group.planes, planes, [
          local.set(from, weights),
          local.set(to, products),
          forRange(panel, 0, panels, 1, [
            Array.from({ length: resultParts === 1 ? 1 : group.parts }, (_, k) => multiplyPart(group, k)),
            increase(from, i32.mul(part, partsOf(form))),
            increase(to, i32.mul(panelResult, resultParts)),
          ]),
          increase(data, i32.mul(count, planeStride)),
          increase(weights, i32.mul(count, weightPlane)),
          increase(products, i32.mul(count, planeStride)),
        ]),
      ]
      return [
        code,
        place.find(block),
        local.set(tiles, place.tiles),
        local.set(part, partBytes(quarters)),
        local.set(panelResult, i32.shl(words.tileStride, 1)),
        form.planes.groups.map(multiplyPlanes),
      ]
    },
  )
}

/** A unit is a block, from the image to the results, in the thread's scratch. */
function writeConvolve(
  builder: ModuleBuilder,
  form: Form,
  transformBlock: FunctionHandle,
  multiplyBlock: FunctionHandle,
  storeBlock: FunctionHandle,
): void {
  builder.func({ name: 'convolve', params: unitParams }, (locals, args, begin, end, scratch) => {
    const { code, words } = readArguments(locals, args, names)
    const [block, data, products, panels, quarters] = locals.many('i32', 5)
    const strip = i32.add(scratch, EDGE_BYTES)
    return [
      code,
      local.set(data, i32.add(scratch, words.dataOffset)),
      local.set(products, i32.add(scratch, words.productsOffset)),
      local.set(panels, i32.shr_u(i32.add(words.resultChannels, 7), 3)),
      local.set(quarters, vectorsOf(words.channels, form.image)),
      forRange(block, begin, end, 1, [
        call(transformBlock, args, block, data, strip, 0, quarters),
        call(
          multiplyBlock,
          args,
          block,
          data,
          words.panels,
          words.panelsPlane,
          panels,
          products,
          quarters,
          1,
          1,
        ),
        call(storeBlock, args, block, products, scratch, 0, quartersOf(words.resultChannels)),
      ]),
    ]
  })
}

/** A unit is four channels of a block, or one by its phases, to the scratch of the kernel. */
function writeTransformImages(
  builder: ModuleBuilder,
  { planes, image }: Form,
  planeStride: number,
  transformBlock: FunctionHandle,
): void {
  builder.func({ name: 'transformImages', params: unitParams }, (locals, args, begin, end, scratch) => {
    const { code, words } = readArguments(locals, args, names)
    const [unit, block, quarter, data, quarters] = locals.many('i32', 5)
    const strip = i32.add(scratch, EDGE_BYTES)
    return [
      code,
      local.set(quarters, vectorsOf(words.channels, image)),
      forRange(unit, begin, end, 1, [
        local.set(block, i32.div_u(unit, quarters)),
        local.set(quarter, i32.rem_u(unit, quarters)),
        local.set(data, i32.add(words.data, i32.mul(block, planes.count * planeStride))),
        call(transformBlock, args, block, data, strip, quarter, i32.add(quarter, 1)),
      ]),
    ]
  })
}

/**
 * A unit is a panel. Its weights are transformed, some quarters of the channels at a time, and meet every
 * block; after the last of them the results of a block are stored. Only a single block, whose image has one
 * part, can take the channels in several steps.
 */
function writeConvolvePanels(
  builder: ModuleBuilder,
  form: Form,
  planeStride: number,
  transformPanel: FunctionHandle,
  multiplyBlock: FunctionHandle,
  storeBlock: FunctionHandle,
): void {
  const { planes, image, results } = form
  builder.func({ name: 'convolvePanels', params: unitParams }, (locals, args, begin, end, scratch) => {
    const { code, words } = readArguments(locals, args, names)
    const [panel, block, data, weights, products, quarter, last, before, all] = locals.many('i32', 9)
    const [first, quarters, inputs] = locals.many('i32', 3)
    const multiply = call(
      multiplyBlock,
      args,
      block,
      data,
      weights,
      words.panelPlane,
      1,
      products,
      quarters,
      planes.count,
      i32.eqz(first),
    )
    // The products begin with those of this panel, as if all the others lay before them.
    const store = call(storeBlock, args, block, i32.sub(products, before), scratch, quarter, last)
    return [
      code,
      local.set(inputs, vectorsOf(words.channels, image)),
      local.set(all, quartersOf(words.resultChannels)),
      local.set(weights, i32.add(scratch, words.dataOffset)),
      local.set(products, i32.add(scratch, words.productsOffset)),
      forRange(panel, begin, end, 1, [
        local.set(quarter, i32.shl(panel, 1)),
        local.set(last, i32.add(quarter, 2)),
        local.set(last, least(last, all)),
        local.set(before, i32.mul(i32.mul(quarter, results.parts.length), words.tileStride)),
        forRange(first, 0, inputs, words.quartersAtOnce, [
          local.set(quarters, i32.sub(inputs, first)),
          local.set(quarters, least(quarters, words.quartersAtOnce)),
          call(transformPanel, args, panel, weights, words.panelPlane, first, quarters),
          local.set(data, i32.add(words.data, i32.mul(first, words.tileStride))),
          forRange(block, 0, words.blocks, 1, [
            multiply,
            when(i32.eq(i32.add(first, quarters), inputs), store),
            increase(data, planes.count * planeStride),
          ]),
        ]),
      ]),
    ]
  })
}
