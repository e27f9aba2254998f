import {
  type Code,
  f32,
  forRange,
  type FunctionHandle,
  i32,
  increase,
  local,
  type Local,
  type Locals,
  type ModuleBuilder,
  shuffle32,
  v128,
  when,
} from '../assembler/index.ts'
import { transpose4 } from './pack.ts'

/**
 * `(source, panel, row stride, step stride, steps) → panel's end`: rows of weights or pixels as a panel
 * `[step][height]`, for steps that mostly are neighbours. Strides in bytes.
 */
export function writeDenseRowPacker(builder: ModuleBuilder, height: number): FunctionHandle {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32'] as const
  return builder.func({ params, results: ['i32'] }, (locals, source, panel, rowStride, stride, steps) => {
    const [k, at] = locals.many('i32', 2)
    const fourSteps = [
      local.set(at, source),
      transposedRows(locals, height, at, rowStride, panel),
      increase(source, 16),
      increase(panel, 16 * height),
    ]
    const oneStep = [
      local.set(at, source),
      Array.from({ length: height }, (_, row) => [
        f32.store(panel, f32.load(at), 4 * row),
        increase(at, rowStride),
      ]),
      increase(source, stride),
      increase(panel, 4 * height),
    ]
    return [
      when(i32.eq(stride, 4), forRange(k, 0, i32.and(steps, -4), 4, fourSteps)),
      forRange(k, k, steps, 1, oneStep),
      local.get(panel),
    ]
  })
}

/** Four steps of all rows: four rows, then two, then one, as many as there are. */
function transposedRows(locals: Locals, height: number, at: Local, rowStride: Local, panel: Local): Code {
  const [rows, spare] = [locals.many('v128', 4), locals.many('v128', 4)]
  const read = (count: number): Code =>
    rows.slice(0, count).map((row) => [local.set(row, v128.load(at)), increase(at, rowStride)])
  const [a, b] = rows
  const single = height & 6
  const pair = height & 4
  const place = (step: number, row: number): number => 4 * (height * step + row)
  const steps = [0, 1, 2, 3]
  return [
    height & 4
      ? [read(4), transpose4(rows, spare), rows.map((row, step) => v128.store(panel, row, place(step, 0)))]
      : [],
    height & 2
      ? [
          read(2),
          local.set(spare[0], shuffle32([0, 4, 1, 5], a, b)),
          local.set(spare[1], shuffle32([2, 6, 3, 7], a, b)),
          steps.map((step) => v128.store64_lane(panel, step & 1, spare[step >> 1], place(step, pair))),
        ]
      : [],
    height & 1 ? [read(1), steps.map((step) => v128.store32_lane(panel, step, a, place(step, single)))] : [],
  ]
}
