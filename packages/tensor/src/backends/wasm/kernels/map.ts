import type { MapKernel } from '../../../schedule/kernels.ts'
import {
  type Code,
  forRange,
  i32,
  increase,
  local,
  type Local,
  type ModuleBuilder,
  select,
  when,
  whileTrue,
} from '../assembler/index.ts'
import { ArgumentList } from '../body/argument-list.ts'
import { BodyWriter, requireMath, type VectorPosition } from '../body/body-writer.ts'
import { Odometer } from '../body/odometer.ts'
import { type RowStore, storeVector } from '../body/row-writer.ts'
import { type AccessSpec, type BodySpec, specOfAccess, specOfBody } from '../body/spec.ts'
import type { Lowering } from '../launch.ts'
import { MathLibrary } from '../math/library.ts'
import { collapse, collapseBody, collapseStrides, fixedAxes } from './collapse.ts'
import { costOf, grainFor, product } from './cost.ts'

/** A row longer than this is cut, so that threads can share it. */
const SEGMENT = 4096

/** What the code of a Map depends on; numbers are positions in the argument block. */
interface MapSpec {
  /** Sizes of all axes but the last: the rows. */
  readonly rows: readonly number[]
  /** Size of the last axis, along which a row runs. */
  readonly inner: number
  /** How many pieces a row is cut into, and how long they are. */
  readonly segments: number
  readonly segment: number
  readonly body: BodySpec
  readonly store: AccessSpec
}

/** `store[i] = body(i)`: one unit is a piece of a row. */
export function lowerMap(kernel: MapKernel): Lowering {
  const collapsed = collapse(kernel.shape, [...kernel.body.loads, kernel.store], fixedAxes(kernel.body))
  const shape = collapsed.shape.length > 0 ? collapsed.shape : [1]
  const inner = shape.at(-1)!
  const rows = product(shape.slice(0, -1))
  const segment = inner > 2 * SEGMENT ? SEGMENT : Math.max(1, inner)
  const segments = Math.ceil(inner / segment)
  const body = collapseBody(kernel.body, collapsed)
  const store = { ...kernel.store, strides: collapseStrides(kernel.store.strides, collapsed) }

  const args = new ArgumentList()
  const innerAxis = shape.length - 1
  const spec: MapSpec = {
    rows: shape.slice(0, -1).map((size) => args.int(size)),
    inner: args.int(inner),
    segments: args.int(segments),
    segment: args.int(segment),
    body: specOfBody(body, innerAxis, args),
    store: specOfAccess(store, innerAxis, args),
  }
  const key = `map ${JSON.stringify(spec)}`
  return {
    launches: [
      {
        module: { key, write: (builder) => writeMap(builder, spec) },
        entry: 'map',
        args: args.words,
        units: rows * segments,
        grain: grainFor(segment * costOf(body)),
      },
    ],
    scratchBytes: 0,
    threadScratchBytes: 0,
  }
}

function writeMap(builder: ModuleBuilder, spec: MapSpec): void {
  const math = new MathLibrary(builder)
  requireMath(math, spec.body)
  builder.func({ name: 'map', params: ['i32', 'i32', 'i32', 'i32'] }, (locals, args, begin, end) => {
    const [unit, piece, i, stop, stride] = locals.many('i32', 5)
    const accesses = [...spec.body.loads, spec.store]
    const pointers = accesses.map(() => locals.i32())
    const cursors = accesses.map(({ strides }, k) => ({ pointer: pointers[k]!, strides }))
    const odometer = new Odometer(locals, args, spec.rows, cursors)
    const body = new BodyWriter(locals, math, spec.body, {
      args,
      coordinates: [...odometer.coordinates, i],
      innerAxis: spec.rows.length,
      pointers,
    })
    const argument = (position: number): Code => i32.load(args, 4 * position)
    const atEnd = i32.lt_u(argument(spec.inner), i32.add(i, argument(spec.segment)))
    return [
      accesses.map(({ base }, k) => local.set(pointers[k]!, argument(base))),
      local.set(stride, argument(spec.store.strides.at(-1)!)),
      odometer.seek(i32.div_u(begin, argument(spec.segments))),
      local.set(piece, i32.rem_u(begin, argument(spec.segments))),
      body.perCall(),
      forRange(unit, begin, end, 1, [
        local.set(i, i32.mul(piece, argument(spec.segment))),
        local.set(stop, select(argument(spec.inner), i32.add(i, argument(spec.segment)), atEnd)),
        body.perRow(),
        writeRow(body, { access: spec.store, pointer: pointers.at(-1)!, inner: i, stride }, i, stop),
        increase(piece, 1),
        when(i32.eq(piece, argument(spec.segments)), [local.set(piece, i32.const(0)), odometer.step()]),
      ]),
    ]
  })
}

/** Computes and stores the elements [i, stop) of a row: sixteen, four, and one to three at a time. */
function writeRow(body: BodyWriter, store: RowStore, i: Local, stop: Local): Code {
  const vector = (position: VectorPosition): Code => [
    body.perVector(position),
    storeVector(store, body, position),
  ]
  const vectorsOf = (count: number): Code => {
    const next = i32.add(i, 4 * count)
    return whileTrue(i32.le_s(next, stop), [
      Array.from({ length: count }, (_, ahead) => vector({ ahead })),
      local.set(i, next),
    ])
  }
  return [
    // Unrolling pays where little is computed between the loads and the store.
    body.size <= 8 ? vectorsOf(4) : [],
    vectorsOf(1),
    when(i32.lt_s(i, stop), vector({ ahead: 0, end: stop })),
  ]
}
