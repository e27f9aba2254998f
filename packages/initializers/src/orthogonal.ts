import { defaultGenerator, type Generator, tensor, ValueError } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkAxes } from './check-axes.ts'
import type { InitializerOptions } from './initializer.ts'

export interface OrthogonalOptions extends InitializerOptions {
  /** Factor on the matrix, see the function `gain`; default 1. */
  gain?: number
}

/**
 * A random matrix whose rows or columns, whichever are fewer, are orthogonal and of length `gain`: it changes
 * no lengths on the way forward (or back), however deep the network. All such matrices are equally likely.
 * Axes after the first count as one.
 *
 * Computed in float64 on the host, in rows · columns · min(rows, columns) steps: half a second for
 * `[512, 512]`.
 *
 * @param shape `[out, in]` or `[O, C / groups, ...K]`
 * @throws ShapeError when there are fewer than 2 axes; ValueError when the gain is no number
 * @see Saxe, McClelland & Ganguli 2014, "Exact solutions to the nonlinear dynamics of learning in deep linear
 *   neural networks", arXiv:1312.6120; Mezzadri 2007, "How to generate random matrices from the classical
 *   compact groups", arXiv:math-ph/0609050
 * @example orthogonal([100, 100], { gain: gain('relu') })
 */
export function orthogonal(
  shape: readonly number[],
  { gain = 1, dtype = 'float32', generator = defaultGenerator }: OrthogonalOptions = {},
): Tensor {
  checkAxes('orthogonal', shape, 2)
  if (!Number.isFinite(gain)) throw new ValueError(`orthogonal: gain is not a number: ${String(gain)}`)
  const [rows, ...rest] = shape as [number, ...number[]]
  const columns = rest.reduce((product, size) => product * size, 1)
  const vectors = orthonormal(Math.min(rows, columns), Math.max(rows, columns), generator)
  const values = new Float64Array(rows * columns)
  vectors.forEach((vector, k) =>
    vector.forEach((x, i) => (values[rows <= columns ? k * columns + i : i * columns + k] = gain * x)),
  )
  return tensor(values, { shape, dtype })
}

/**
 * `count` orthonormal vectors by the modified Gram–Schmidt process on normal draws. Its triangular factor has
 * a positive diagonal, without which the matrices would not be equally likely.
 */
function orthonormal(count: number, length: number, generator: Generator): Float64Array[] {
  const vectors: Float64Array[] = []
  for (let k = 0; k < count; k++) {
    const vector = normalDraws(length, generator)
    for (const other of vectors) {
      const overlap = dot(vector, other)
      for (let i = 0; i < length; i++) vector[i]! -= overlap * other[i]!
    }
    const norm = Math.sqrt(dot(vector, vector))
    for (let i = 0; i < length; i++) vector[i]! /= norm
    vectors.push(vector)
  }
  return vectors
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

/** @see Box & Muller 1958, "A note on the generation of random normal deviates" */
function normalDraws(count: number, generator: Generator): Float64Array {
  const draws = new Float64Array(count)
  for (let i = 0; i < count; i += 2) {
    // From 1 − u, which is never 0.
    const radius = Math.sqrt(-2 * Math.log(1 - generator.uniform()))
    const angle = 2 * Math.PI * generator.uniform()
    draws[i] = radius * Math.cos(angle)
    if (i + 1 < count) draws[i + 1] = radius * Math.sin(angle)
  }
  return draws
}
