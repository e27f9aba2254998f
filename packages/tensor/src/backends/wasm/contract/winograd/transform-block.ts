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
} from '../../assembler/index.ts'
import { readArguments } from '../arguments.ts'
import type { Tiles } from './forms.ts'
import { type BlockArgument, declareBlock } from './tile-blocks.ts'

/** Which words of an argument block describe an array of images `[N, C, H, W]` and where its tiles begin. */
export interface ImageFields<N extends string> {
  readonly source: N
  readonly channels: N
  readonly height: N
  readonly width: N
  /** Rows of padding above the image; negative to leave rows out. */
  readonly top: N
  readonly left: N
}

/**
 * `(arguments, block, to, strip, first quarter, end)`: the transformed tiles of a block of images,
 * `[plane][part][C/4][tile][4]`; a quarter is four channels, or the four phases of one.
 */
export function writeTransformBlock<const N extends string>(
  builder: ModuleBuilder,
  names: readonly (N | BlockArgument)[],
  tiles: Tiles,
  transformTiles: FunctionHandle,
  fields: ImageFields<N>,
): FunctionHandle {
  return builder.func(
    { params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'] },
    (locals, args, block, to, strip, from, end) => {
      const { code, words } = readArguments<N | BlockArgument>(locals, args, names)
      const place = declareBlock(locals, words)
      const [quarter, image, at, part, plane, left] = locals.many('i32', 6)
      const field = (name: keyof ImageFields<N>): Local => words[fields[name]]
      const firstPixel = (tile: Local, margin: Local): Code =>
        i32.sub(i32.mul(tile, tiles.phased ? 2 * tiles.step : tiles.step), margin)
      const channel = tiles.phased ? quarter : i32.shl(quarter, 2)
      const channelsLeft = local.set(left, i32.sub(field('channels'), channel))
      const firstPlane = i32.add(i32.mul(i32.add(place.image, image), field('channels')), channel)
      return [
        code,
        place.find(block),
        local.set(plane, i32.shl(i32.mul(field('height'), field('width')), 2)),
        local.set(part, i32.mul(vectorsOf(field('channels'), tiles), words.tileStride)),
        forRange(quarter, from, end, 1, [
          channelsLeft,
          local.set(at, i32.add(to, i32.mul(quarter, words.tileStride))),
          forRange(image, 0, place.images, 1, [
            call(
              transformTiles,
              i32.add(field('source'), i32.mul(firstPlane, plane)),
              plane,
              least(left, 4),
              field('height'),
              field('width'),
              strip,
              firstPixel(place.row, field('top')),
              firstPixel(place.column, field('left')),
              place.rows,
              place.columns,
              at,
              part,
            ),
            increase(at, i32.shl(i32.mul(place.rows, place.columns), 4)),
          ]),
        ]),
      ]
    },
  )
}

/** Vectors that hold the channels of an image. */
export function vectorsOf(channels: Local, { phased }: Tiles): Code {
  return phased ? local.get(channels) : quartersOf(channels)
}

/** Groups of four channels. */
export function quartersOf(channels: Local): Code {
  return i32.shr_u(i32.add(channels, 3), 2)
}
