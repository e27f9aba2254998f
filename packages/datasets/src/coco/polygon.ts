import { FormatError } from '@badak/tensor'
import { mergeRLE, type Runs } from './rle.ts'

/** Points between two pixels, along an axis. */
const SCALE = 5
/** Of its points, along the outline of one polygon. */
const MAX_POINTS = 1e8

/**
 * The runs of polygons, each `[x0, y0, x1, y1, …]` in pixels from the top left corner, as pycocotools draws them, to the
 * bit: a pixel is inside when its centre is, on a grid of five points a pixel. What any polygon has is inside.
 *
 * @throws FormatError when there is no polygon, or one is not at least three points
 *
 * @example
 * ```ts
 * const mask = decodeRLE(polygonsToRLE([[1, 1, 6, 1, 6, 4]], { height: 6, width: 8 }))
 * ```
 */
export function polygonsToRLE(
  polygons: readonly (readonly number[])[],
  size: { readonly height: number; readonly width: number },
): Runs {
  return drawPolygons(polygons, size, 'polygonsToRLE')
}

/** The same; errors begin with `what`. */
export function drawPolygons(
  polygons: readonly (readonly number[])[],
  { height, width }: { readonly height: number; readonly width: number },
  what: string,
): Runs {
  if (polygons.length === 0) throw new FormatError(`${what}: there is no polygon`)
  const drawn = polygons.map((points, i): Runs => {
    checkPolygon(points, `${what}: polygon ${i}`)
    const edges = crossings(points, height, width)
    return { size: [height, width], counts: runsBetween(edges, height * width) }
  })
  return mergeRLE(drawn)
}

function checkPolygon(points: readonly number[], what: string): void {
  if (!Array.isArray(points) || points.length < 6 || points.length % 2 !== 0)
    throw new FormatError(`${what}: a polygon is x and y of three points or more: ${points.length} numbers`)
  if (!points.every((value) => Number.isFinite(value)))
    throw new FormatError(`${what}: a coordinate is a number: [${points.join(', ')}]`)
  let length = 0
  for (let i = 0; i < points.length; i++)
    length += SCALE * Math.abs(points[i]! - points[(i + 2) % points.length]!)
  if (length > MAX_POINTS)
    throw new FormatError(`${what}: its outline is too long: ${Math.round(length / SCALE)} pixels`)
}

/** Where the outline passes the centres of columns, as positions in a mask by columns. */
function crossings(points: readonly number[], height: number, width: number): number[] {
  const found: number[] = []
  let [lastU, lastV] = [NaN, NaN]
  const visit = (u: number, v: number): void => {
    if (!Number.isNaN(lastU) && u !== lastU) {
      const x = (Math.min(u, lastU) + 0.5) / SCALE - 0.5
      if (Number.isInteger(x) && x >= 0 && x <= width - 1) {
        const y = (Math.min(v, lastV) + 0.5) / SCALE - 0.5
        found.push(x * height + Math.ceil(Math.min(Math.max(y, 0), height)))
      }
    }
    ;[lastU, lastV] = [u, v]
  }
  const grid = points.map((value) => Math.trunc(SCALE * value + 0.5))
  for (let i = 0; i < grid.length; i += 2) {
    const next = (i + 2) % grid.length
    walk([grid[i]!, grid[i + 1]!], [grid[next]!, grid[next + 1]!], visit)
  }
  return found
}

type Point = readonly [x: number, y: number]

/** All grid points from one to another, both included; one and the same line in both directions. */
function walk(from: Point, to: Point, visit: (x: number, y: number) => void): void {
  const [dx, dy] = [Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1])]
  // Along the longer side.
  const [along, across] = dx >= dy ? [0, 1] : [1, 0]
  const flipped = from[along]! > to[along]!
  const [start, end] = flipped ? [to, from] : [from, to]
  const steps = Math.max(dx, dy)
  const slope = steps === 0 ? 0 : (end[across]! - start[across]!) / steps
  for (let d = 0; d <= steps; d++) {
    const step = flipped ? steps - d : d
    const a = start[along]! + step
    const b = Math.trunc(start[across]! + slope * step + 0.5)
    if (along === 0) visit(a, b)
    else visit(b, a)
  }
}

/** Inside and outside change at each edge; two at one place change nothing. */
function runsBetween(edges: readonly number[], total: number): number[] {
  const sorted = [...edges.toSorted((a, b) => a - b), total]
  const differences = sorted.map((edge, i) => edge - (sorted[i - 1] ?? 0))
  const counts = [differences[0]!]
  for (let i = 1; i < differences.length; i++) {
    if (differences[i]! > 0) counts.push(differences[i]!)
    else if (++i < differences.length) counts[counts.length - 1]! += differences[i]!
  }
  return counts
}
