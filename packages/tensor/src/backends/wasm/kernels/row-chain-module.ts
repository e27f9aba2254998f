import type { ReduceOp } from '../../../graph/scalar.ts'
import {
  type Code,
  forRange,
  i32,
  local,
  type Local,
  type Locals,
  type ModuleBuilder,
} from '../assembler/index.ts'
import { BodyWriter, requireMath } from '../body/body-writer.ts'
import { storeLane } from '../body/lanes.ts'
import { Odometer } from '../body/odometer.ts'
import { alongRow, type RowCode, storeRow } from '../body/row-writer.ts'
import type { AccessSpec, BodySpec } from '../body/spec.ts'
import { MathLibrary } from '../math/library.ts'
import { Fold, RowSums } from './fold.ts'

export interface StageSpec {
  /** How a Reduce folds its row; a Map has no such thing. */
  readonly op?: ReduceOp
  readonly body: BodySpec
  readonly epilogue: BodySpec
  readonly store: AccessSpec
}

/** What the code depends on; numbers are positions in the argument block. */
export interface RowChainSpec {
  readonly outer: readonly number[]
  readonly inner: number
  /** The stages of each loop along the row. */
  readonly loops: readonly (readonly StageSpec[])[]
  /** Positions of the bases that are offsets in the scratch of the thread. */
  readonly own: readonly number[]
}

/** One unit is a row, through which all loops go. */
export function writeRowChain(builder: ModuleBuilder, spec: RowChainSpec): void {
  const math = new MathLibrary(builder)
  const params = ['i32', 'i32', 'i32', 'i32'] as const
  for (const { body, epilogue } of spec.loops.flat()) {
    requireMath(math, body)
    requireMath(math, epilogue)
  }
  builder.func({ name: 'rows', params }, (locals, args, begin, end, scratch) => {
    const [unit, i, inner] = locals.many('i32', 3)
    const argument = (position: number): Code => i32.load(args, 4 * position)
    const accesses = spec.loops
      .flat()
      .flatMap(({ body, epilogue, store }) => [...body.loads, ...epilogue.loads, store])
    const pointers = new Map(accesses.map((access) => [access, locals.i32()]))
    const cursors = accesses.map((access) => ({
      pointer: pointers.get(access)!,
      strides: access.strides.slice(0, spec.outer.length),
    }))
    const odometer = new Odometer(locals, args, spec.outer, cursors)
    const row = { args, i, inner, pointers, coordinates: odometer.coordinates }
    const loops = spec.loops.map((stages) => writeLoop(locals, math, stages, row))
    return [
      accesses.map((access) =>
        local.set(
          pointers.get(access)!,
          spec.own.includes(access.base) ? i32.add(argument(access.base), scratch) : argument(access.base),
        ),
      ),
      local.set(inner, argument(spec.inner)),
      odometer.seek(begin),
      loops.map(({ perCall }) => perCall),
      forRange(unit, begin, end, 1, [loops.map(({ perRow }) => perRow), odometer.step()]),
    ]
  })
}

interface RowPlace {
  readonly args: Local
  readonly i: Local
  readonly inner: Local
  readonly pointers: ReadonlyMap<AccessSpec, Local>
  readonly coordinates: readonly Local[]
}

/** One loop along the row, for one or more stages. */
function writeLoop(
  locals: Locals,
  math: MathLibrary,
  stages: readonly StageSpec[],
  place: RowPlace,
): { readonly perCall: Code; readonly perRow: Code } {
  const { i, inner } = place
  const writers = stages.map((stage) =>
    stage.op ? reduceWriter(locals, math, stage, stage.op, place) : mapWriter(locals, math, stage, place),
  )
  const count = Math.min(...writers.map((writer) => writer.count))
  const row: RowCode = {
    count,
    together: writers.map(({ together }) => together),
    vector: (position) => writers.map(({ vector }) => vector(position)),
  }
  return {
    perCall: writers.map(({ perCall }) => perCall),
    perRow: [
      writers.map(({ before }) => before),
      local.set(i, i32.const(0)),
      alongRow(row, i, inner),
      writers.map(({ after }) => after),
    ],
  }
}

interface StageWriter extends RowCode {
  readonly perCall: Code
  readonly before: Code
  readonly after: Code
}

function bodyWriter(locals: Locals, math: MathLibrary, body: BodySpec, place: RowPlace): BodyWriter {
  const { args, coordinates, i, pointers } = place
  return new BodyWriter(locals, math, body, {
    args,
    coordinates: [...coordinates, i],
    innerAxis: coordinates.length,
    pointers: body.loads.map((load) => pointers.get(load)!),
  })
}

function mapWriter(locals: Locals, math: MathLibrary, stage: StageSpec, place: RowPlace): StageWriter {
  const body = bodyWriter(locals, math, stage.body, place)
  const stride = locals.i32()
  const store = { access: stage.store, pointer: place.pointers.get(stage.store)!, inner: place.i, stride }
  return {
    ...storeRow(body, store),
    perCall: [body.perCall(), local.set(stride, i32.load(place.args, 4 * stage.store.strides.at(-1)!))],
    before: body.perRow(),
    after: [],
  }
}

function reduceWriter(
  locals: Locals,
  math: MathLibrary,
  stage: StageSpec,
  op: ReduceOp,
  place: RowPlace,
): StageWriter {
  const { args, coordinates, pointers, i } = place
  const body = bodyWriter(locals, math, stage.body, place)
  const fold = new Fold(op, body.dtype)
  const [total, spare] = locals.many('v128', 2)
  const sums = new RowSums(fold, locals, body.count)
  const epilogue = new BodyWriter(locals, math, stage.epilogue, {
    args,
    coordinates,
    innerAxis: -1,
    pointers: stage.epilogue.loads.map((load) => pointers.get(load)!),
    accumulator: { lanes: total, level: 'row' },
  })
  return {
    ...sums.foldRow(body, i),
    perCall: [body.perCall(), epilogue.perCall()],
    before: [sums.clear, body.perRow()],
    after: [
      local.set(total, fold.identity),
      sums.moveTo(total),
      fold.acrossLanes(total, spare),
      epilogue.perRow(),
      storeLane(stage.store.dtype, 0, pointers.get(stage.store)!, epilogue.result()),
    ],
  }
}
