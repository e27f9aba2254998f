import type { Target } from '../assembler/index.ts'

/** Columns of a tile: two vectors of four floats. */
export const TILE_WIDTH = 8

/**
 * Rows of the tallest tile. With fused multiply-add 6 × 8 leaves room for two vectors of the right operand
 * and one of the left in the 15 registers that engines hand out; a product of its own needs one register
 * more.
 */
export function tileHeight(target: Target): number {
  return target.relaxedSimd ? 6 : 5
}

/**
 * How `rows` are cut into tiles: `tall` tiles of `height` rows, then tiles of one row less. Even heights
 * leave no stump behind: 16 rows are 6 + 5 + 5, not 6 + 6 + 4.
 */
export interface Tiling {
  readonly rows: number
  readonly tiles: number
  readonly height: number
  readonly tall: number
}

export function cutRows(rows: number, tallest: number): Tiling {
  const tiles = Math.max(1, Math.ceil(rows / tallest))
  const height = Math.ceil(rows / tiles)
  return { rows, tiles, height, tall: tiles - (tiles * height - rows) }
}
