import type { ScatterAddKernel } from '../../../schedule/kernels.ts'
import { bytesPerElement } from '../../../dtype.ts'
import { BackendError } from '../../../errors.ts'
import {
  type Code,
  f32,
  f32x4,
  forRange,
  i32,
  i32x4,
  increase,
  local,
  type Local,
  memory,
  type ModuleBuilder,
  type Operand,
  select,
  v128,
  when,
  whileTrue,
} from '../assembler/index.ts'
import { ArgumentList } from '../body/argument-list.ts'
import { Odometer } from '../body/odometer.ts'
import { loadScalar, storeScalar } from '../body/scalar.ts'
import { type AccessSpec, type LaneType, specOfAccess } from '../body/spec.ts'
import type { Lowering } from '../launch.ts'
import { grainFor, product } from './cost.ts'
import { reportFault } from './fault.ts'

/** Neighbouring lines that one unit takes together, where they are neighbours in memory. */
const COLUMNS = 64

/** What the code depends on; numbers are positions in the argument block. */
interface ScatterSpec {
  readonly dtype: Exclude<LaneType, 'float16'>
  /** Axes that units count through: all but the scattered one, the last of them in blocks. */
  readonly outer: readonly number[]
  /** Size of the last axis, 1 if that is the scattered one. */
  readonly width: number
  readonly count: number
  readonly size: number
  readonly report: number
  readonly step: number
  readonly updates: AccessSpec
  readonly index: AccessSpec
  readonly store: AccessSpec
}

/**
 * Zeros, then sums of updates at the places that indices say. One unit is a line along the scattered axis, or 64 of
 * them side by side: no two units write to the same place, and each adds in ascending order.
 */
export function lowerScatterAdd(kernel: ScatterAddKernel, position: number): Lowering {
  const { axis, store } = kernel
  if (store.dtype === 'float16' || store.dtype === 'float64') {
    throw new BackendError(`wasm: scatterAdd is not defined on ${store.dtype}`)
  }
  // The scattered axis goes last; what is left before it are the lines, the last axis of which lies along memory.
  const order = [...kernel.shape.keys()].filter((each) => each !== axis)
  const along = axis === kernel.shape.length - 1 ? -1 : order.length - 1
  const lines = order.map((each) => kernel.shape[each]!)
  const args = new ArgumentList()
  const arranged = <A extends { readonly strides: readonly number[] }>(access: A): A => ({
    ...access,
    strides: [...order, axis].map((each) => access.strides[each]!),
  })
  const outer = along < 0 ? lines : lines.with(along, Math.ceil(lines[along]! / COLUMNS))
  const spec: ScatterSpec = {
    dtype: store.dtype,
    outer: outer.map((size) => args.int(size)),
    width: args.int(along < 0 ? 1 : lines[along]!),
    count: args.int(kernel.shape[axis]!),
    size: args.int(kernel.size),
    report: args.int(position + 1),
    step: args.int(store.strides[axis]! * bytesPerElement(store.dtype)),
    updates: specOfAccess(arranged(kernel.updates), along, args),
    index: specOfAccess(arranged(kernel.index), along, args),
    store: specOfAccess(arranged(store), along, args),
  }
  const width = along < 0 ? 1 : Math.min(COLUMNS, lines[along]!)
  const launch = {
    module: {
      key: `scatterAdd ${along < 0} ${JSON.stringify(spec)}`,
      write: (builder: ModuleBuilder) => writeScatterAdd(builder, spec, along >= 0),
    },
    entry: 'scatterAdd',
    args: args.words,
    units: product(outer),
    grain: grainFor(4 * width * (kernel.shape[axis]! + kernel.size)),
  }
  return { launches: [launch], scratchBytes: 0, threadScratchBytes: 0 }
}

