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
} from '../../assembler/index.ts'
import type { Form, KernelPart, Planes, Tiles } from './forms.ts'
import { declareTransform, loadTaps } from './transforms.ts'

/**
 * `(strip, to, rows, columns, bytes of a row of the strip)`: transforms one part of the tiles of a strip of
 * four channels, to `[plane][tile][4]`.
 */
function writeTransformStrip(
  builder: ModuleBuilder,
  planes: Planes,
  { step, spread }: Tiles,
  { rows: down, columns: along }: Tiles['parts'][number],
  planeStride: number,
): FunctionHandle {
  return builder.func(
    { params: ['i32', 'i32', 'i32', 'i32', 'i32'] },
    (locals, strip, to, rows, columns, pitch) => {
      const lines = locals.many('i32', down.transform.inputs)
      const [row, column] = [locals.i32(), locals.i32()]
      const tile = declareTransform(builder.target, locals, down.transform, along.transform)
      const below = spread === 1 ? pitch : i32.mul(pitch, spread)
      return [
        tile.constants,
        down.first === 0 ? [] : increase(strip, i32.mul(pitch, down.first)),
        forRange(row, 0, rows, 1, [
          lines.map((line, i) => local.set(line, i === 0 ? strip : i32.add(lines[i - 1], below))),
          forRange(column, 0, columns, 1, [
            tile.apply(
              (i, j) => v128.load(lines[i], 16 * (spread * j + along.first)),
              (i, produce) => produce((j, value) => v128.store(to, value, planes.at(i, j) * planeStride)),
            ),
            lines.map((line) => increase(line, 16 * step)),
            increase(to, 16),
          ]),
          increase(strip, i32.mul(pitch, step)),
        ]),
      ]
    },
  )
}

/**
 * Bᵀ d B of images or G g Gᵀ of their gradients. `(plane of the first channel, bytes of a plane, channels
 * there are, height, width, strip, first row, first column, rows of tiles, columns of tiles, to, bytes from
 * one part to the next)`: transforms four channels of a part of one image.
 */
export function writeTransformTiles(
  builder: ModuleBuilder,
  planes: Planes,
  tiles: Tiles,
  packStrip: FunctionHandle,
  planeStride: number,
): FunctionHandle {
  const transforms = tiles.parts.map((part) => writeTransformStrip(builder, planes, tiles, part, planeStride))
  const pixels = (count: Local): Code => i32.add(i32.mul(count, tiles.step), tiles.reach - tiles.step)
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func(
    { params },
    (locals, plane, bytes, channels, height, width, strip, row, column, rows, columns, to, part) => {
      const pitch = locals.i32()
      return [
        local.set(pitch, pixels(columns)),
        call(packStrip, plane, bytes, channels, height, width, strip, row, pixels(rows), column, pitch),
        local.set(pitch, i32.shl(pitch, 4)),
        transforms.map((transform, index) => [
          index === 0 ? [] : increase(to, part),
          call(transform, strip, to, rows, columns, pitch),
        ]),
      ]
    },
  )
}

/** Bytes of the weights of one channel, or one phase of it, in a plane of a panel. */
export const WEIGHT_BYTES = 32

/**
 * `(kernels, bytes from one result channel to the next, bytes from one channel to the next, channels, result
 * channels there are, to, plane stride, part stride)`: G g Gᵀ of a panel of eight result channels, to
 * `[plane][part][channel][8]`, or `[plane][channel][phase][8]`.
 */
// oxlint-disable-next-line max-lines-per-function -- the loops over a panel, to be read at one sight
export function writeTransformWeights(
  builder: ModuleBuilder,
  { planes, image, side }: Form,
  parts: readonly KernelPart[],
): FunctionHandle {
  const channelBytes = WEIGHT_BYTES * (image.phased ? parts.length : 1)
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  // oxlint-disable-next-line max-lines-per-function -- the loops over a panel, to be read at one sight
  return builder.func(
    { params },
    (locals, kernels, resultStride, stride, channels, results, to, planeBytes, partBytes) => {
      const pointers = locals.many('i32', 4)
      const [taps, spare] = [locals.many('v128', side * side), locals.many('v128', 4)]
      const [channel, half, k, at, line, last, start] = locals.many('i32', 7)
      const transforms = parts.map(({ rows, columns }) =>
        declareTransform(builder.target, locals, rows.transform, columns.transform),
      )
      const transformPart = ({ rows, columns }: KernelPart, index: number): Code => {
        let previous = -1
        const toPlane = (plane: number): Code => {
          const next = plane === previous + 1
          previous = plane
          return next
            ? increase(line, planeBytes)
            : local.set(line, i32.add(start, i32.mul(planeBytes, plane)))
        }
        return [
          local.set(start, index === 0 ? at : i32.add(start, partBytes)),
          local.set(line, i32.sub(start, planeBytes)),
          transforms[index].apply(
            (i, j) =>
              i < rows.taps.length && j < columns.taps.length
                ? taps[side * rows.taps[i] + columns.taps[j]]
                : f32x4.splat(0),
            (i, produce) => produce((j, value) => [toPlane(planes.at(i, j)), v128.store(line, value)]),
          ),
        ]
      }
      const zeros = parts.map((_, index) => [
        local.set(line, index === 0 ? at : i32.add(at, i32.mul(partBytes, index))),
        forRange(k, 0, planes.count, 1, [v128.store(line, f32x4.splat(0)), increase(line, planeBytes)]),
      ])
      const panel = [
        local.set(last, i32.sub(results, 1)),
        // In place of a channel that does not exist the last one: it is not stored in the end.
        local.set(k, i32.shl(half, 2)),
        pointers.map((pointer) => [
          local.set(pointer, i32.add(kernels, i32.mul(least(k, last), resultStride))),
          increase(k, 1),
        ]),
        local.set(at, i32.add(to, i32.shl(half, 4))),
        forRange(channel, 0, channels, 1, [
          loadTaps(pointers, taps, spare),
          parts.map(transformPart),
          pointers.map((pointer) => increase(pointer, stride)),
          increase(at, channelBytes),
        ]),
        // Channels up to a multiple of four weigh nothing.
        image.phased
          ? []
          : forRange(channel, channels, i32.and(i32.add(channels, 3), -4), 1, [
              zeros,
              increase(at, channelBytes),
            ]),
      ]
      return [transforms.map(({ constants }) => constants), forRange(half, 0, 2, 1, panel)]
    },
  )
}
