import { bytesPerElement } from '../../../dtype.ts'
import type { MapKernel } from '../../../schedule/kernels.ts'
import {
  type Code,
  forRange,
  i32,
  least,
  local,
  type Local,
  type Locals,
  type ModuleBuilder,
  shuffle32,
  v128,
} from '../assembler/index.ts'
import { ArgumentList, type PlacedAccess } from '../body/argument-list.ts'
import { Odometer } from '../body/odometer.ts'
import type { Lowering } from '../launch.ts'
import { collapse, collapseStrides } from './collapse.ts'
import { product } from './cost.ts'

/** Rows and columns of what one unit transposes: as many pages of memory as can be at hand. */
const TILE = 64
/** Columns that make up a cache line of the result. */
const LINE = 16

/** What the code depends on; numbers are positions in the argument block. */
interface TransposeSpec {
  /** Sizes that units count through: other axes, tiles of rows, tiles of columns. */
  readonly outer: readonly number[]
  readonly rows: number
  readonly columns: number
  readonly load: { readonly base: number; readonly strides: readonly number[] }
  readonly store: { readonly base: number; readonly strides: readonly number[] }
}

/**
 * A Map that only moves 32-bit elements, from columns of what it reads to rows of what it writes; 4×4 of
 * them at a time. Where sizes don't divide by four the last ones are moved twice. Undefined for any other
 * Map.
 */
export function lowerTranspose(kernel: MapKernel): Lowering | undefined {
  const { loads, instructions } = kernel.body
  if (loads.length !== 1 || instructions.length > 1 || loads[0].bounds) return undefined
  if (bytesPerElement(kernel.store.dtype) !== 4) return undefined
  const collapsed = collapse(kernel.shape, [loads[0], kernel.store], new Set())
  const collapseAccess = (access: PlacedAccess): PlacedAccess => ({
    ...access,
    strides: collapseStrides(access.strides, collapsed),
  })
  const [load, store] = [collapseAccess(loads[0]), collapseAccess(kernel.store)]
  const { shape } = collapsed
  const last = shape.length - 1
  const rows = load.strides.findIndex((stride, axis) => stride === 1 && axis !== last && shape[axis] >= 4)
  if (rows < 0 || store.strides[last] !== 1 || load.strides[last] < 4 || shape[last] < 4) return undefined
  const others = shape.map((_, axis) => axis).filter((axis) => axis !== rows && axis !== last)
  const order = [...others, rows, last]
  const args = new ArgumentList()
  const sizes = [
    ...others.map((axis) => shape[axis]),
    Math.ceil(shape[rows] / TILE),
    Math.ceil(shape[last] / TILE),
  ]
  const place = (access: PlacedAccess): TransposeSpec['load'] => ({
    base: args.address(access),
    strides: order.map((axis) => args.int(4 * access.strides[axis])),
  })
  const spec: TransposeSpec = {
    outer: sizes.map((size) => args.int(size)),
    rows: args.int(shape[rows]),
    columns: args.int(shape[last]),
    load: place(load),
    store: place(store),
  }
  const launch = {
    module: {
      key: `transpose ${sizes.length}`,
      write: (builder: ModuleBuilder) => writeTranspose(builder, spec),
    },
    entry: 'transpose',
    args: args.words,
    units: product(sizes),
    grain: 4,
  }
  return { launches: [launch], scratchBytes: 0, threadScratchBytes: 0 }
}

