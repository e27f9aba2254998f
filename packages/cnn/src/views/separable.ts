import { matmul, tensor } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'

/** `rows · x · columnsᵀ` for each plane: a filter, or another size, along one axis and then the other. */
function separable(x: Tensor, rows: Tensor, columns: Tensor): Tensor {
  return matmul(rows, matmul(x, columns.transpose()))
}

/**
 * Planes in another size, by bilinear interpolation; pixels are areas, and at the edges the nearest counts.
 *
 * @param x `[N, C, H, W]`
 * @returns `[N, C, ...size]`; PyTorch's `interpolate` with `align_corners=False`
 */
export function resizeBilinear(x: Tensor, size: readonly [height: number, width: number]): Tensor {
  const [H, W] = x.shape.slice(2) as [number, number]
  if (H === size[0] && W === size[1]) return x
  return separable(x, interpolation(H, size[0]), interpolation(W, size[1]))
}

/** `[target, source]`: the weights of the two nearest. */
function interpolation(source: number, target: number): Tensor {
  const weights = new Float32Array(target * source)
  for (let i = 0; i < target; i++) {
    const at = Math.max(0, ((i + 0.5) * source) / target - 0.5)
    const below = Math.min(Math.floor(at), source - 1)
    const above = Math.min(below + 1, source - 1)
    weights[i * source + below]! += 1 - (at - below)
    weights[i * source + above]! += at - below
  }
  return tensor(weights, { shape: [target, source] })
}

/**
 * Planes under a Gaussian blur; at the edges the weights that lie outside go to those inside.
 *
 * @param x `[N, C, H, W]`
 * @param sigma standard deviation, in pixels
 */
export function gaussianBlur(x: Tensor, sigma: number): Tensor {
  const [H, W] = x.shape.slice(2) as [number, number]
  return separable(x, gaussian(H, sigma), gaussian(W, sigma))
}

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
