import type { ReduceKernel } from '../../../schedule/kernels.ts'
import {
  type Code,
  forRange,
  i32,
  increase,
  local,
  type Local,
  type Locals,
  type ModuleBuilder,
  select,
  when,
  whileTrue,
} from '../assembler/index.ts'
import { BodyWriter, requireMath } from '../body/body-writer.ts'
import { storeLane } from '../body/lanes.ts'
import { Odometer } from '../body/odometer.ts'
import { alongRow, storeVector } from '../body/row-writer.ts'
import type { AccessSpec } from '../body/spec.ts'
import type { Launch, Lowering } from '../launch.ts'
import { MathLibrary } from '../math/library.ts'
import { costOf, grainFor } from './cost.ts'
import { Fold, RowSums } from './fold.ts'
import {
  COLUMNS,
  planReduce,
  type ReducePlan,
  type ReduceSpec,
  SEGMENT,
  simplify,
  specOfReduce,
  splitPlan,
} from './reduce-plan.ts'

/**
 * `store[i] = epilogue(⊕ⱼ prologue(i, j))`: one unit is a result, or sixteen columns of them, or a part of
 * these. With `byRows` those of each index of axis 0 follow each other, unless it takes two launches.
 */
export function lowerReduce(kernel: ReduceKernel, byRows: boolean): Lowering {
  const plan = planReduce(simplify(kernel, byRows), true)
  if (plan.parts === 1) return { launches: [launchOf(plan, 0)], scratchBytes: 0, threadScratchBytes: 0 }
  const { first, partStride, second, scratchBytes } = splitPlan(plan)
  const launches = [launchOf(first, partStride), launchOf(planReduce(second, false), 0)]
  return { launches, scratchBytes, threadScratchBytes: 0 }
}

function launchOf(plan: ReducePlan, partStride: number): Launch {
  const { spec, args } = specOfReduce(plan, partStride)
  return {
    module: { key: `reduce ${JSON.stringify(spec)}`, write: (builder) => writeReduce(builder, spec) },
    entry: 'reduce',
    args: args.words,
    units: plan.units,
    grain: grainFor(plan.unitElements * costOf(plan.reduction.prologue)),
  }
}

function writeReduce(builder: ModuleBuilder, spec: ReduceSpec): void {
  const math = new MathLibrary(builder)
  requireMath(math, spec.prologue)
  requireMath(math, spec.epilogue)
  const fold = new Fold(spec.op, spec.prologue.instructions.at(-1)!.dtype)
  builder.func({ name: 'reduce', params: ['i32', 'i32', 'i32', 'i32'] }, (locals, args, begin, end) => {
    const unit = locals.i32()
    const frame = new Frame(locals, args, spec)
    const writer = spec.columns
      ? columnWriter(locals, math, fold, frame)
      : rowWriter(locals, math, fold, frame)
    return [
      frame.start(begin),
      writer.perCall,
      forRange(unit, begin, end, 1, [writer.perUnit, frame.outer.step()]),
    ]
  })
}

/** What both forms share: where the present unit's results lie, and how it walks through what it reduces. */
class Frame {
  readonly args: Local
  readonly spec: ReduceSpec
  /** Counts through the units. */
  readonly outer: Odometer
  /** Counts through the reduced axes (all but the last where vectors run along that one). */
  readonly inner: Odometer
  readonly prologuePointers: readonly Local[]
  readonly epiloguePointers: readonly Local[]
  readonly storePointer: Local
  /** Positions along the axes that stay; the last one of columns is the caller's. */
  readonly stays: readonly Local[]
  readonly part: Local
  readonly #bases: readonly { readonly pointer: Local; readonly access: AccessSpec }[]
  readonly #starts: readonly Local[]