function writeTranspose(builder: ModuleBuilder, spec: TransposeSpec): void {
  builder.func({ name: 'transpose', params: ['i32', 'i32', 'i32', 'i32'] }, (locals, args, begin, end) => {
    const argument = (position: number): Code => i32.load(args, 4 * position)
    const [unit, source, target, from, to, line] = locals.many('i32', 6)
    const [rows, columns, row, column] = locals.many('i32', 4)
    const [lastRow, lastColumn, rowEnd, columnEnd, lineEnd, m, n] = locals.many('i32', 7)
    const [read, write] = locals.many('i32', 2)
    const others = spec.outer.length - 2
    const [fromColumn, toRow] = [spec.load.strides.at(-1)!, spec.store.strides.at(-2)!]
    const odometer = new Odometer(locals, args, spec.outer.slice(0, others), [
      { pointer: source, strides: spec.load.strides.slice(0, others) },
      { pointer: target, strides: spec.store.strides.slice(0, others) },
    ])
    const tiles = new Odometer(locals, args, spec.outer.slice(others), [])
    const [rowTile, columnTile] = tiles.coordinates
    const perPlane = i32.mul(argument(spec.outer.at(-2)!), argument(spec.outer.at(-1)!))
    const startTile = (tile: Local, start: Local, stop: Local, size: Local): Code => [
      local.set(start, i32.mul(tile, TILE)),
      local.set(stop, i32.add(start, TILE)),
      local.set(stop, least(stop, size)),
    ]
    const block = [
      local.set(m, least(row, lastRow)),
      local.set(n, least(column, lastColumn)),
      local.set(from, i32.add(i32.add(source, i32.shl(m, 2)), i32.mul(n, read))),
      local.set(to, i32.add(i32.add(target, i32.mul(m, write)), i32.shl(n, 2))),
      moveBlock(locals, from, read, to, write),
    ]
    return [
      local.set(rows, argument(spec.rows)),
      local.set(columns, argument(spec.columns)),
      local.set(lastRow, i32.sub(rows, 4)),
      local.set(lastColumn, i32.sub(columns, 4)),
      local.set(read, argument(fromColumn)),
      local.set(write, argument(toRow)),
      forRange(unit, begin, end, 1, [
        local.set(source, argument(spec.load.base)),
        local.set(target, argument(spec.store.base)),
        odometer.seek(i32.div_u(unit, perPlane)),
        tiles.seek(i32.rem_u(unit, perPlane)),
        startTile(rowTile, row, rowEnd, rows),
        startTile(columnTile, line, columnEnd, columns),
        forRange(line, line, columnEnd, LINE, [
          local.set(lineEnd, i32.add(line, LINE)),
          local.set(lineEnd, least(lineEnd, columnEnd)),
          forRange(row, i32.mul(rowTile, TILE), rowEnd, 4, forRange(column, line, lineEnd, 4, block)),
        ]),
      ]),
    ]
  })
}

/** Four vectors, `read` bytes apart, to the four across them, `write` bytes apart. */
function moveBlock(locals: Locals, from: Local, read: Local, to: Local, write: Local): Code {
  const [a, b, c, d] = locals.many('v128', 4)
  const [ab, cd, abHigh, cdHigh] = locals.many('v128', 4)
  const steps = (pointer: Local, step: Local, each: readonly ((at: Code) => Code)[]): Code =>
    each.map((statement, k) => [
      k === 0 ? [] : local.set(pointer, i32.add(pointer, step)),
      statement(local.get(pointer)),
    ])
  return [
    steps(
      from,
      read,
      [a, b, c, d].map((vector) => (at) => local.set(vector, v128.load(at))),
    ),
    local.set(ab, shuffle32([0, 4, 1, 5], a, b)),
    local.set(cd, shuffle32([0, 4, 1, 5], c, d)),
    local.set(abHigh, shuffle32([2, 6, 3, 7], a, b)),
    local.set(cdHigh, shuffle32([2, 6, 3, 7], c, d)),
    steps(to, write, [
      (at) => v128.store(at, shuffle32([0, 1, 4, 5], ab, cd)),
      (at) => v128.store(at, shuffle32([2, 3, 6, 7], ab, cd)),
      (at) => v128.store(at, shuffle32([0, 1, 4, 5], abHigh, cdHigh)),
      (at) => v128.store(at, shuffle32([2, 3, 6, 7], abHigh, cdHigh)),
    ]),
  ]
}
