import {
  call,
  type Code,
  f32x4,
  forRange,
  type FunctionHandle,
  i32,
  increase,
  least,
  local,
  type Local,
  type ModuleBuilder,
  v128,
  when,
} from '../../assembler/index.ts'
import { transpose4 } from '../pack.ts'
import type { ModuleRecipe } from '../../launch.ts'
import { readArguments } from '../arguments.ts'
import type { Group, Planes, WeightGradientForm } from './forms.ts'
import { writeMultiplyGradients } from './gradient-products.ts'
import { writePackStrip } from './strip.ts'
import { blockArguments, declareBlock } from './tile-blocks.ts'
import { quartersOf, writeTransformBlock } from './transform-block.ts'
import { writeTransformTiles } from './transform-tiles.ts'
import { declareTransform } from './transforms.ts'

/** The code for `weight-gradient.ts`, where the plan is told. */
export function weightGradientModule(form: WeightGradientForm, planeStride: number): ModuleRecipe {
  return {
    key: `contract/winograd/weight-gradient/${form.name}/${planeStride}`,
    write: (builder) => writeWeightGradient(builder, form, planeStride),
  }
}

/** Strides in bytes. */
export const weightGradientArguments = [
  ...blockArguments,
  'source',
  'channels',
  'sourceHeight',
  'sourceWidth',
  'top',
  'left',
  'gradient',
  'gradientChannels',
  'gradientHeight',
  'gradientWidth',
  'gradientTop',
  'gradientLeft',
  'result',
  'sums',
  'sumPlane',
  'partialSums',
  'firstBlock',
  'quartersPerUnit',
  'quarterUnits',
  'panelsPerUnit',
  'data',
  'gradients',
  'dataOffset',
  'gradientsOffset',
] as const
const names = weightGradientArguments
const unitParams = ['i32', 'i32', 'i32', 'i32'] as const

/** Vectors that one unit of `addPartials` adds. */
export const ADD_VECTORS = 512

function writeWeightGradient(builder: ModuleBuilder, form: WeightGradientForm, planeStride: number): void {
  const { planes, image, gradient } = form
  const packStrip = writePackStrip(builder)
  const transformTiles = [image, gradient].map((tiles) =>
    writeTransformTiles(builder, planes, tiles, packStrip, planeStride),
  )
  const transformImages = writeTransformBlock(builder, names, image, transformTiles[0], {
    source: 'source',
    channels: 'channels',
    height: 'sourceHeight',
    width: 'sourceWidth',
    top: 'top',
    left: 'left',
  })
  const transformGradients = writeTransformBlock(builder, names, gradient, transformTiles[1], {
    source: 'gradient',
    channels: 'gradientChannels',
    height: 'gradientHeight',
    width: 'gradientWidth',
    top: 'gradientTop',
    left: 'gradientLeft',
  })
  const multiplyBlock = writeMultiplyBlock(builder, form, planeStride)
  const blockBytes = planes.count * planeStride
  writeAccumulate(builder, planes, transformImages, transformGradients, multiplyBlock)
  writeTransformPhase(builder, 'transformImages', transformImages, 'channels', 'data', blockBytes)
  writeTransformPhase(
    builder,
    'transformGradients',
    transformGradients,
    'gradientChannels',
    'gradients',
    blockBytes,
  )
  const storeQuarter = writeStoreQuarter(builder, form)
  writeMultiplyWeights(builder, form, multiplyBlock, storeQuarter, blockBytes)
  writeAddPartials(builder, planes)
  writeStoreWeights(builder, form, storeQuarter)
}

/**
 * `(arguments, block, data, gradients, sums, first, first quarter, quarters, first panel, panels)`: what a
 * block adds to some of the sums `[plane][K/4][part][channel][4]`, whose channels are those of a unit.
 */
