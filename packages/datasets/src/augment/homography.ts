import { ValueError } from '@badak/tensor'

/**
 * A projective map of the plane, row by row: `[a, b, c, d, e, f, g, h, i]` takes (x, y) to
 * ((a·x + b·y + c) / w, (d·x + e·y + f) / w), w = g·x + h·y + i. Affine maps have g = h = 0 and i = 1.
 */
export type Homography = readonly [
  number, number, number, number, number, number, number, number, number,
] // prettier-ignore

/** Moves by (x, y). */
export const translation = (x: number, y: number): Homography => [1, 0, x, 0, 1, y, 0, 0, 1]

/** Stretches from the origin. */
export const scaling = (x: number, y = x): Homography => [x, 0, 0, 0, y, 0, 0, 0, 1]

/** First `b`, then `a`. */
export function product(a: Homography, b: Homography): Homography {
  const entry = (row: number, column: number): number =>
    a[3 * row]! * b[column]! + a[3 * row + 1]! * b[column + 3]! + a[3 * row + 2]! * b[column + 6]!
  return [0, 1, 2].flatMap((row) => [0, 1, 2].map((column) => entry(row, column))) as unknown as Homography
}

/** The way back. @throws ValueError when there is none: everything falls on a line or a point */
export function inverse(map: Homography): Homography {
  const [a, b, c, d, e, f, g, h, i] = map
  const adjoint = [
    e * i - f * h, c * h - b * i, b * f - c * e, f * g - d * i, a * i - c * g, c * d - a * f, d * h - e * g,
    b * g - a * h, a * e - b * d,
  ] // prettier-ignore
  const determinant = a * adjoint[0]! + b * adjoint[3]! + c * adjoint[6]!
  if (!(Math.abs(determinant) > 1e-12)) {
    throw new ValueError(`homography: nothing takes it back: its determinant is ${determinant}`)
  }
  return adjoint.map((entry) => entry / determinant) as unknown as Homography
}

/** Where (x, y) goes to. */
export function mapPoint(map: Homography, x: number, y: number): [x: number, y: number] {
  const w = map[6] * x + map[7] * y + map[8]
  return [(map[0] * x + map[1] * y + map[2]) / w, (map[3] * x + map[4] * y + map[5]) / w]
}

/** What an affine transform is made of. */
export interface AffineParameters {
  /** Degrees, clockwise as the image is looked at; default 0. */
  readonly angle?: number
  /** To the right and down, in pixels; default 0, 0. */
  readonly translate?: readonly [x: number, y: number]
  /** Default 1. */
  readonly scale?: number
  /** Degrees by which the axes x and y lean; default 0, 0. */
  readonly shear?: readonly [x: number, y: number]
  /** What scaling, rotation and shear leave where it is; default: the centre of the image. */
  readonly center?: readonly [x: number, y: number]
}

/**
 * The map `T · C · R · S · Shᵧ · Shₓ · C⁻¹`: shears, scales and rotates about a centre, then translates.
 * torchvision's `affine`.
 *
 * @throws ValueError unless scale is above 0
 */
export function affineMap({
  angle = 0,
  translate = [0, 0],
  scale = 1,
  shear = [0, 0],
  center = [0, 0],
}: AffineParameters): Homography {
  if (!(scale > 0 && Number.isFinite(scale))) throw new ValueError(`affine: scale must be above 0: ${scale}`)
  const radians = (degrees: number): number => (degrees * Math.PI) / 180
  const [rotation, sx, sy] = [radians(angle), radians(shear[0]), radians(shear[1])]
  const cosine = Math.cos(rotation - sy) / Math.cos(sy)
  const sine = Math.sin(rotation - sy) / Math.cos(sy)
  const a = scale * cosine
  const b = scale * (-cosine * Math.tan(sx) - Math.sin(rotation))
  const d = scale * sine
  const e = scale * (-sine * Math.tan(sx) + Math.cos(rotation))
  const [cx, cy] = center
  return [a, b, cx + translate[0] - a * cx - b * cy, d, e, cy + translate[1] - d * cx - e * cy, 0, 0, 1]
}

/** Four corners: (x, y) each. */
export type Quadrilateral = readonly [
  readonly [number, number],
  readonly [number, number],
  readonly [number, number],
  readonly [number, number],
]

/**
 * The map that takes four points to four others.
 *
 * @throws ValueError when three of them are on a line
 */
export function quadrilateralMap(from: Quadrilateral, to: Quadrilateral): Homography {
  const rows: number[][] = []
  for (const [i, [x, y]] of from.entries()) {
    const [u, v] = to[i]!
    rows.push([x, y, 1, 0, 0, 0, -u * x, -u * y, u], [0, 0, 0, x, y, 1, -v * x, -v * y, v])
  }
  return [...solve(rows), 1] as unknown as Homography
}

/** Gaussian elimination with pivots of a system with its right-hand side in the last column. */
function solve(rows: number[][]): number[] {
  const size = rows.length
  for (let column = 0; column < size; column++) {
    let pivot = column
    for (let row = column; row < size; row++)
      if (Math.abs(rows[row]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = row
    ;[rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!]
    const top = rows[column]!
    if (Math.abs(top[column]!) < 1e-9) {
      throw new ValueError('perspective: three corners are on a line')
    }
    for (let row = 0; row < size; row++) {
      if (row === column) continue
      const factor = rows[row]![column]! / top[column]!
      for (let k = column; k <= size; k++) rows[row]![k]! -= factor * top[k]!
    }
  }
  return rows.map((row, i) => row[size]! / row[i]!)
}
