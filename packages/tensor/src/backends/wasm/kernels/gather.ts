import type { GatherKernel } from '../../../schedule/kernels.ts'
import {
  type Code,
  forRange,
  i32,
  increase,
  local,
  type Local,
  memory,
  type ModuleBuilder,
  select,
  when,
} from '../assembler/index.ts'
import { ArgumentList } from '../body/argument-list.ts'
import { byteShift } from '../body/lanes.ts'
import { Odometer } from '../body/odometer.ts'
import { copyElement } from '../body/scalar.ts'
import { type AccessSpec, specOfAccess } from '../body/spec.ts'
import type { Lowering } from '../launch.ts'
import { collapse, collapseStrides } from './collapse.ts'
import { grainFor, product } from './cost.ts'
import { reportFault } from './fault.ts'

/** A row longer than this is cut, so that threads can share it. */
const SEGMENT = 4096

/** What the code depends on; numbers are positions in the argument block. */
interface GatherSpec {
  readonly rows: readonly number[]
  readonly inner: number
  readonly segments: number
  readonly segment: number
  /** Size of the axis that is selected from, and the stride of the source along it. */
  readonly size: number
  readonly step: number
  readonly report: number
  readonly source: AccessSpec
  readonly index: AccessSpec
  readonly store: AccessSpec
}

/** `store[i] = source[i with i[axis] replaced by index(i)]`: one unit is a piece of a row. */
export function lowerGather(kernel: GatherKernel, position: number): Lowering {
  const { axis, source, index, store } = kernel
  const step = source.strides[axis]
  // With the selected axis taken out, the source is walked through like the others.
  const still = { ...source, strides: source.strides.with(axis, 0) }
  const collapsed = collapse(kernel.shape, [still, index, store], new Set())
  const shape = collapsed.shape.length > 0 ? collapsed.shape : [1]
  const over = <A extends { readonly strides: readonly number[] }>(access: A): A => ({
    ...access,
    strides: shape.map((_, each) => collapseStrides(access.strides, collapsed)[each] ?? 0),
  })
  const inner = shape.at(-1)!
  const segment = inner > 2 * SEGMENT ? SEGMENT : Math.max(1, inner)
  const segments = Math.ceil(inner / segment)
  const args = new ArgumentList()
  const innerAxis = shape.length - 1
  const spec: GatherSpec = {
    rows: shape.slice(0, -1).map((size) => args.int(size)),
    inner: args.int(inner),
    segments: args.int(segments),
    segment: args.int(segment),
    size: args.int(kernel.size),
    step: args.int(step * 2 ** byteShift[specOfAccess(source, -1, new ArgumentList()).dtype]),
    report: args.int(position + 1),
    source: specOfAccess(over(still), innerAxis, args),
    index: specOfAccess(over(index), innerAxis, args),
    store: specOfAccess(over(store), innerAxis, args),
  }
  const launch = {
    module: {
      key: `gather ${JSON.stringify(spec)}`,
      write: (builder: ModuleBuilder) => writeGather(builder, spec),
    },
    entry: 'gather',
    args: args.words,
    units: product(shape.slice(0, -1)) * segments,
    grain: grainFor(4 * segment),
  }
  return { launches: [launch], scratchBytes: 0, threadScratchBytes: 0 }
}

function writeGather(builder: ModuleBuilder, spec: GatherSpec): void {
  builder.func({ name: 'gather', params: ['i32', 'i32', 'i32', 'i32'] }, (locals, args, begin, end) => {
    const [unit, piece, i, stop, chosen] = locals.many('i32', 5)
    const accesses = [spec.source, spec.index, spec.store]
    const [source, index, store] = locals.many('i32', 3)
    const argument = (position: number): Code => i32.load(args, 4 * position)
    const odometer = new Odometer(
      locals,
      args,
      spec.rows,
      accesses.map(({ strides }, k) => ({
        pointer: [source, index, store][k],
        strides,
      })),
    )
    const at = (pointer: Local, access: AccessSpec): Code =>
      i32.add(pointer, i32.mul(i, argument(access.strides.at(-1)!)))
    const { dtype } = spec.source
    /** `then` if the index just read is inside of the axis. */
    const ifInside = (then: Code): Code =>
      when(i32.lt_u(chosen, argument(spec.size)), then, reportFault(argument(spec.report)))
    const from = i32.add(at(source, spec.source), i32.mul(chosen, argument(spec.step)))
    const wholeRows =
      spec.index.inner === 'splat' && spec.source.inner === 'dense' && spec.store.inner === 'dense'
    const copyRow = [
      local.set(chosen, i32.load(index)),
      ifInside(memory.copy(at(store, spec.store), from, i32.shl(i32.sub(stop, i), byteShift[dtype]))),
    ]
    const copyEach = forRange(i, i, stop, 1, [
      local.set(chosen, i32.load(at(index, spec.index))),
      ifInside(copyElement(dtype, at(store, spec.store), from)),
    ])
    const segment = argument(spec.segment)
    const inner = argument(spec.inner)
    return [
      accesses.map(({ base }, k) => local.set([source, index, store][k], argument(base))),
      odometer.seek(i32.div_u(begin, argument(spec.segments))),
      local.set(piece, i32.rem_u(begin, argument(spec.segments))),
      forRange(unit, begin, end, 1, [
        local.set(i, i32.mul(piece, segment)),
        local.set(stop, select(inner, i32.add(i, segment), i32.lt_u(inner, i32.add(i, segment)))),
        wholeRows ? copyRow : copyEach,
        increase(piece, 1),
        when(i32.eq(piece, argument(spec.segments)), [local.set(piece, i32.const(0)), odometer.step()]),
      ]),
    ]
  })
}
