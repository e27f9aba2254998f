import {
  call,
  forRange,
  type FunctionHandle,
  i32,
  increase,
  least,
  local,
  type ModuleBuilder,
  v128,
} from '../../assembler/index.ts'
import type { Planes, Tiles } from './forms.ts'
import { writeUnpackStrip } from './strip.ts'
import { declareTransform } from './transforms.ts'

/**
 * `(products, strip, tiles, bytes of a row of the strip)`: Aᵀ m A of neighbouring tiles, one part of them.
 */
function writeTransformPart(
  builder: ModuleBuilder,
  planes: Planes,
  { step, spread }: Tiles,
  { rows: down, columns: along }: Tiles['parts'][number],
  planeStride: number,
): FunctionHandle {
  return builder.func({ params: ['i32', 'i32', 'i32', 'i32'] }, (locals, products, strip, tiles, pitch) => {
    const [n, line] = [locals.i32(), locals.i32()]
    const tile = declareTransform(builder.target, locals, down.transform, along.transform)
    return [
      tile.constants,
      forRange(n, 0, tiles, 1, [
        tile.apply(
          (i, j) => v128.load(products, planes.at(i, j) * planeStride),
          (i, produce) => [
            local.set(line, i32.add(strip, i32.mul(pitch, down.first + spread * i))),
            produce((j, value) => v128.store(line, value, 16 * (along.first + spread * j))),
          ],
        ),
        increase(products, 16),
        increase(strip, 16 * step),
      ]),
    ]
  })
}

/**
 * `(products, to, height, width, rows of tiles, columns of tiles, bytes of a row, bytes of a plane,
 * channels there are, strip, bytes from one part to the next, skipped rows, skipped columns)`: a part of
 * one image, four channels, whose tiles are put together from phases in a strip. What is skipped lies
 * before the image.
 */
export function writeStorePhases(
  builder: ModuleBuilder,
  planes: Planes,
  results: Tiles,
  planeStride: number,
): FunctionHandle {
  const transforms = results.parts.map((part) =>
    writeTransformPart(builder, planes, results, part, planeStride),
  )
  const unpackStrip = writeUnpackStrip(builder)
  const { step } = results
  const params = Array.from({ length: 13 }, () => 'i32' as const)
  return builder.func({ params }, (locals, ...all) => {
    const [products, to, height, width, rows, columns, line, plane, channels, strip, ...phases] = all
    const [part, skipRows, skipColumns] = phases
    const [row, y, end, at, from, pitch] = locals.many('i32', 6)
    return [
      local.set(pitch, i32.mul(columns, 16 * step)),
      forRange(row, 0, rows, 1, [
        local.set(from, products),
        transforms.map((transform, index) => [
          index === 0 ? [] : increase(from, part),
          call(transform, from, strip, columns, pitch),
        ]),
        increase(products, i32.shl(columns, 4)),
        local.set(end, i32.add(skipRows, height)),
        local.set(end, least(end, step)),
        local.set(height, i32.sub(height, i32.sub(end, skipRows))),
        local.set(at, i32.add(strip, i32.add(i32.mul(skipRows, pitch), i32.shl(skipColumns, 4)))),
        forRange(y, skipRows, end, 1, [
          call(unpackStrip, at, to, plane, channels, width),
          increase(at, pitch),
          increase(to, line),
        ]),
        local.set(skipRows, 0),
      ]),
    ]
  })
}
