import type { Body, MapKernel } from '../../../schedule/kernels.ts'
import { type Code, forRange, i32, local, type ModuleBuilder, select } from '../assembler/index.ts'
import { ArgumentList } from '../body/argument-list.ts'
import { BodyWriter, requireMath } from '../body/body-writer.ts'
import { Odometer } from '../body/odometer.ts'
import { alongRow, storeRow } from '../body/row-writer.ts'
import { type AccessSpec, type BodySpec, specOfAccess, specOfBody } from '../body/spec.ts'
import type { Lowering } from '../launch.ts'
import { MathLibrary } from '../math/library.ts'
import { collapse, collapseBody, collapseStrides, fixedAxes } from './collapse.ts'
import { costOf, grainFor, product } from './cost.ts'

/** A row longer than this is cut, so that threads can share it. */
const SEGMENT = 4096
/** Pieces of rows that are read across: neighbouring rows share the cache lines of so many elements. */
const TILE = 16

/** What the code of a Map depends on; numbers are positions in the argument block. */
interface MapSpec {
  /**
   * Sizes of all axes but the last, with that of the pieces of a row among them: what units count through.
   */
  readonly outer: readonly number[]
  /**
   * Where among these the pieces are: last, or before the last axis, so that neighbouring rows follow each
   * other.
   */
  readonly pieces: number
  /** Size of the last axis, along which a row runs, and of a piece of it. */
  readonly inner: number
  readonly segment: number
  readonly zero: number
  readonly body: BodySpec
  readonly store: AccessSpec
}

/** `store[i] = body(i)`: one unit is a piece of a row; with `byRows` those of each index of axis 0 in turn. */
export function lowerMap(kernel: MapKernel, byRows: boolean): Lowering {
  const fixed = fixedAxes(kernel.body)
  if (byRows) fixed.add(0)
  // Something must be left for a unit to run along.
  if (byRows && product(kernel.shape) === kernel.shape[0]) fixed.add(kernel.shape.length - 1)
  const collapsed = collapse(kernel.shape, [...kernel.body.loads, kernel.store], fixed)
  const shape = collapsed.shape.length > 0 ? collapsed.shape : [1]
  const inner = shape.at(-1)!
  const body = collapseBody(kernel.body, collapsed)
  const store = { ...kernel.store, strides: collapseStrides(kernel.store.strides, collapsed) }
  const tiled = readsAcross(body, shape) && !(byRows && shape.length === 2)
  const segment = tiled ? TILE : inner > 2 * SEGMENT ? SEGMENT : Math.max(1, inner)
  const rows = shape.slice(0, -1)
  const pieces = tiled ? rows.length - 1 : rows.length
  const outer = rows.toSpliced(pieces, 0, Math.ceil(inner / segment))

  const args = new ArgumentList()
  const innerAxis = shape.length - 1
  const spec: MapSpec = {
    outer: outer.map((size) => args.int(size)),
    pieces,
    inner: args.int(inner),
    segment: args.int(segment),
    zero: args.int(0),
    body: specOfBody(body, innerAxis, args),
    store: specOfAccess(store, innerAxis, args),
  }
  const launch = {
    module: {
      key: `map ${JSON.stringify(spec)}`,
      write: (builder: ModuleBuilder): void => writeMap(builder, spec),
    },
    entry: 'map',
    args: args.words,
    units: product(outer),
    grain: grainFor(segment * costOf(body)),
  }
  return { launches: [launch], scratchBytes: 0, threadScratchBytes: 0 }
}

/**
 * Whether a load lies along the rows, not across them, as in a transposition: then cache lines are shared
 * between rows.
 */
function readsAcross(body: Body, shape: readonly number[]): boolean {
  const [rows, inner] = shape.slice(-2)
  if (inner === undefined || rows < 8 || inner < 2 * TILE) return false
  return body.loads.some(({ strides }) => Math.abs(strides.at(-1)!) >= 8 && Math.abs(strides.at(-2)!) === 1)
}

function writeMap(builder: ModuleBuilder, spec: MapSpec): void {
  const math = new MathLibrary(builder)
  requireMath(math, spec.body)
  builder.func({ name: 'map', params: ['i32', 'i32', 'i32', 'i32'] }, (locals, args, begin, end) => {
    const [unit, i, stop, stride] = locals.many('i32', 4)
    const accesses = [...spec.body.loads, spec.store]
    const pointers = accesses.map(() => locals.i32())
    const cursors = accesses.map(({ strides }, k) => ({
      pointer: pointers[k],
      strides: strides.slice(0, -1).toSpliced(spec.pieces, 0, spec.zero),
    }))
    const odometer = new Odometer(locals, args, spec.outer, cursors)
    const body = new BodyWriter(locals, math, spec.body, {
      args,
      coordinates: [...odometer.coordinates.toSpliced(spec.pieces, 1), i],
      innerAxis: spec.outer.length - 1,
      pointers,
    })
    const argument = (position: number): Code => i32.load(args, 4 * position)
    const piece = odometer.coordinates[spec.pieces]
    const store = { access: spec.store, pointer: pointers.at(-1)!, inner: i, stride }
    const [inner, segment] = [argument(spec.inner), argument(spec.segment)]
    return [
      accesses.map(({ base }, k) => local.set(pointers[k], argument(base))),
      local.set(stride, argument(spec.store.strides.at(-1)!)),
      odometer.seek(begin),
      body.perCall(),
      forRange(unit, begin, end, 1, [
        local.set(i, i32.mul(piece, segment)),
        local.set(stop, i32.add(i, segment)),
        local.set(stop, select(stop, inner, i32.lt_u(stop, inner))),
        body.perRow(),
        alongRow(storeRow(body, store), i, stop),
        odometer.step(),
      ]),
    ]
  })
}
