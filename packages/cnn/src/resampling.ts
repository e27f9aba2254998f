/** How values between pixels are found along one axis. */
export type Kernel = 'nearest' | 'nearest-exact' | 'linear' | 'cubic'

/** Where along an axis the elements of the result lie. */
export interface Sampling {
  /** Elements of the axis. */
  readonly size: number
  /** Elements of the result. */
  readonly count: number
  /** Whether the first and last elements of both lie on each other; otherwise their outer edges do. */
  readonly alignCorners: boolean
  /** How many elements of the result there are per element; default `count / size`. */
  readonly scale?: number | undefined
}

/** For each element of the result: which elements it is made of, and with which weights. */
export interface Taps {
  /** Positions, one list per tap. */
  readonly positions: readonly Int32Array<ArrayBuffer>[]
  /** Weights, one list per tap; a single tap has the weight 1. */
  readonly weights: readonly Float32Array<ArrayBuffer>[]
}

/**
 * The taps of a resampled axis, as PyTorch computes them.
 *
 * @see Keys 1981, doi:10.1109/TASSP.1981.1163711, for `cubic`, with a = −0.75
 */
export function tapsOf(kernel: Kernel, sampling: Sampling): Taps {
  const { size, count } = sampling
  if (kernel === 'nearest' || kernel === 'nearest-exact')
    return { positions: [nearest(sampling, kernel === 'nearest' ? 0 : 0.5)], weights: [] }
  const reach = kernel === 'linear' ? [0, 1] : [-1, 0, 1, 2]
  const positions = reach.map(() => new Int32Array(count))
  const weights = reach.map(() => new Float32Array(count))
  for (let i = 0; i < count; i++) {
    const source = sourceOf(i, sampling)
    const at = kernel === 'linear' ? Math.max(source, 0) : source
    const before = Math.floor(at)
    const t = at - before
    const found = kernel === 'linear' ? [1 - t, t] : cubic(t)
    for (const [tap, offset] of reach.entries()) {
      positions[tap]![i] = Math.min(Math.max(before + offset, 0), size - 1)
      weights[tap]![i] = found[tap]!
    }
  }
  return { positions, weights }
}

/** Position of element i of the result on the axis. */
function sourceOf(i: number, { size, count, alignCorners, scale = count / size }: Sampling): number {
  if (alignCorners) return count > 1 ? (i * (size - 1)) / (count - 1) : 0
  return (i + 0.5) / scale - 0.5
}

/** In single precision, in which PyTorch decides between two neighbours. */
function nearest({ size, count, scale }: Sampling, shift: number): Int32Array<ArrayBuffer> {
  const step = Math.fround(scale === undefined ? size / count : 1 / scale)
  return Int32Array.from({ length: count }, (_, i) =>
    Math.min(Math.floor(Math.fround((i + shift) * step)), size - 1),
  )
}

/** Weights of the pixels at −1, 0, 1, 2 for a point at t in [0, 1). */
function cubic(t: number): number[] {
  const a = -0.75
  const inner = (x: number): number => ((a + 2) * x - (a + 3)) * x * x + 1
  const outer = (x: number): number => ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
  return [outer(t + 1), inner(t), inner(1 - t), outer(2 - t)]
}