// oxlint-disable-next-line max-lines-per-function -- one kernel, read from top to bottom
function writeScatterAdd(builder: ModuleBuilder, spec: ScatterSpec, blocks: boolean): void {
  // oxlint-disable-next-line max-lines-per-function -- the kernel itself
  builder.func({ name: 'scatterAdd', params: ['i32', 'i32', 'i32', 'i32'] }, (locals, args, begin, end) => {
    const [unit, n, c, start, stop, chosen] = locals.many('i32', 6)
    const [updates, index, store, update, at, place] = locals.many('i32', 6)
    const argument = (position: number): Code => i32.load(args, 4 * position)
    const accesses = [spec.updates, spec.index, spec.store]
    const rank = spec.outer.length
    // Blocks walk along the last line axis by hand.
    const zero = blocks ? rank - 1 : rank
    const odometer = new Odometer(
      locals,
      args,
      spec.outer.slice(0, zero),
      accesses.map(({ strides }, k) => ({
        pointer: [updates, index, store][k]!,
        strides: strides.slice(0, zero),
      })),
    )
    const perOuter = blocks ? argument(spec.outer.at(-1)!) : i32.const(1)
    const block = locals.i32()
    const bytes = bytesPerElement(spec.dtype)
    /** Byte distance of line c of the block along an access. */
    const across = (access: AccessSpec): Code =>
      blocks ? i32.mul(c, argument(access.strides[zero]!)) : i32.const(0)
    const addOne = [
      local.set(place, i32.add(i32.add(store, i32.mul(chosen, argument(spec.step))), i32.mul(c, bytes))),
      addScalar(spec.dtype, place, i32.add(update, across(spec.updates))),
      increase(c, 1),
    ]
    const checked = (then: Code, otherwise: Code): Code =>
      when(i32.lt_u(chosen, argument(spec.size)), then, [reportFault(argument(spec.report)), otherwise])
    const sharedIndex = spec.index.inner === 'splat'
    const vectors =
      sharedIndex && spec.updates.inner === 'dense' && (spec.dtype === 'float32' || spec.dtype === 'int32')
    const addLines = sharedIndex
      ? [
          local.set(chosen, i32.load(at)),
          checked(
            [
              vectors
                ? whileTrue(i32.le_u(i32.add(c, 4), stop), [
                    local.set(
                      place,
                      i32.add(i32.add(store, i32.mul(chosen, argument(spec.step))), i32.shl(c, 2)),
                    ),
                    addVector(spec.dtype, place, i32.add(update, i32.shl(c, 2))),
                    increase(c, 4),
                  ])
                : [],
              whileTrue(i32.lt_u(c, stop), addOne),
            ],
            [],
          ),
        ]
      : whileTrue(i32.lt_u(c, stop), [
          local.set(chosen, i32.load(i32.add(at, across(spec.index)))),
          checked(addOne, increase(c, 1)),
        ])
    const clear = forRange(n, 0, argument(spec.size), 1, [
      local.set(place, i32.add(i32.add(store, i32.mul(n, argument(spec.step))), i32.mul(start, bytes))),
      memory.fill(place, 0, i32.mul(i32.sub(stop, start), bytes)),
    ])
    return [
      accesses.map(({ base }, k) => local.set([updates, index, store][k]!, argument(base))),
      odometer.seek(i32.div_u(begin, perOuter)),
      local.set(block, i32.rem_u(begin, perOuter)),
      forRange(unit, begin, end, 1, [
        local.set(start, i32.mul(block, COLUMNS)),
        local.set(stop, i32.add(start, COLUMNS)),
        local.set(stop, select(stop, argument(spec.width), i32.lt_u(stop, argument(spec.width)))),
        // A line of a dense store is contiguous when the scattered axis is the last one.
        blocks ? clear : memory.fill(store, 0, i32.mul(argument(spec.size), bytes)),
        local.set(update, updates),
        local.set(at, index),
        forRange(n, 0, argument(spec.count), 1, [
          local.set(c, start),
          addLines,
          increase(update, argument(spec.updates.strides.at(-1)!)),
          increase(at, argument(spec.index.strides.at(-1)!)),
        ]),
        increase(block, 1),
        when(i32.eq(block, perOuter), [local.set(block, i32.const(0)), odometer.step()]),
      ]),
    ]
  })
}

function addScalar(dtype: Exclude<LaneType, 'float16'>, place: Local, update: Code): Code {
  const add = (a: Operand, b: Operand): Code => (dtype === 'float32' ? f32.add(a, b) : i32.add(a, b))
  return storeScalar(dtype, place, add(loadScalar(dtype, place), loadScalar(dtype, update)))
}

function addVector(dtype: LaneType, place: Local, update: Code): Code {
  const add = dtype === 'float32' ? f32x4.add : i32x4.add
  return v128.store(place, add(v128.load(place), v128.load(update)))
}
