import {
  type Code,
  f32x4,
  forRange,
  type FunctionHandle,
  i32,
  increase,
  local,
  type ModuleBuilder,
  select,
  v128,
  when,
} from '../../assembler/index.ts'

/**
 * `(plane, 0, 0, height, width, strip, first row, rows, first column, columns)`: copies a part of a plane into
 * a strip `[row][column][4]` of its phases, the pixels (2y, 2x), (2y, 2x + 1), (2y + 1, 2x) and (2y + 1,
 * 2x + 1) of the padded plane; zero where the plane has no pixel. The first row and column are counted in
 * pixels of the plane, rows and columns in those of the strip. The parameters are those of `writePackStrip`.
 */
export function writePackPhases(builder: ModuleBuilder): FunctionHandle {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func(
    { params },
    (locals, plane, _planeBytes, _channels, height, width, strip, row0, rows, column0, columns) => {
      const [row, column, x, y, from, below, first, count, within] = locals.many('i32', 9)
      const pixels = locals.v128()
      const whole = [
        local.set(pixels, v128.load64_zero(from)),
        local.set(pixels, v128.load64_lane(below, 1, pixels)),
      ]
      const lane = (phase: number): Code => {
        const [down, right] = [phase >> 1, phase & 1]
        const exists = i32.and(i32.lt_u(i32.add(y, down), height), i32.lt_u(i32.add(x, right), width))
        const load = v128.load32_lane(down === 0 ? from : below, phase, pixels, 4 * right)
        return when(exists, local.set(pixels, load))
      }
      return [
        // Columns of the strip both of whose pixels are in the plane: from x ≥ 0 to x + 1 < width.
        local.set(first, i32.shr_s(i32.sub(1, column0), 1)),
        local.set(first, select(first, 0, i32.gt_s(first, 0))),
        local.set(count, i32.sub(i32.shr_s(i32.sub(width, column0), 1), first)),
        local.set(count, select(count, 0, i32.gt_s(count, 0))),
        local.set(y, row0),
        forRange(row, 0, rows, 1, [
          local.set(x, column0),
          local.set(from, i32.add(plane, i32.shl(i32.add(i32.mul(y, width), x), 2))),
          local.set(below, i32.add(from, i32.shl(width, 2))),
          local.set(within, i32.and(i32.lt_u(y, height), i32.lt_u(i32.add(y, 1), height))),
          local.set(within, select(count, 0, within)),
          forRange(column, 0, columns, 1, [
            when(i32.lt_u(i32.sub(column, first), within), whole, [
              local.set(pixels, f32x4.splat(0)),
              [0, 1, 2, 3].map(lane),
            ]),
            v128.store(strip, pixels),
            increase(strip, 16),
            increase(from, 8),
            increase(below, 8),
            increase(x, 2),
          ]),
          increase(y, 2),
        ]),
      ]
    },
  )
}
