import { matmul, tensor } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'

/**
 * Planes under a Gaussian blur; at the edges the weights that lie outside go to those inside.
 *
 * @param x `[N, C, H, W]`
 * @param sigma standard deviation, in pixels
 */
export function gaussianBlur(x: Tensor, sigma: number): Tensor {
  const [H, W] = x.shape.slice(2) as [number, number]
  // Separable: along one axis, then along the other.
  return matmul(gaussian(H, sigma), matmul(x, gaussian(W, sigma).transpose()))
}

/** `[size, size]`: what each element of an axis takes of each. */
function gaussian(size: number, sigma: number): Tensor {
  const weights = Float32Array.from({ length: size * size }, (_, i) =>
    Math.exp(-((Math.floor(i / size) - (i % size)) ** 2) / (2 * sigma ** 2)),
  )
  for (let row = 0; row < size; row++) {
    const line = weights.subarray(row * size, (row + 1) * size)
    const total = line.reduce((sum, weight) => sum + weight, 0)
    for (let i = 0; i < size; i++) line[i]! /= total
  }
  return tensor(weights, { shape: [size, size] })
}
