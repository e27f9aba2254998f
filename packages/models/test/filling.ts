import { tensor, type Tensor } from '@badak/tensor'
import type { Module } from '@badak/layers'

/**
 * `count` numbers in [0, 1), of 24 bits: Murmur3's finaliser of the position and FNV-1a of the name, as in
 * tools/record-fixtures/models.py.
 */
export function uniform(
  name: string,
  count: number,
  numberOf: (u: number, position: number) => number,
): Float32Array {
  let seed = 0x811c9dc5
  for (const byte of new TextEncoder().encode(name)) seed = Math.imul(seed ^ byte, 0x01000193)
  const values = new Float32Array(count)
  for (let i = 0; i < count; i++) {
    let h = (Math.imul(i, 0x9e3779b1) + seed) | 0
    h ^= h >>> 16
    h = Math.imul(h, 0x85ebca6b)
    h ^= h >>> 13
    h = Math.imul(h, 0xc2b2ae35)
    h ^= h >>> 16
    values[i] = numberOf((h >>> 8) / 2 ** 24, i)
  }
  return values
}

/** The value of a state, by its name: weights in He's scale, norms near 1, biases and means near 0; calm or not. */
function valueOf(name: string, shape: readonly number[], calm: boolean): Tensor {
  if (name.endsWith('num_batches_tracked')) return tensor(3, { dtype: 'int32' })
  const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1)
  const bound = Math.sqrt(6 / product(shape.slice(1)))
  const numberOf = name.endsWith('running_var')
    ? (u: number) => (calm ? 0.04 : 1) * (0.5 + u)
    : shape.length > 1
      ? (u: number) => (2 * u - 1) * bound
      : name.endsWith('weight')
        ? (u: number) => (calm ? 0.2 : 1) * (0.75 + 0.5 * u)
        : calm && name.endsWith('bias')
          ? (u: number) => u
          : (u: number) => 0.2 * u - 0.1
  return tensor(uniform(name, product(shape), numberOf), { shape })
}

/** Which states are smaller than their names say, and their factor. */
export type Damped = readonly [pattern: string, factor: number]

/**
 * Gives every state the value that its name says; the recorded models have the same. `filling` in
 * tools/record-fixtures/models.py says what calm ones are.
 */
export function fill<M extends Module>(model: M, [pattern, factor]: Damped = ['$^', 1], calm = false): M {
  const damped = new RegExp(pattern)
  const values = Object.entries(model.stateDict()).map(([name, { shape }]) => {
    const value = valueOf(name, shape, calm)
    return [name, damped.test(name) ? value.mul(factor) : value] as const
  })
  model.loadStateDict(Object.fromEntries(values))
  return model
}

/** Noise, and a fainter noise over stripes. */
export function images(shape: readonly [number, number, number, number], seed: number): Tensor {
  const [N, C, H, W] = shape
  const size = C * H * W
  const values = uniform(`images ${seed}`, N * size, (u, position) => {
    const noise = 2 * u - 1
    if (position < size) return noise
    const c = Math.floor((position % size) / (H * W))
    const [y, x] = [Math.floor((position % (H * W)) / W), position % W]
    return noise / 4 + (Math.floor((x + (c + 1) * y) / 8) % 2 === 0 ? 1 : -1)
  })
  return tensor(values, { shape })
}
