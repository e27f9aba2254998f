import {
  call,
  type Code,
  forRange,
  type FunctionHandle,
  i32,
  i64,
  increase,
  least,
  local,
  type ModuleBuilder,
  v128,
  when,
} from '../../assembler/index.ts'
import { transpose4 } from '../pack.ts'
import type { Planes, Tiles } from './forms.ts'
import { declareTransform } from './transforms.ts'

/** Pixels that are stored at once. */
const VECTOR = 4

/** Bytes in which a tile lies that reaches over an edge: four channels of 4 × 4 pixels. */
export const EDGE_BYTES = 256

/**
 * `(products, to, tiles, bytes of a row, bytes of a plane)`: Aᵀ m A of neighbouring tiles, four channels
 * each, to planes of pixels.
 */
function writeTransformResults(
  builder: ModuleBuilder,
  planes: Planes,
  { step, parts: [{ rows, columns }] }: Tiles,
  planeStride: number,
): FunctionHandle {
  return builder.func(
    { params: ['i32', 'i32', 'i32', 'i32', 'i32'] },
    (locals, products, to, tiles, line, plane) => {
      const [n, at] = [locals.i32(), locals.i32()]
      const [pixels, spare] = [locals.many('v128', 4), locals.many('v128', 4)]
      const tile = declareTransform(builder.target, locals, rows.transform, columns.transform)
      return [
        tile.constants,
        forRange(n, 0, tiles, 1, [
          tile.apply(
            (i, j) => v128.load(products, planes.at(i, j) * planeStride),
            (i, produce) => [
              produce((j, value) => local.set(pixels[j], value)),
              transpose4(pixels, spare),
              local.set(at, i === 0 ? to : i32.add(to, i === 1 ? line : i32.mul(line, i))),
              pixels.map((vector, channel) => [
                channel === 0 ? [] : increase(at, plane),
                v128.store(at, vector),
              ]),
            ],
          ),
          increase(products, 16),
          increase(to, 4 * step),
        ]),
      ]
    },
  )
}

/**
 * `(products, to, height, width, rows of tiles, columns of tiles, bytes of a row, bytes of a plane,
 * channels there are, edge)`: a part of one image, four channels. Tiles that reach over the image, and those
 * of fewer channels, take a way through `edge`.
 */
export function writeStoreTiles(
  builder: ModuleBuilder,
  planes: Planes,
  results: Tiles,
  planeStride: number,
): FunctionHandle {
  const { step } = results
  const transformResults = writeTransformResults(builder, planes, results, planeStride)
  const copyEdge = writeCopyEdge(builder)
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func(
    { params },
    (locals, products, to, height, width, rows, columns, line, plane, channels, edge) => {
      const [row, column, full, wide, high, at, last] = locals.many('i32', 7)
      const wholeTiles =
        step === VECTOR
          ? [local.set(full, i32.shr_u(width, 2)), local.set(full, least(full, columns))]
          : [
              // A vector reaches into the next tile, which is stored over it: it must be of this block.
              local.set(full, i32.div_u(i32.sub(width, VECTOR - step), step)),
              local.set(last, i32.sub(columns, 1)),
              local.set(full, least(full, last)),
            ]
      return [
        forRange(row, 0, rows, 1, [
          local.set(high, least(height, step)),
          wholeTiles,
          when(i32.ne(i32.mul(high, channels), 4 * step), local.set(full, 0)),
          call(transformResults, products, to, full, line, plane),
          increase(products, i32.shl(full, 4)),
          local.set(at, i32.add(to, i32.mul(full, 4 * step))),
          forRange(column, full, columns, 1, [
            local.set(wide, i32.sub(width, i32.mul(column, step))),
            call(transformResults, products, edge, 1, 16, 64),
            call(copyEdge, edge, at, channels, high, least(wide, step), line, plane),
            increase(products, 16),
            increase(at, 4 * step),
          ]),
          local.set(height, i32.sub(height, step)),
          increase(to, i32.mul(line, step)),
        ]),
      ]
    },
  )
}

/** `(edge, to, channels, height, width, bytes of a row, bytes of a plane)`: the pixels that exist. */
function writeCopyEdge(builder: ModuleBuilder): FunctionHandle {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func({ params }, (locals, edge, to, channels, height, width, line, plane) => {
    const [channel, row, from, at] = locals.many('i32', 4)
    const single: Code = i32.store(at, i32.load(from))
    const pair = i64.store(at, i64.load(from))
    return forRange(channel, 0, channels, 1, [
      local.set(from, edge),
      local.set(at, to),
      forRange(row, 0, height, 1, [
        when(
          i32.eq(width, 4),
          v128.store(at, v128.load(from)),
          when(i32.eq(width, 1), single, [pair, when(i32.eq(width, 3), i32.store(at, i32.load(from, 8), 8))]),
        ),
        increase(from, 16),
        increase(at, line),
      ]),
      increase(edge, 64),
      increase(to, plane),
    ])
  })
}
