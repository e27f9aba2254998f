import type { Body, ReduceKernel } from '../../../schedule/kernels.ts'
import type { ReduceOp } from '../../../graph/scalar.ts'
import { bytesPerElement } from '../../../dtype.ts'
import { ArgumentList, type PlacedAccess } from '../body/argument-list.ts'
import { type AccessSpec, type BodySpec, laneType, specOfAccess, specOfBody } from '../body/spec.ts'
import { scratchAddress } from '../launch.ts'
import { collapse, collapseBody, collapseStrides, fixedAxes } from './collapse.ts'
import { product } from './cost.ts'

/** A Reduce with as few axes as possible; its store may lie in scratch memory. */
export interface Reduction {
  readonly op: ReduceOp
  readonly shape: readonly number[]
  readonly reduced: readonly number[]
  readonly prologue: Body
  readonly epilogue: Body
  readonly store: PlacedAccess
}

/**
 * Elements of one piece of a row, and after how many sums are moved to a second level, which keeps rounding
 * small.
 */
export const SEGMENT = 2048
/** Columns that are reduced together: a cache line of float32. */
export const COLUMNS = 16
/** A result of more elements than this is reduced in parts, if there are few results. */
const PART = 16_384
const FEW = 32
/** Rows of a tall matrix that are added up before the next ones: so many pages of memory are at hand at once. */
const PART_ROWS = 128

/** How a reduction is cut into units. Everything follows from sizes, nothing from the number of threads. */
export interface ReducePlan {
  readonly reduction: Reduction
  /** Vectors run along the last axis that stays, not along the last reduced one. */
  readonly columns: boolean
  /** Pieces that each row of the reduced space is cut into (1 for columns). */
  readonly segments: number
  readonly segment: number
  /** Each result is reduced in this many parts of `partRows` pieces. */
  readonly parts: number
  readonly partRows: number
  readonly units: number
  /** Elements that one unit reduces. */
  readonly unitElements: number
}

/** Joins and drops axes; a reduced axis and, for columns, one that stays are always left. */
export function simplify(kernel: ReduceKernel, byRows: boolean): Reduction {
  const { op, shape, reduced, prologue, epilogue, store } = kernel
  const rank = shape.length
  const padded = [...epilogue.loads, store].map(({ strides }) => ({
    strides: [...strides, ...reduced.map(() => 0)],
  }))
  const fixed = new Set([...fixedAxes(prologue), ...fixedAxes(epilogue), ...(byRows ? [0] : [])])
  const all = collapse([...shape, ...reduced], [...prologue.loads, ...padded], fixed, rank)
  const stays = all.axes.slice(0, rank)
  const kept = Math.max(-1, ...stays) + 1
  const outer = { shape: all.shape.slice(0, kept), axes: stays }
  const simple = {
    op,
    shape: outer.shape,
    reduced: all.shape.slice(kept),
    prologue: collapseBody(prologue, all),
    epilogue: collapseBody(epilogue, outer),
    store: { ...store, strides: collapseStrides(store.strides, outer) },
  }
  return simple.reduced.length > 0 ? simple : withReducedAxis(simple)
}

/** The same with a reduced axis of size 1. */
function withReducedAxis(reduction: Reduction): Reduction {
  const loads = reduction.prologue.loads.map((load) => ({ ...load, strides: [...load.strides, 0] }))
  return { ...reduction, reduced: [1], prologue: { ...reduction.prologue, loads } }
}

export function planReduce(reduction: Reduction, mayPart: boolean): ReducePlan {
  const { shape, reduced } = reduction
  const columns = runsAlongColumns(reduction)
  const outputs = product(shape)
  const size = product(reduced)
  const inner = columns ? 1 : reduced.at(-1)!
  const segment = inner > 2 * SEGMENT ? SEGMENT : Math.max(1, inner)
  const segments = columns ? 1 : Math.max(1, Math.ceil(inner / segment))
  const pieces = piecesOf(reduced, columns, segments)
  const width = columns ? Math.min(COLUMNS, shape.at(-1)!) : 1
  const groups = columns ? product(shape.slice(0, -1)) * Math.ceil(shape.at(-1)! / COLUMNS) : outputs
  const isTall = columns && shape.at(-1)! >= 256 && pieces >= 8 * PART_ROWS
  const mustPart = mayPart && ((groups < FEW && size * width > 2 * PART) || isTall)
  const ofPart = isTall ? PART_ROWS : Math.max(1, Math.floor(PART / (segment * width)))
  const partRows = mustPart ? ofPart : Math.max(1, pieces)
  const parts = Math.max(1, Math.ceil(pieces / partRows))
  return {
    reduction,
    columns,
    segments,
    segment,
    parts,
    partRows,
    units: groups * parts,
    unitElements: partRows * segment * width,
  }
}

