// Two families of shapes that filters of a first layer take, and how well a plane of weights fits each.

/** The size of a plane of weights, whose values come row by row. */
interface Plane {
  readonly height: number
  readonly width: number
}

/**
 * A wave under a Gaussian window (Gabor): `exp(−r²/2σ²)·cos(2π(u·x + v·y) + phase)`. Its phase and size are
 * fitted in closed form.
 */
export interface Wave {
  /** Direction in which the wave goes, in radians from rightwards to downwards. */
  readonly direction: number
  /** Cycles per pixel. */
  readonly frequency: number
  /** Of the window, in pixels, and its centre. */
  readonly sigma: number
  readonly row: number
  readonly column: number
}

/** A spot: a Gaussian and one of twice its width, in any mixture, so that it may have a surround. */
export type Spot = Pick<Wave, 'sigma' | 'row' | 'column'>

/** A shape, and the share of a plane's energy that the best of its size and phase explains. */
export interface Fit<Shape> {
  readonly shape: Shape
  readonly share: number
}

/** How well waves and spots fit planes of one size. */
export interface ShapeFitter {
  readonly wave: (values: ArrayLike<number>) => Fit<Wave>
  readonly spot: (values: ArrayLike<number>) => Fit<Spot>
}

/** Fits by a search over a grid, which is laid out once for all planes of a size, then by ever smaller steps. */
export function shapeFitter(height: number, width: number): ShapeFitter {
  const plane = { height, width }
  const size = Math.max(height, width)
  const waves: Wave[] = []
  for (let i = 0; i < DIRECTIONS; i++)
    for (const cycles of [0.5, 0.8, 1.2, 1.7, 2.3, 3])
      if (cycles / size < 0.5)
        for (const spot of spots(plane, [0.25, 0.5, 2], size > 4 ? size / 4 : 1))
          waves.push({ ...spot, direction: (i * Math.PI) / DIRECTIONS, frequency: cycles / size })
  return {
    wave: fitter(plane, waves, waveParts, [
      ['direction', Math.PI / DIRECTIONS / 2, [-Infinity, Infinity]],
      // Slower than half a wave it would be a spot, faster than ½ there is none.
      ['frequency', 0.2 / size, [0.5 / size, 0.5]],
      ...windowSteps(plane),
    ]),
    spot: fitter(plane, spots(plane, [0.1, 0.15, 0.25, 0.4, 2], 1), spotParts, windowSteps(plane)),
  }
}

const DIRECTIONS = 24

/** Windows of some widths, as shares of the size, whose centres are not far from the middle. */
function spots({ height, width }: Plane, widths: readonly number[], step: number): Spot[] {
  const size = Math.max(height, width)
  const places = (length: number): number[] => {
    const middle = (length - 1) / 2
    const reach = Math.floor(length / 4 / step) * step
    return Array.from({ length: Math.round((2 * reach) / step) + 1 }, (_, i) => middle - reach + i * step)
  }
  return places(height).flatMap((row) =>
    places(width).flatMap((column) => widths.map((share) => ({ sigma: share * size, row, column }))),
  )
}

type Step<Shape> = readonly [name: keyof Shape, size: number, bounds: readonly [number, number]]

function windowSteps({ height, width }: Plane): Step<Spot>[] {
  const size = Math.max(height, width)
  return [
    ['sigma', size / 10, [size / 12, 3 * size]],
    ['row', 0.5, [0, height - 1]],
    ['column', 0.5, [0, width - 1]],
  ]
}

/** The two functions whose mixtures a shape is, at a pixel. */
type Parts<Shape> = (shape: Shape, row: number, column: number) => readonly [number, number]

const waveParts: Parts<Wave> = ({ direction, frequency, sigma, row, column }, y, x) => {
  const window = gaussian(y - row, x - column, sigma)
  const along = Math.cos(direction) * (x - column) + Math.sin(direction) * (y - row)
  const phase = 2 * Math.PI * frequency * along
  return [window * Math.cos(phase), window * Math.sin(phase)]
}

const spotParts: Parts<Spot> = ({ sigma, row, column }, y, x) => [
  gaussian(y - row, x - column, sigma),
  gaussian(y - row, x - column, 2 * sigma),
]

function gaussian(down: number, right: number, sigma: number): number {
  return Math.exp(-(down ** 2 + right ** 2) / (2 * sigma ** 2))
}

/** An orthonormal basis of what the two parts of a shape can be, `[2, height·width]`. */
function basisOf<Shape>({ height, width }: Plane, shape: Shape, parts: Parts<Shape>): Float64Array {
  const count = height * width
  const basis = new Float64Array(2 * count)
  let [aa, ab, bb] = [0, 0, 0]
  for (let i = 0; i < count; i++) {
    const [a, b] = parts(shape, Math.floor(i / width), i % width)
    basis[i] = a
    basis[count + i] = b
    aa += a * a
    ab += a * b
    bb += b * b
  }
  const rest = bb - (ab * ab) / aa
  // Parts that are nearly the same count once.
  const scale = rest > 1e-9 * bb ? 1 / Math.sqrt(rest) : 0
  for (let i = 0; i < count; i++) {
    basis[count + i] = (basis[count + i]! - (ab / aa) * basis[i]!) * scale
    basis[i]! /= Math.sqrt(aa)
  }
  return basis
}

/** The share of the energy that lies in the span of a basis. */
function shareOf(values: ArrayLike<number>, basis: Float64Array): number {
  const count = values.length
  let [first, second, energy] = [0, 0, 0]
  for (let i = 0; i < count; i++) {
    const value = values[i]!
    first += value * basis[i]!
    second += value * basis[count + i]!
    energy += value * value
  }
  return energy === 0 ? 0 : (first * first + second * second) / energy
}

function fitter<Shape extends Readonly<Record<keyof Shape, number>>>(
  plane: Plane,
  grid: readonly Shape[],
  parts: Parts<Shape>,
  steps: readonly Step<Shape>[],
): (values: ArrayLike<number>) => Fit<Shape> {
  const bases = grid.map((shape) => basisOf(plane, shape, parts))
  return (values) => {
    const shares = bases.map((basis) => shareOf(values, basis))
    const start = shares.indexOf(Math.max(...shares))
    const measure = (shape: Shape): number => shareOf(values, basisOf(plane, shape, parts))
    return climb({ shape: grid[start]!, share: shares[start]! }, measure, steps)
  }
}

/** One parameter after the other, as long as that helps, then with half of the step. */
function climb<Shape extends Readonly<Record<keyof Shape, number>>>(
  start: Fit<Shape>,
  measure: (shape: Shape) => number,
  steps: readonly Step<Shape>[],
): Fit<Shape> {
  let found = start
  for (let scale = 1; scale > 1 / 40; scale /= 2) {
    for (const [name, size, [least, most]] of steps) {
      for (const sign of [-1, 1]) {
        const value = Math.min(most, Math.max(least, found.shape[name] + sign * size * scale))
        const shape = { ...found.shape, [name]: value }
        const share = measure(shape)
        if (share > found.share) found = { shape, share }
      }
    }
  }
  return found
}