// oxlint-disable-next-line max-lines-per-function -- the loops over planes and panels, to be read at one sight
function writeMultiplyBlock(
  builder: ModuleBuilder,
  { planes, image }: WeightGradientForm,
  planeStride: number,
): FunctionHandle {
  const multiply = writeMultiplyGradients(builder)
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func(
    { params },
    (locals, args, block, data, gradients, sums, first, quarter0, quarters, panel0, panels) => {
      const { code, words } = readArguments(locals, args, names)
      const place = declareBlock(locals, words)
      const [plane, panel, tiles, all, part, half, from, to] = locals.many('i32', 8)
      const multiplyParts = (firstPart: number, depth: Code | Local): Code =>
        call(
          multiply,
          i32.add(data, i32.mul(i32.add(quarter0, i32.mul(all, firstPart)), words.tileStride)),
          from,
          i32.add(to, i32.mul(part, firstPart)),
          tiles,
          words.tileStride,
          depth,
          half,
          first,
        )
      const each = ({ firstPart, parts }: Group): Code =>
        Array.from({ length: parts }, (_, k) => multiplyParts(firstPart + k, quarters))
      const multiplyPanel = (group: Group): Code =>
        group.parts === 1
          ? each(group)
          : // All channels of neighbouring parts follow one another.
            when(
              i32.eq(quarters, all),
              multiplyParts(group.firstPart, i32.mul(all, group.parts)),
              each(group),
            )
      const multiplyPlanes = (group: Group): Code =>
        forRange(plane, 0, group.planes, 1, [
          local.set(from, i32.add(gradients, i32.shl(i32.mul(panel0, words.tileStride), 1))),
          local.set(to, sums),
          forRange(panel, 0, panels, 1, [
            multiplyPanel(group),
            increase(from, i32.shl(words.tileStride, 1)),
            increase(to, i32.shl(half, 1)),
          ]),
          increase(data, planeStride),
          increase(gradients, planeStride),
          increase(sums, words.sumPlane),
        ])
      return [
        code,
        place.find(block),
        local.set(tiles, place.tiles),
        local.set(all, quartersOf(words.channels)),
        local.set(part, i32.shl(words.quartersPerUnit, 6)),
        local.set(half, i32.mul(part, image.parts.length)),
        planes.groups.map(multiplyPlanes),
      ]
    },
  )
}

/** A unit is a partial sum: some neighbouring blocks, in ascending order. */
function writeAccumulate(
  builder: ModuleBuilder,
  { count }: Planes,
  transformImages: FunctionHandle,
  transformGradients: FunctionHandle,
  multiplyBlock: FunctionHandle,
): void {
  builder.func({ name: 'accumulate', params: unitParams }, (locals, args, begin, end, scratch) => {
    const { code, words } = readArguments(locals, args, names)
    const [partial, block, last, data, gradients, sums, first] = locals.many('i32', 7)
    const [quarters, panels] = [quartersOf(words.channels), panelsOf(words)]
    return [
      code,
      local.set(data, i32.add(scratch, words.dataOffset)),
      local.set(gradients, i32.add(scratch, words.gradientsOffset)),
      forRange(partial, begin, end, 1, [
        local.set(sums, i32.add(words.sums, i32.mul(partial, i32.mul(words.sumPlane, count)))),
        local.set(last, i32.div_u(i32.mul(i32.add(partial, 1), words.blocks), words.partialSums)),
        local.set(first, 1),
        forRange(block, i32.div_u(i32.mul(partial, words.blocks), words.partialSums), last, 1, [
          call(transformImages, args, block, data, scratch, 0, quarters),
          call(transformGradients, args, block, gradients, scratch, 0, evenQuarters(words.gradientChannels)),
          call(multiplyBlock, args, block, data, gradients, sums, first, 0, quarters, 0, panels),
          local.set(first, 0),
        ]),
      ]),
    ]
  })
}

/** Groups of four channels of whole panels. */
function evenQuarters(channels: Local): Code {
  return i32.shl(i32.shr_u(i32.add(channels, 7), 3), 1)
}

function panelsOf({ gradientChannels }: { readonly gradientChannels: Local }): Code {
  return i32.shr_u(i32.add(gradientChannels, 7), 3)
}

