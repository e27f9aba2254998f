import {
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
  select,
  v128,
  when,
} from '../../assembler/index.ts'
import { transpose4 } from '../pack.ts'

/**
 * `(plane of the first channel, bytes of a plane, channels there are, height, width, strip, first row, rows,
 * first column, columns)`: copies a part of four planes into a strip `[row][column][4]`, zero where the
 * planes have no pixel. Rows and columns may begin before the plane and end behind it. In place of a channel
 * that does not exist the last one is copied: what is computed from it meets a weight of zero or is not
 * stored.
 */
// oxlint-disable-next-line max-lines-per-function -- one loop over rows with its four parts
export function writePackStrip(builder: ModuleBuilder): FunctionHandle {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func(
    { params },
    // oxlint-disable-next-line max-lines-per-function -- one loop over rows with its four parts
    (locals, plane, planeBytes, channels, height, width, strip, row0, rows, column0, columns) => {
      const planes = locals.many('i32', 3)
      const [to, count, row, from, at, k, y, end, last] = locals.many('i32', 9)
      const [vectors, spare] = [locals.many('v128', 4), locals.many('v128', 4)]
      const loads = (load: (pointer: Code | Local, channel: number) => Code): Code => [
        load(from, 0),
        planes.map((offset, index) => load(i32.add(from, offset), index + 1)),
      ]
      const four = [
        loads((pointer, channel) => local.set(vectors[channel], v128.load(pointer))),
        transpose4(vectors, spare),
        vectors.map((vector, pixel) => v128.store(at, vector, 16 * pixel)),
      ]
      const one = loads((pointer, channel) =>
        local.set(
          vectors[0],
          channel === 0 ? v128.load32_zero(pointer) : v128.load32_lane(pointer, channel, vectors[0]),
        ),
      )
      const advance = (pixels: number): Code => [increase(from, 4 * pixels), increase(at, 16 * pixels)]
      const zeros = (pixels: Code | Local): Code => [
        local.set(end, i32.add(at, i32.shl(pixels, 4))),
        forRange(at, at, end, 16, v128.store(at, f32x4.splat(0))),
      ]
      const back = i32.sub(i32.and(count, 3), 4)
      return [
        local.set(last, i32.sub(channels, 1)),
        planes.map((offset, index) => local.set(offset, i32.mul(planeBytes, least(index + 1, last)))),
        local.set(to, select(i32.sub(0, column0), 0, i32.lt_s(column0, 0))),
        local.set(to, least(to, columns)),
        local.set(k, i32.sub(width, i32.add(column0, to))),
        local.set(k, select(k, 0, i32.gt_s(k, 0))),
        local.set(count, i32.sub(columns, to)),
        local.set(count, least(count, k)),
        forRange(row, 0, rows, 1, [
          local.set(y, i32.add(row0, row)),
          local.set(at, strip),
          when(
            i32.lt_u(y, height),
            [
              zeros(to),
              local.set(from, i32.add(plane, i32.shl(i32.add(i32.mul(y, width), i32.add(column0, to)), 2))),
              forRange(k, 0, i32.and(count, -4), 4, [four, advance(4)]),
              when(
                i32.and(count, 3),
                when(
                  i32.ge_u(count, 4),
                  // The last vector overlaps the one before, so that nothing is read past the plane.
                  [increase(from, i32.shl(back, 2)), increase(at, i32.shl(back, 4)), four, advance(4)],
                  forRange(k, 0, count, 1, [one, v128.store(at, vectors[0]), advance(1)]),
                ),
              ),
              zeros(i32.sub(columns, i32.add(to, count))),
            ],
            zeros(columns),
          ),
          increase(strip, i32.shl(columns, 4)),
        ]),
      ]
    },
  )
}

/**
 * `(strip, to, bytes of a plane, channels there are, pixels)`: copies neighbouring pixels of a strip into up
 * to four planes.
 */
export function writeUnpackStrip(builder: ModuleBuilder): FunctionHandle {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func({ params }, (locals, strip, to, planeBytes, channels, pixels) => {
    const [vectors, spare] = [locals.many('v128', 4), locals.many('v128', 4)]
    const [k, at, back] = locals.many('i32', 3)
    const eachChannel = (store: (channel: number) => Code): Code => [
      local.set(at, to),
      [0, 1, 2, 3].map((channel) =>
        when(i32.gt_u(channels, channel), [store(channel), increase(at, planeBytes)]),
      ),
    ]
    const four = [
      vectors.map((vector, pixel) => local.set(vector, v128.load(strip, 16 * pixel))),
      transpose4(vectors, spare),
      eachChannel((channel) => v128.store(at, vectors[channel])),
    ]
    const one = [
      local.set(vectors[0], v128.load(strip)),
      eachChannel((channel) => v128.store32_lane(at, channel, vectors[0])),
    ]
    const advance = (count: number): Code => [increase(strip, 16 * count), increase(to, 4 * count)]
    return [
      forRange(k, 0, i32.and(pixels, -4), 4, [four, advance(4)]),
      when(
        i32.and(pixels, 3),
        when(
          i32.ge_u(pixels, 4),
          // The last vector overlaps the one before.
          [
            local.set(back, i32.sub(i32.and(pixels, 3), 4)),
            increase(strip, i32.shl(back, 4)),
            increase(to, i32.shl(back, 2)),
            four,
          ],
          forRange(k, 0, pixels, 1, [one, advance(1)]),
        ),
      ),
    ]
  })
}
