import type { CumulativeSumKernel } from '../../../schedule/kernels.ts'
import {
  type Code,
  f32,
  f32x4,
  f64,
  f64x2,
  forRange,
  i32,
  i32x4,
  increase,
  least,
  local,
  type Local,
  memory,
  type ModuleBuilder,
  shuffle32,
  v128,
  when,
} from '../assembler/index.ts'
import { ArgumentList } from '../body/argument-list.ts'
import type { Lowering } from '../launch.ts'
import { grainFor } from './cost.ts'

/** What the code depends on; numbers are positions in the argument block. */
interface CumulativeSumSpec {
  readonly float: boolean
  readonly load: number
  readonly store: number
  readonly size: number
  readonly inner: number
}

/** Neighbouring lines that go on together. */
const COLUMNS = 128

/**
 * Running sums along the middle of three axes: one unit is one line along that axis, or 128 that lie side by side.
 * Floats add up in double.
 */
export function lowerCumulativeSum(kernel: CumulativeSumKernel): Lowering {
  const args = new ArgumentList()
  const spec: CumulativeSumSpec = {
    float: kernel.store.dtype === 'float32',
    load: args.address(kernel.load),
    store: args.address(kernel.store),
    size: args.int(kernel.size),
    inner: args.int(kernel.inner),
  }
  const columns = kernel.inner >= 4
  const launch = {
    module: {
      key: `cumulativeSum ${spec.float} ${columns}`,
      write: (builder: ModuleBuilder): void => (columns ? writeColumns : writeLines)(builder, spec),
    },
    entry: 'cumulativeSum',
    args: args.words,
    units: kernel.outer * (columns ? Math.ceil(kernel.inner / COLUMNS) : kernel.inner),
    grain: grainFor(4 * kernel.size * (columns ? COLUMNS / 4 : 1)),
  }
  return { launches: [launch], scratchBytes: 0, threadScratchBytes: columns ? 8 * COLUMNS : 0 }
}

/**
 * Lines side by side: a row of elements after the other is added to the sums, which lie in the scratch of the
 * thread, so that memory is read as it lies.
 */
function writeColumns(builder: ModuleBuilder, spec: CumulativeSumSpec): void {
  const params = ['i32', 'i32', 'i32', 'i32'] as const
  builder.func({ name: 'cumulativeSum', params }, (locals, args, begin, end, sums) => {
    const [unit, blocks, column, width, inner, size, row, stride] = locals.many('i32', 8)
    const [from, to, at, x] = [...locals.many('i32', 3), locals.v128()] as const
    const i = locals.i32()
    const sumBytes = spec.float ? 32 : 16
    const next = [increase(at, sumBytes), increase(from, 16), increase(to, 16)]
    const place = (base: number): Code => i32.add(i32.load(args, 4 * base), column)
    const eachRow = [
      local.set(at, sums),
      forRange(i, 0, i32.and(width, -4), 4, [addRow(spec.float, at, from, x), v128.store(to, x), next]),
      when(i32.and(width, 3), [
        addRow(spec.float, at, from, x),
        [0, 1, 2].map((lane) =>
          when(i32.gt_u(i32.and(width, 3), lane), v128.store32_lane(to, lane, x, 4 * lane)),
        ),
        increase(from, 16),
        increase(to, 16),
      ]),
      increase(from, stride),
      increase(to, stride),
    ]
    return [
      local.set(size, i32.load(args, 4 * spec.size)),
      local.set(inner, i32.load(args, 4 * spec.inner)),
      local.set(blocks, i32.div_u(i32.add(inner, COLUMNS - 1), COLUMNS)),
      forRange(unit, begin, end, 1, [
        local.set(column, i32.mul(i32.rem_u(unit, blocks), COLUMNS)),
        local.set(width, i32.sub(inner, column)),
        local.set(width, least(width, COLUMNS)),
        // From the end of a row's vectors to the next row.
        local.set(stride, i32.shl(i32.sub(inner, i32.and(i32.add(width, 3), -4)), 2)),
        increase(column, i32.mul(i32.mul(i32.div_u(unit, blocks), size), inner)),
        local.set(column, i32.shl(column, 2)),
        local.set(from, place(spec.load)),
        local.set(to, place(spec.store)),
        memory.fill(sums, 0, 8 * COLUMNS),
        forRange(row, 0, size, 1, eachRow),
      ]),
    ]
  })
}

/** Adds four elements to the sums at `at`: two vectors of doubles, or one of integers; `x` is what they are then. */
function addRow(float: boolean, at: Local, from: Local, x: Local): Code {
  const sum = (offset: number, value: Code): Code =>
    v128.store(at, f64x2.add(v128.load(at, offset), f64x2.promote_low_f32x4(value)), offset)
  const rounded = (offset: number): Code => f32x4.demote_f64x2_zero(v128.load(at, offset))
  return float
    ? [
        local.set(x, v128.load(from)),
        sum(0, local.get(x)),
        sum(16, shuffle32([2, 3, 2, 3], x, x)),
        local.set(x, shuffle32([0, 1, 4, 5], rounded(0), rounded(16))),
      ]
    : [local.set(x, i32x4.add(v128.load(at), v128.load(from))), v128.store(at, x)]
}

/** One line after the other. */
function writeLines(builder: ModuleBuilder, spec: CumulativeSumSpec): void {
  builder.func(
    { name: 'cumulativeSum', params: ['i32', 'i32', 'i32', 'i32'] },
    (locals, args, begin, end) => {
      const [unit, at, from, to, stride, size, inner] = locals.many('i32', 7)
      const sum = spec.float ? locals.f64() : locals.i32()
      const start = spec.float ? f64.const(0) : i32.const(0)
      const step = spec.float
        ? [local.set(sum, f64.add(sum, f64.promote_f32(f32.load(from)))), f32.store(to, f32.demote_f64(sum))]
        : [local.set(sum, i32.add(sum, i32.load(from))), i32.store(to, sum)]
      return [
        local.set(size, i32.load(args, 4 * spec.size)),
        local.set(inner, i32.load(args, 4 * spec.inner)),
        local.set(stride, i32.shl(inner, 2)),
        forRange(unit, begin, end, 1, [
          // Line u starts at element ⌊u / inner⌋ · size · inner + u mod inner.
          local.set(from, i32.mul(i32.mul(i32.div_u(unit, inner), size), inner)),
          local.set(from, i32.shl(i32.add(from, i32.rem_u(unit, inner)), 2)),
          local.set(to, i32.add(i32.load(args, 4 * spec.store), from)),
          local.set(from, i32.add(i32.load(args, 4 * spec.load), from)),
          local.set(sum, start),
          forRange(at, 0, size, 1, [step, increase(from, stride), increase(to, stride)]),
        ]),
      ]
    },
  )
}