/** A unit is four channels of a block, from the first block of the launch on. */
function writeTransformPhase(
  builder: ModuleBuilder,
  name: string,
  transform: FunctionHandle,
  channels: 'channels' | 'gradientChannels',
  to: 'data' | 'gradients',
  blockBytes: number,
): void {
  builder.func({ name, params: unitParams }, (locals, args, begin, end, scratch) => {
    const { code, words } = readArguments(locals, args, names)
    const [unit, block, quarter, quarters, at] = locals.many('i32', 5)
    const blocksBefore = i32.sub(block, words.firstBlock)
    return [
      code,
      local.set(quarters, (channels === 'channels' ? quartersOf : evenQuarters)(words[channels])),
      forRange(unit, begin, end, 1, [
        local.set(block, i32.add(words.firstBlock, i32.div_u(unit, quarters))),
        local.set(quarter, i32.rem_u(unit, quarters)),
        local.set(at, i32.add(words[to], i32.mul(blocksBefore, blockBytes))),
        call(transform, args, block, at, scratch, quarter, i32.add(quarter, 1)),
      ]),
    ]
  })
}

/**
 * A unit is some channels with some panels of the gradient: all blocks of the launch, in ascending order, to
 * the thread's scratch, and from there to the weights.
 */
function writeMultiplyWeights(
  builder: ModuleBuilder,
  { image }: WeightGradientForm,
  multiplyBlock: FunctionHandle,
  storeQuarter: FunctionHandle,
  blockBytes: number,
): void {
  builder.func({ name: 'multiplyWeights', params: unitParams }, (locals, args, begin, end, scratch) => {
    const { code, words } = readArguments(locals, args, names)
    const [unit, block, offset, sums, quarter, last] = locals.many('i32', 6)
    const [quarter0, quarters, panel0, panels, channels] = locals.many('i32', 5)
    const [data, gradients] = [i32.add(words.data, offset), i32.add(words.gradients, offset)]
    return [
      code,
      forRange(unit, begin, end, 1, [
        local.set(quarter0, i32.mul(i32.rem_u(unit, words.quarterUnits), words.quartersPerUnit)),
        local.set(quarters, i32.sub(quartersOf(words.channels), quarter0)),
        local.set(quarters, least(quarters, words.quartersPerUnit)),
        local.set(panel0, i32.mul(i32.div_u(unit, words.quarterUnits), words.panelsPerUnit)),
        local.set(panels, i32.sub(panelsOf(words), panel0)),
        local.set(panels, least(panels, words.panelsPerUnit)),
        local.set(offset, 0),
        forRange(block, words.firstBlock, words.blocks, 1, [
          call(
            multiplyBlock,
            args,
            block,
            data,
            gradients,
            scratch,
            i32.eqz(offset),
            quarter0,
            quarters,
            panel0,
            panels,
          ),
          increase(offset, blockBytes),
        ]),
        local.set(channels, i32.shl(i32.add(quarter0, quarters), 2)),
        local.set(sums, scratch),
        local.set(last, quartersOf(words.gradientChannels)),
        local.set(quarter, i32.shl(i32.add(panel0, panels), 1)),
        local.set(last, least(last, quarter)),
        forRange(quarter, i32.shl(panel0, 1), last, 1, [
          call(storeQuarter, args, sums, quarter, i32.shl(quarter0, 2), least(channels, words.channels)),
          increase(sums, i32.mul(words.quartersPerUnit, 64 * image.parts.length)),
        ]),
      ]),
    ]
  })
}

