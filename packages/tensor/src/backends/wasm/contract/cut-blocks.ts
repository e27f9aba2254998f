import { CHUNK_WORK, ENOUGH_UNITS } from './sizing.ts'

/** Blocks may pack the same panels so many times before it is better to pack all of them once, in a launch. */
export const MOST_REPEATS = 3

/** What the cut of a product into blocks depends on. */
interface ProductSize {
  readonly tiles: number
  readonly panels: number
  readonly sums: number
  /** Multiply-adds in all. */
  readonly work: number
  readonly packs: { readonly left: boolean; readonly right: boolean }
}

/** Multiply-adds of a unit of a large product, and how many units of it are enough for 16 threads. */
const [LARGE_UNIT, MANY_UNITS] = [1 << 20, 64]
/** Tiles or panels that a block has at least: with fewer, operands pass through level 1 too often. */
const LEAST = 4

/**
 * How many tiles and panels make a block of a product, the unit of work: as large as the caches like, smaller
 * where there were too few units. Where blocks pack one operand themselves, they are cut along the other one
 * first, so that fewer of them pack the same.
 */
export function cutBlocks({ tiles, panels, sums, work, packs }: ProductSize): {
  readonly tilesPerBlock: number
  readonly panelsPerBlock: number
  readonly rowBlocks: number
  readonly columnBlocks: number
} {
  const both = packs.left && packs.right
  const keepColumns = packs.left && !both && panels <= MOST_REPEATS * 128
  const keepRows = packs.right && !both && tiles <= MOST_REPEATS * 32
  let rows = Math.min(keepRows ? 32 : 16, tiles)
  let columns = Math.min(keepColumns ? 128 : 32, panels)
  const most = both || keepColumns || keepRows ? ENOUGH_UNITS : MANY_UNITS
  // Cut finely along the other operand, and into fewer units, rather than across the one that blocks pack: each
  // cut across it packs all of it once more.
  const enough = keepColumns || keepRows ? ENOUGH_UNITS / 2 : ENOUGH_UNITS
  const wanted = Math.min(most, Math.max(Math.min(enough, work / CHUNK_WORK), work / LARGE_UNIT))
  const [leastRows, leastColumns] = [keepColumns ? 1 : LEAST, keepRows ? 1 : LEAST]
  const tooFew = (): boolean => sums * Math.ceil(tiles / rows) * Math.ceil(panels / columns) < wanted
  while (tooFew() && (rows > leastRows || columns > leastColumns)) {
    const cutRows = keepColumns ? rows > leastRows : keepRows ? columns <= leastColumns : rows > columns
    if (cutRows) rows = Math.ceil(rows / 2)
    else columns = Math.ceil(columns / 2)
  }
  const [rowBlocks, columnBlocks] = [Math.ceil(tiles / rows), Math.ceil(panels / columns)]
  return {
    tilesPerBlock: Math.ceil(tiles / rowBlocks),
    panelsPerBlock: Math.ceil(panels / columnBlocks),
    rowBlocks,
    columnBlocks,
  }
}