/** How many pieces make up what is reduced to one result; none if it is empty. */
function piecesOf(reduced: readonly number[], columns: boolean, segments: number): number {
  if (product(reduced) === 0) return 0
  return columns ? product(reduced) : product(reduced.slice(0, -1)) * segments
}

/** Memory is read along the axis whose elements are neighbours. */
function runsAlongColumns({ shape, reduced, prologue }: Reduction): boolean {
  if (shape.length === 0) return false
  const along = (axis: number): boolean => prologue.loads.some(({ strides }) => strides[axis] === 1)
  const rows = along(shape.length + reduced.length - 1)
  const columns = along(shape.length - 1)
  if (rows !== columns) return columns
  return reduced.at(-1)! < 8 && shape.at(-1)! > reduced.at(-1)!
}

/** What the code of a Reduce depends on; numbers are positions in the argument block. */
export interface ReduceSpec {
  readonly op: ReduceOp
  readonly columns: boolean
  /**
   * Sizes that units count through: the axes that stay (for columns all but the last), parts, for columns
   * blocks.
   */
  readonly outer: readonly number[]
  readonly reduced: readonly number[]
  /** Size of the last axis that stays. */
  readonly width: number
  readonly segments: number
  readonly segment: number
  readonly partRows: number
  /** How many pieces all parts of a result have together. */
  readonly pieces: number
  readonly zero: number
  readonly partStride: number
  readonly prologue: BodySpec
  readonly epilogue: BodySpec
  readonly store: AccessSpec
}

/** The spec of a plan, and its arguments. With several parts the store must be the one of `partialsOf`. */
export function specOfReduce(plan: ReducePlan, partStride: number): { spec: ReduceSpec; args: ArgumentList } {
  const { reduction, columns, segments, segment, parts, partRows } = plan
  const { shape, reduced } = reduction
  const args = new ArgumentList()
  const last = shape.length - 1
  const blocks = columns ? [Math.ceil(shape[last] / COLUMNS)] : []
  const outerShape = [...(columns ? shape.slice(0, -1) : shape), parts, ...blocks]
  const spec = {
    op: reduction.op,
    columns,
    outer: outerShape.map((size) => args.int(size)),
    // Positions are found by division, even where there are none.
    reduced: reduced.map((size) => args.int(Math.max(1, size))),
    width: args.int(shape[last] ?? 1),
    segments: args.int(segments),
    segment: args.int(segment),
    partRows: args.int(partRows),
    pieces: args.int(piecesOf(reduced, columns, segments)),
    zero: args.int(0),
    partStride: args.int(partStride),
    prologue: specOfBody(reduction.prologue, columns ? last : last + reduced.length, args),
    epilogue: specOfBody(reduction.epilogue, columns ? last : -1, args),
    store: specOfAccess(reduction.store, columns ? last : -1, args),
  }
  return { spec, args }
}

/** The two halves of a reduction in parts: to partial results in scratch memory, and over those. */
export function splitPlan(plan: ReducePlan): {
  first: ReducePlan
  partStride: number
  second: Reduction
  scratchBytes: number
} {
  const { reduction, columns, parts } = plan
  const { shape } = reduction
  const dtype = laneType(reduction.prologue.instructions.at(-1)!.dtype)
  const bytes = bytesPerElement(dtype)
  const outputs = product(shape)
  // Partial results lie so that the second half reads along memory: [results, parts], or [parts, results] for
  // columns.
  const strides = shape.map((_, axis) => product(shape.slice(axis + 1)) * (columns ? 1 : parts))
  const partStep = columns ? outputs : 1
  const partials = { slot: -1, dtype, offset: 0, address: scratchAddress(0) }
  const bare: Body = { loads: [], instructions: [{ op: 'accumulator', dtype }] }
  return {
    first: { ...plan, reduction: { ...reduction, epilogue: bare, store: { ...partials, strides } } },
    partStride: partStep * bytes,
    second: {
      ...reduction,
      reduced: [parts],
      prologue: {
        loads: [{ ...partials, strides: [...strides, partStep] }],
        instructions: [{ op: 'load', dtype, load: 0 }],
      },
    },
    scratchBytes: outputs * parts * bytes + 64,
  }
}