/** First partial sum += second, += third, …. */
function writeAddPartials(builder: ModuleBuilder, { count }: Planes): void {
  builder.func({ name: 'addPartials', params: unitParams }, (locals, args, begin, end) => {
    const { code, words } = readArguments(locals, args, names)
    const [partial, to, from, last, bytes] = locals.many('i32', 5)
    const sum = locals.v128()
    return [
      code,
      local.set(bytes, i32.mul(words.sumPlane, count)),
      local.set(last, i32.mul(end, 16 * ADD_VECTORS)),
      local.set(last, i32.add(words.sums, least(last, bytes))),
      forRange(to, i32.add(words.sums, i32.mul(begin, 16 * ADD_VECTORS)), last, 16, [
        local.set(sum, v128.load(to)),
        local.set(from, to),
        forRange(partial, 1, words.partialSums, 1, [
          increase(from, bytes),
          local.set(sum, f32x4.add(sum, v128.load(from))),
        ]),
        v128.store(to, sum),
      ]),
    ]
  })
}

/**
 * `(arguments, sums, quarter of the result channels, first channel, end)`: Aᵀ m A of sums
 * `[part][channel][4]`, to be added to what earlier blocks gave.
 */
function writeStoreQuarter(builder: ModuleBuilder, { planes, weights }: WeightGradientForm): FunctionHandle {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func({ params }, (locals, args, sums, quarter, channel0, channels) => {
    const { code, words } = readArguments(locals, args, names)
    const [offsets, parts] = [locals.many('i32', planes.count), locals.many('i32', weights.length)]
    const [channel, to, at, stride, left] = locals.many('i32', 5)
    const [taps, spare] = [locals.many('v128', 9), locals.many('v128', 4)]
    const kernels = weights.map(({ rows, columns }) =>
      declareTransform(builder.target, locals, rows.transform, columns.transform),
    )
    const transform = weights.map(({ rows, columns }, index) =>
      kernels[index].apply(
        (i, j) => v128.load(i32.add(parts[index], offsets[planes.at(i, j)])),
        (i, produce) => produce((j, value) => local.set(taps[3 * rows.taps[i] + columns.taps[j]], value)),
      ),
    )
    const store = [
      transpose4(taps.slice(0, 4), spare),
      transpose4(taps.slice(4, 8), spare),
      local.set(at, to),
      [0, 1, 2, 3].map((k) =>
        when(i32.gt_s(left, k), [
          when(words.firstBlock, [
            local.set(taps[k], f32x4.add(taps[k], v128.load(at))),
            local.set(taps[4 + k], f32x4.add(taps[4 + k], v128.load(at, 16))),
            local.set(taps[8], f32x4.add(taps[8], v128.load32_lane(at, k, f32x4.splat(0), 32))),
          ]),
          v128.store(at, taps[k]),
          v128.store(at, taps[4 + k], 16),
          v128.store32_lane(at, k, taps[8], 32),
          increase(at, stride),
        ]),
      ),
    ]
    const part = i32.shl(words.quartersPerUnit, 6)
    return [
      code,
      kernels.map(({ constants }) => constants),
      local.set(stride, i32.mul(words.channels, 36)),
      offsets.map((offset, plane) => local.set(offset, i32.mul(words.sumPlane, plane))),
      parts.map((first, index) => local.set(first, index === 0 ? sums : i32.add(parts[index - 1], part))),
      local.set(left, i32.sub(words.gradientChannels, i32.shl(quarter, 2))),
      local.set(to, i32.add(i32.mul(quarter, i32.shl(stride, 2)), i32.mul(channel0, 36))),
      increase(to, words.result),
      forRange(channel, channel0, channels, 1, [
        transform,
        store,
        increase(to, 36),
        parts.map((first) => increase(first, 16)),
      ]),
    ]
  })
}

/** A unit is four result channels. */
function writeStoreWeights(
  builder: ModuleBuilder,
  { image }: WeightGradientForm,
  storeQuarter: FunctionHandle,
): void {
  builder.func({ name: 'storeWeights', params: unitParams }, (locals, args, begin, end) => {
    const { code, words } = readArguments(locals, args, names)
    const quarter = locals.i32()
    const sums = i32.mul(i32.mul(words.quartersPerUnit, 64 * image.parts.length), quarter)
    return [
      code,
      forRange(quarter, begin, end, 1, [
        call(storeQuarter, args, i32.add(words.sums, sums), quarter, 0, words.channels),
      ]),
    ]
  })
}
