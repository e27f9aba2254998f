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
import type { Planes, WeightGradientForm } from './forms.ts'
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
  writeMultiplyPhase(builder, multiplyBlock, blockBytes)
  writeAddPartials(builder, planes)
  writeStoreWeights(builder, form)
}

/** `(arguments, block, data, gradients, sums, first, first plane, end)`. */
function writeMultiplyBlock(
  builder: ModuleBuilder,
  { planes, image }: WeightGradientForm,
  planeStride: number,
): FunctionHandle {
  const multiply = writeMultiplyGradients(builder)
  return builder.func(
    { params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] },
    (locals, args, block, data, gradients, sums, first, plane0, plane1) => {
      const { code, words } = readArguments(locals, args, names)
      const place = declareBlock(locals, words)
      const [plane, panel, tiles, all, quarter0, quarters, from, to] = locals.many('i32', 8)
      return [
        code,
        place.find(block),
        local.set(tiles, place.tiles),
        local.set(all, i32.mul(quartersOf(words.channels), image.parts.length)),
        forRange(plane, plane0, plane1, 1, [
          findParts(planes, plane, quarter0, quarters),
          local.set(quarter0, i32.mul(quarter0, quartersOf(words.channels))),
          local.set(quarters, i32.mul(quarters, quartersOf(words.channels))),
          forRange(panel, 0, panelsOf(words), 1, [
            local.set(from, i32.shl(i32.mul(panel, words.tileStride), 1)),
            local.set(from, i32.add(from, i32.add(gradients, i32.mul(plane, planeStride)))),
            local.set(to, i32.add(i32.mul(panel, i32.shl(all, 7)), i32.shl(quarter0, 6))),
            local.set(to, i32.add(to, i32.add(sums, i32.mul(plane, words.sumPlane)))),
            call(
              multiply,
              i32.add(i32.add(data, i32.mul(plane, planeStride)), i32.mul(quarter0, words.tileStride)),
              from,
              to,
              tiles,
              words.tileStride,
              quarters,
              i32.shl(all, 6),
              first,
            ),
          ]),
        ]),
      ]
    },
  )
}

/** The parts that take part in a plane. */
function findParts({ groups }: Planes, plane: Local, firstPart: Local, parts: Local): Code {
  let begin = 0
  return groups.map((group) => {
    const set = [local.set(firstPart, group.firstPart), local.set(parts, group.parts)]
    const code = begin === 0 ? set : when(i32.ge_u(plane, begin), set)
    begin += group.planes
    return code
  })
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
    return [
      code,
      local.set(data, i32.add(scratch, words.dataOffset)),
      local.set(gradients, i32.add(scratch, words.gradientsOffset)),
      forRange(partial, begin, end, 1, [
        local.set(sums, i32.add(words.sums, i32.mul(partial, i32.mul(words.sumPlane, count)))),
        local.set(last, i32.div_u(i32.mul(i32.add(partial, 1), words.blocks), words.partialSums)),
        local.set(first, 1),
        forRange(block, i32.div_u(i32.mul(partial, words.blocks), words.partialSums), last, 1, [
          call(transformImages, args, block, data, scratch, 0, quartersOf(words.channels)),
          call(transformGradients, args, block, gradients, scratch, 0, evenQuarters(words.gradientChannels)),
          call(multiplyBlock, args, block, data, gradients, sums, first, 0, count),
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

/** A unit is four channels of a block. */
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
    return [
      code,
      local.set(quarters, (channels === 'channels' ? quartersOf : evenQuarters)(words[channels])),
      forRange(unit, begin, end, 1, [
        local.set(block, i32.div_u(unit, quarters)),
        local.set(quarter, i32.rem_u(unit, quarters)),
        local.set(at, i32.add(words[to], i32.mul(block, blockBytes))),
        call(transform, args, block, at, scratch, quarter, i32.add(quarter, 1)),
      ]),
    ]
  })
}

/** A unit is a plane: all blocks, in ascending order. */
function writeMultiplyPhase(builder: ModuleBuilder, multiplyBlock: FunctionHandle, blockBytes: number): void {
  builder.func({ name: 'multiply', params: unitParams }, (locals, args, begin, end) => {
    const { code, words } = readArguments(locals, args, names)
    const [block, offset] = [locals.i32(), locals.i32()]
    const [data, gradients] = [i32.add(words.data, offset), i32.add(words.gradients, offset)]
    return [
      code,
      forRange(block, 0, words.blocks, 1, [
        local.set(offset, i32.mul(block, blockBytes)),
        call(multiplyBlock, args, block, data, gradients, words.sums, i32.eqz(block), begin, end),
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

/** Aᵀ m A of the sums, four result channels at a time. A unit is such four. */
function writeStoreWeights(builder: ModuleBuilder, { planes, weights }: WeightGradientForm): void {
  builder.func({ name: 'storeWeights', params: unitParams }, (locals, args, begin, end) => {
    const { code, words } = readArguments(locals, args, names)
    const [offsets, parts] = [locals.many('i32', planes.count), locals.many('i32', weights.length)]
    const [quarter, channel, to, at, stride, left] = locals.many('i32', 6)
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
          v128.store(at, taps[k]),
          v128.store(at, taps[4 + k], 16),
          v128.store32_lane(at, k, taps[8], 32),
          increase(at, stride),
        ]),
      ),
    ]
    const sums = i32.mul(i32.mul(quarter, weights.length), i32.shl(quartersOf(words.channels), 6))
    return [
      code,
      kernels.map(({ constants }) => constants),
      local.set(stride, i32.mul(words.channels, 36)),
      offsets.map((offset, plane) => local.set(offset, i32.mul(words.sumPlane, plane))),
      forRange(quarter, begin, end, 1, [
        local.set(left, i32.sub(words.gradientChannels, i32.shl(quarter, 2))),
        local.set(to, i32.add(words.result, i32.mul(quarter, i32.shl(stride, 2)))),
        parts.map((part, index) =>
          local.set(
            part,
            index === 0
              ? i32.add(words.sums, sums)
              : i32.add(parts[index - 1], i32.shl(quartersOf(words.channels), 6)),
          ),
        ),
        forRange(channel, 0, words.channels, 1, [
          transform,
          store,
          increase(to, 36),
          parts.map((part) => increase(part, 16)),
        ]),
      ]),
    ]
  })
}