  constructor(locals: Locals, args: Local, spec: ReduceSpec) {
    this.args = args
    this.spec = spec
    const rank = spec.outer.length - (spec.columns ? 2 : 1)
    const extra = spec.columns ? [spec.zero, spec.zero] : [spec.zero]
    this.#starts = spec.prologue.loads.map(() => locals.i32())
    this.prologuePointers = spec.prologue.loads.map(() => locals.i32())
    this.epiloguePointers = spec.epilogue.loads.map(() => locals.i32())
    this.storePointer = locals.i32()
    const pointers = [...this.#starts, ...this.epiloguePointers, this.storePointer]
    const accesses = [...spec.prologue.loads, ...spec.epilogue.loads, spec.store]
    this.#bases = accesses.map((access, k) => ({ access, pointer: pointers[k] }))
    this.outer = new Odometer(
      locals,
      args,
      spec.outer,
      this.#bases.map(({ pointer, access }) => ({
        pointer,
        strides: [
          ...access.strides.slice(0, rank),
          ...(access === spec.store ? [spec.partStride, ...extra.slice(1)] : extra),
        ],
      })),
    )
    this.stays = this.outer.coordinates.slice(0, rank)
    this.part = this.outer.coordinates[rank]!
    // Strides over reduced axes come after those over all axes that stay.
    const first = spec.columns ? rank + 1 : rank
    const axes = spec.columns ? spec.reduced : spec.reduced.slice(0, -1)
    this.inner = new Odometer(
      locals,
      args,
      axes,
      spec.prologue.loads.map(({ strides }, k) => ({
        pointer: this.prologuePointers[k],
        strides: strides.slice(first, first + axes.length),
      })),
    )
  }

  argument(position: number): Code {
    return i32.load(this.args, 4 * position)
  }

  start(unit: Local): Code {
    return [
      this.#bases.map(({ pointer, access }) => local.set(pointer, this.argument(access.base))),
      this.outer.seek(unit),
    ]
  }

  /** Goes to piece `piece` of what this unit reduces. */
  seek(piece: Code): Code {
    const rewind = this.prologuePointers.map((pointer, k) => local.set(pointer, this.#starts[k]))
    return [rewind, this.inner.seek(piece)]
  }

  /** Sets `target` to the first piece that this part does not reduce. */
  setLastPiece(target: Local): Code {
    const { partRows, pieces } = this.spec
    return [
      local.set(target, i32.mul(i32.add(this.part, 1), this.argument(partRows))),
      local.set(target, select(target, this.argument(pieces), i32.lt_u(target, this.argument(pieces)))),
    ]
  }
}

interface UnitWriter {
  readonly perCall: Code
  readonly perUnit: Code
}

/**
 * Vectors along the last reduced axis. Up to sixteen sums run side by side; after some elements they move to
 * `total`, so that no sum ever gets long.
 */
function rowWriter(locals: Locals, math: MathLibrary, fold: Fold, frame: Frame): UnitWriter {
  const { spec, args } = frame
  const [i, stop, piece, row, last, count] = locals.many('i32', 6)
  const [total, spare] = locals.many('v128', 2)
  const innerAxis = frame.stays.length + spec.reduced.length - 1
  const prologue = new BodyWriter(locals, math, spec.prologue, {
    args,
    coordinates: [...frame.stays, ...frame.inner.coordinates, i],
    innerAxis,
    pointers: frame.prologuePointers,
  })
  const epilogue = new BodyWriter(locals, math, spec.epilogue, {
    args,
    coordinates: frame.stays,
    innerAxis: -1,
    pointers: frame.epiloguePointers,
    accumulator: { lanes: total, level: 'row' },
  })
  const sums = new RowSums(fold, locals, prologue.count)
  const segment = frame.argument(spec.segment)
  const inner = frame.argument(spec.reduced.at(-1)!)
  const pieceCode = [
    local.set(i, i32.mul(piece, segment)),
    local.set(stop, select(inner, i32.add(i, segment), i32.lt_u(inner, i32.add(i, segment)))),
    increase(count, i32.sub(stop, i)),
    prologue.perRow(),
    alongRow(sums.foldRow(prologue, i), i, stop),
    when(i32.ge_u(count, SEGMENT), [sums.moveTo(total), local.set(count, i32.const(0))]),
    increase(piece, 1),
    when(i32.eq(piece, frame.argument(spec.segments)), [local.set(piece, i32.const(0)), frame.inner.step()]),
  ]
  const perUnit = [
    local.set(total, fold.identity),
    sums.clear,
    local.set(count, i32.const(0)),
    frame.setLastPiece(last),
    local.set(row, i32.mul(frame.part, frame.argument(spec.partRows))),
    local.set(piece, i32.rem_u(row, frame.argument(spec.segments))),
    frame.seek(i32.div_u(row, frame.argument(spec.segments))),
    forRange(row, row, last, 1, pieceCode),
    sums.moveTo(total),
    fold.acrossLanes(total, spare),
    epilogue.perRow(),
    storeLane(spec.store.dtype, 0, frame.storePointer, epilogue.result()),
  ]
  return { perCall: [prologue.perCall(), epilogue.perCall()], perUnit }
}

/** Vectors along the last axis that stays: four at a time, at the right edge one. */
// oxlint-disable-next-line max-lines-per-function -- one kernel, read from top to bottom
function columnWriter(locals: Locals, math: MathLibrary, fold: Fold, frame: Frame): UnitWriter {
  const { spec, args } = frame
  const [i, row, last, count, width, stride] = locals.many('i32', 6)
  const [sums, totals] = [locals.many('v128', 4), locals.many('v128', 4)]
  const result = locals.v128()
  const innerAxis = frame.stays.length
  const prologue = new BodyWriter(locals, math, spec.prologue, {
    args,
    coordinates: [...frame.stays, i, ...frame.inner.coordinates],
    innerAxis,
    pointers: frame.prologuePointers,
  })
  const epilogue = new BodyWriter(locals, math, spec.epilogue, {
    args,
    coordinates: [...frame.stays, i],
    innerAxis,
    pointers: frame.epiloguePointers,
    accumulator: { lanes: result, level: 'vector' },
  })
  const store = { access: spec.store, pointer: frame.storePointer, inner: i, stride }
  const block = frame.outer.coordinates.at(-1)!
  const reduceVectors = (vectors: number, end?: Local): Code => {
    const positions = Array.from({ length: vectors }, (_, ahead) => (end ? { ahead, end } : { ahead }))
    const flush = positions.map(({ ahead }) => [
      fold.into(totals[ahead], sums[ahead]),
      local.set(sums[ahead], fold.identity),
    ])
    return [
      positions.map(({ ahead }) => [
        local.set(sums[ahead], fold.identity),
        local.set(totals[ahead], fold.identity),
      ]),
      local.set(count, i32.const(0)),
      local.set(row, i32.mul(frame.part, frame.argument(spec.partRows))),
      frame.seek(local.get(row)),
      forRange(row, row, last, 1, [
        prologue.perRow(),
        positions.map((position) => [
          prologue.perVector(position),
          fold.into(sums[position.ahead], prologue.result()),
        ]),
        increase(count, 1),
        when(i32.ge_u(count, SEGMENT / COLUMNS), [flush, local.set(count, i32.const(0))]),
        frame.inner.step(),
      ]),
      flush,
      epilogue.perRow(),
      positions.map((position) => [
        local.set(result, totals[position.ahead]),
        epilogue.perVector(position),
        storeVector(store, epilogue.result(), position),
      ]),
    ]
  }
  const perUnit = [
    frame.setLastPiece(last),
    local.set(width, frame.argument(spec.width)),
    local.set(i, i32.mul(block, COLUMNS)),
    when(
      i32.le_u(i32.add(i, COLUMNS), width),
      reduceVectors(4),
      whileTrue(i32.lt_u(i, width), [reduceVectors(1, width), increase(i, 4)]),
    ),
  ]
  const innerStride = spec.store.strides.at(-1)!
  return {
    perCall: [prologue.perCall(), epilogue.perCall(), local.set(stride, frame.argument(innerStride))],
    perUnit,
  }
}
