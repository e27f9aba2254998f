import { finishArguments } from './finish.ts'

export const MAXIMUM_BATCH_AXES = 4

export const batchAxes = [0, 1, 2, 3] as const
/**
 * Strides in bytes. `perBatch`: bytes of packed panels from one batch entry to the next, 0 if they are the
 * same ones. The tiles read their rows at `rowStep` and, one step after the other, `depthStep`; their panels
 * of columns at `panelStep` and `rightStep`, the distance of columns if the tiles are inner products, of
 * steps if not. `accumulate`: whether the product is added to what C holds.
 */
export const gemmArguments = [
  'left',
  'right',
  'result',
  'leftPanels',
  'rightPanels',
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
  'leftPerBatch',
  'rightPerBatch',
  'leftPacked',
  'rightPacked',
  'leftInRows',
  'rowStep',
  'depthStep',
  'panelStep',
  'rightStep',
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
