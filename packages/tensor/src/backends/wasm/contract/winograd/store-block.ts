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
import { readArguments } from '../arguments.ts'
import { type FinishArgument, finishArguments, writeFinish } from '../finish.ts'
import type { Form } from './forms.ts'
import { writeStorePhases } from './store-phases.ts'
import { writeStoreTiles } from './store-tiles.ts'
import { type BlockArgument, declareBlock } from './tile-blocks.ts'

/** Words that say where results go. */
export const storeArguments = [
  ...finishArguments,
  'result',
  'resultChannels',
  'resultHeight',
  'resultWidth',
  'resultTop',
  'resultLeft',
] as const
type StoreArgument = (typeof storeArguments)[number]

/**
 * `(arguments, block, products, edge, first quarter of the result channels, end)`: transforms, stores and
 * finishes the results of a block.
 */
// oxlint-disable-next-line max-lines-per-function -- the loops around the tiles, to be read at one sight
export function writeStoreBlock<const N extends string>(
  builder: ModuleBuilder,
  names: readonly (N | StoreArgument | BlockArgument)[],
  { planes, results }: Form,
  planeStride: number,
): FunctionHandle {
  const phased = results.parts.length > 1
  const storeTiles = (phased ? writeStorePhases : writeStoreTiles)(builder, planes, results, planeStride)
  const finish = writeFinish<N | FinishArgument | StoreArgument | BlockArgument>(builder, names)
  // oxlint-disable-next-line max-lines-per-function -- the loops around the tiles, to be read at one sight
  return builder.func(
    { params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'] },
    (locals, args, block, products, edge, from, end) => {
      const { code, words } = readArguments<StoreArgument | BlockArgument>(
        locals,
        args,
        names as readonly (StoreArgument | BlockArgument)[],
      )
      const place = declareBlock(locals, words)
      const [quarter, image, at, to, plane, part, channels] = locals.many('i32', 7)
      const [row, column, line, height, width, y, skipRows, skipColumns] = locals.many('i32', 8)
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
      const tiles = [at, to, height, width, place.rows, place.columns, line, plane, channels, edge]
      const along = (margin: Local, size: Local) => ({ step: results.step, margin, size })
      const [down, across] = [
        along(words.resultTop, words.resultHeight),
        along(words.resultLeft, words.resultWidth),
      ]
      return [
        code,
        place.find(block),
        local.set(plane, i32.shl(i32.mul(words.resultHeight, words.resultWidth), 2)),
        local.set(line, i32.shl(words.resultWidth, 2)),
        local.set(part, i32.shl(words.tileStride, 1)),
        findPixels(place.row, place.rows, down, [row, height, skipRows, y]),
        findPixels(place.column, place.columns, across, [column, width, skipColumns, y]),
        forRange(quarter, from, end, 1, [
          // Two quarters are a panel, which has all its parts.
          local.set(at, i32.add(i32.mul(i32.and(quarter, -2), results.parts.length), i32.and(quarter, 1))),
          local.set(at, i32.add(products, i32.mul(at, words.tileStride))),
          local.set(channels, i32.sub(words.resultChannels, i32.shl(quarter, 2))),
          local.set(channels, least(channels, 4)),
          forRange(image, 0, place.images, 1, [
            local.set(to, i32.add(i32.mul(first, plane), i32.shl(pixel, 2))),
            increase(to, words.result),
            call(storeTiles, ...tiles, ...(phased ? [part, skipRows, skipColumns] : [])),
            when(words.finish, finishBlock),
            increase(at, i32.shl(i32.mul(place.rows, place.columns), 4)),
          ]),
        ]),
      ]
    },
  )
}

/**
 * Which pixels some tiles along an axis have: the first one, how many, and how many of the tiles' lie before
 * it, where there is none; the last local is spare.
 */
function findPixels(
  tile: Local,
  tiles: Local,
  { step, margin, size }: { readonly step: number; readonly margin: Local; readonly size: Local },
  [first, count, skipped, most]: readonly [Local, Local, Local, Local],
): Code {
  return [
    local.set(first, i32.mul(tile, step)),
    local.set(skipped, i32.sub(margin, least(first, margin))),
    local.set(first, i32.sub(i32.add(first, skipped), margin)),
    local.set(count, i32.sub(size, first)),
    local.set(most, i32.sub(i32.mul(tiles, step), skipped)),
    local.set(count, least(count, most)),
  ]
}
