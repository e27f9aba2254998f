import { finishArguments } from './finish.ts'

export const MAXIMUM_BATCH_AXES = 4

export const batchAxes = [0, 1, 2, 3] as const
/**
 * Strides in bytes. The tiles read their rows at `rowStep` and, one step after the other, `depthStep`, 0 if
 * they lie in panels as wide as a tile is high; their columns at `panelStep` and `rightStep`, the distance of
 * columns if the tiles are inner products, of steps if not. `leftScratch`, `rightScratch`: where in its
 * thread's scratch a block packs an operand that tiles cannot read where it lies, else 0. Each of `sums` results is the
 * sum over `terms` of the `entries` of the batch; `accumulate`: and over what it holds.
 */
export const gemmArguments = [
  'left',
  'right',
  'result',
  'entries',
  'terms',
  'sums',
  'depth',
  'depthBlock',
  'columns',
  'height',
  'tall',
  'tiles',
  'panels',
  'leftRow',
  'leftDepth',
  'rightDepth',
  'rightColumn',
  'resultRow',
  'tilesPerBlock',
  'panelsPerBlock',
  'rowBlocks',
  'columnBlocks',
  'leftInRows',
  'rowStep',
  'depthStep',
  'panelStep',
  'rightStep',
  'leftScratch',
  'rightScratch',
  'accumulate',
  ...finishArguments,
  ...batchAxes.map((axis) => `batchSize${axis}` as const),
  ...batchAxes.map((axis) => `leftBatch${axis}` as const),
  ...batchAxes.map((axis) => `rightBatch${axis}` as const),
  ...batchAxes.map((axis) => `resultBatch${axis}` as const),
] as const
export type GemmArgument = (typeof gemmArguments)[number]

/** Bytes of a thread's scratch that hold a tile at the edge of C. */
export const EDGE_BYTES = 256
