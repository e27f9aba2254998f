import {
  call,
  f32x4,
  forRange,
  type FunctionHandle,
  i32,
  increase,
  least,
  local,
  type ModuleBuilder,
  v128,
} from '../../assembler/index.ts'
import { writePackStrip } from './strip.ts'
import { TILE } from './tile-blocks.ts'
import {
  declareTransform,
  gradientTransform,
  imageTransform,
  loadTaps,
  type Transform,
  weightTransform,
} from './transforms.ts'

/** Number of planes: products of a tile. */
export const PLANES = 36

/**
 * `(strip, to, rows, columns, bytes of a row of the strip)`: transforms tiles of a strip of four channels,
 * stepping by 4 pixels, to `[plane][tile][4]`.
 */
function writeTransformStrip(
  builder: ModuleBuilder,
  transform: Transform,
  planeStride: number,
): FunctionHandle {
  return builder.func(
    { params: ['i32', 'i32', 'i32', 'i32', 'i32'] },
    (locals, strip, to, rows, columns, pitch) => {
      const lines = locals.many('i32', transform.inputs)
      const [row, column] = [locals.i32(), locals.i32()]
      const tile = declareTransform(builder.target, locals, transform)
      return [
        tile.constants,
        forRange(row, 0, rows, 1, [
          lines.map((line, i) => local.set(line, i === 0 ? strip : i32.add(lines[i - 1], pitch))),
          forRange(column, 0, columns, 1, [
            tile.apply(
              (i, j) => v128.load(lines[i], 16 * j),
              (i, produce) => produce((j, value) => v128.store(to, value, (6 * i + j) * planeStride)),
            ),
            lines.map((line) => increase(line, 16 * TILE)),
            increase(to, 16),
          ]),
          increase(strip, i32.shl(pitch, 2)),
        ]),
      ]
    },
  )
}

/**
 * `(plane of the first channel, bytes of a plane, channels there are, height, width, strip, first row, first
 * column, rows of tiles, columns of tiles, to)`: transforms four channels of a part of one image.
 */
function writeTransformPlanes(
  builder: ModuleBuilder,
  packStrip: FunctionHandle,
  transform: Transform,
  planeStride: number,
): FunctionHandle {
  const transformStrip = writeTransformStrip(builder, transform, planeStride)
  const margin = transform.inputs - TILE
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func(
    { params },
    (locals, plane, bytes, channels, height, width, strip, row, column, rows, columns, to) => {
      const pixels = locals.i32()
      return [
        local.set(pixels, i32.add(i32.shl(columns, 2), margin)),
        call(
          packStrip,
          plane,
          bytes,
          channels,
          height,
          width,
          strip,
          row,
          i32.add(i32.shl(rows, 2), margin),
          column,
          pixels,
        ),
        call(transformStrip, strip, to, rows, columns, i32.shl(pixels, 4)),
      ]
    },
  )
}

/** Bᵀ d B of four channels of an image; with `gradients` also G g Gᵀ of output gradients. */
export function writeTransforms(
  builder: ModuleBuilder,
  planeStride: number,
): { readonly image: FunctionHandle; readonly gradient: () => FunctionHandle } {
  const packStrip = writePackStrip(builder)
  return {
    image: writeTransformPlanes(builder, packStrip, imageTransform, planeStride),
    gradient: () => writeTransformPlanes(builder, packStrip, gradientTransform, planeStride),
  }
}

/**
 * `(kernels, bytes from one result channel to the next, bytes from one channel to the next, channels, result
 * channels there are, to, plane stride)`: G g Gᵀ of a panel of eight result channels, to
 * `[plane][channel][8]`. `turned` takes the kernels by 180°, as the input gradient does.
 */
export function writeTransformWeights(builder: ModuleBuilder, turned: boolean): FunctionHandle {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func({ params }, (locals, kernels, resultStride, stride, channels, results, to, planes) => {
    const pointers = locals.many('i32', 4)
    const [taps, spare] = [locals.many('v128', 9), locals.many('v128', 4)]
    const [channel, half, k, at, line, last] = locals.many('i32', 6)
    const kernel = declareTransform(builder.target, locals, weightTransform)
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
        local.set(line, at),
        kernel.apply(
          (i, j) => taps[turned ? 8 - (3 * i + j) : 3 * i + j],
          (_, produce) => produce((_j, value) => [v128.store(line, value), increase(line, planes)]),
        ),
        pointers.map((pointer) => increase(pointer, stride)),
        increase(at, 32),
      ]),
      // Channels up to a multiple of four weigh nothing.
      forRange(channel, channels, i32.and(i32.add(channels, 3), -4), 1, [
        local.set(line, at),
        forRange(k, 0, PLANES, 1, [v128.store(line, f32x4.splat(0)), increase(line, planes)]),
        increase(at, 32),
      ]),
    ]
    return [kernel.constants, forRange(half, 0, 2, 1, panel)]
  })
}
