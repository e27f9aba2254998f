import {
  ShapeError,
  arange,
  avgPool1d,
  avgPool2d,
  avgPool3d,
  floorDiv,
  gather,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  take,
  tensor,
  where,
} from '@badak/tensor'
import type { MaxPooled, Tensor } from '@badak/tensor'

/** A size, or `null` for that of the input. */
export type AdaptiveSize = number | null

/** Which elements of an axis fall into each bin of the output. */
interface Bins {
  readonly starts: readonly number[]
  readonly sizes: readonly number[]
  readonly largest: number
}

/** Bins may overlap by an element, and do where the output is larger than the input. */
export function binsOf(size: number, count: number): Bins {
  const starts = Array.from({ length: count }, (_, i) => Math.floor((i * size) / count))
  const sizes = starts.map((start, i) => Math.ceil(((i + 1) * size) / count) - start)
  return { starts, sizes, largest: Math.max(...sizes) }
}

/** Where the elements of each bin lie, in a row; a bin that is smaller than the largest repeats its last. */
function positionsOf({ starts, sizes, largest }: Bins): Tensor {
  const positions = starts.flatMap((start, bin) =>
    Array.from({ length: largest }, (_, k) => start + Math.min(k, sizes[bin]! - 1)),
  )
  return tensor(Int32Array.from(positions))
}

/** `x` as planes `[outer, size, inner]` around one of its axes. */
function aroundAxis(x: Tensor, axis: number): Tensor {
  const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1)
  return x.reshape([product(x.shape.slice(0, axis)), x.shape[axis]!, product(x.shape.slice(axis + 1))])
}

/** The means of bins along an axis. */
function averageAxis(x: Tensor, axis: number, count: number): Tensor {
  const planes = aroundAxis(x, axis)
  const [outer, size, inner] = planes.shape as [number, number, number]
  if (size % count === 0)
    return avgPool2d(planes, { kernel: [size / count, 1] }).reshape(x.shape.with(axis, count))
  const bins = binsOf(size, count)
  const { largest } = bins
  const spread = take(planes, positionsOf(bins), { axis: 1 }).reshape([outer, count, largest, inner])
  const counted = bins.sizes.flatMap((bin) => Array.from({ length: largest }, (_, k) => Number(k < bin)))
  const inside = tensor(Uint8Array.from(counted), { shape: [count, largest, 1] }).cast('bool')
  const areas = tensor(Float32Array.from(bins.sizes), { shape: [count, 1] })
  // Not a product with 0: an infinity would leave its bin as NaN.
  return where(inside, spread, 0).sum({ axis: 2 }).div(areas).reshape(x.shape.with(axis, count))
}

/** The largest values of bins along an axis, and their positions on it. */
function largestOfAxis(x: Tensor, axis: number, count: number): { values: Tensor; positions: () => Tensor } {
  const planes = aroundAxis(x, axis)
  const [, size, inner] = planes.shape as [number, number, number]
  const shape = x.shape.with(axis, count)
  const equal = size % count === 0
  const bins = binsOf(size, count)
  const spread = equal ? planes : take(planes, positionsOf(bins), { axis: 1 })
  const options = { kernel: [bins.largest, 1] } as const
  const positions = (): Tensor => {
    const rows = floorDiv(maxPool2d(spread, { ...options, returnIndices: true }).indices, inner)
    return (equal ? rows : take(positionsOf(bins), rows)).reshape(shape)
  }
  return { values: maxPool2d(spread, options).reshape(shape), positions }
}

/** One size per axis, `null` replaced by that of the input. @throws ShapeError when an axis is empty */
function sizesFor(operation: string, x: Tensor, wanted: readonly AdaptiveSize[]): number[] {
  const image = x.shape.slice(-wanted.length)
  if (x.rank < wanted.length || image.includes(0))
    throw new ShapeError(`${operation}: the image is empty: [${x.shape.join(',')}]`)
  return wanted.map((size, axis) => size ?? image[axis]!)
}

/** The window of each bin, where all are alike and some hold more than one element. */
function equalWindow(x: Tensor, sizes: readonly number[]): number[] | undefined {
  const image = x.shape.slice(-sizes.length)
  const window = image.map((size, axis) => size / sizes[axis]!)
  return window.every((size) => Number.isInteger(size)) && window.some((size) => size > 1)
    ? window
    : undefined
}

type Windows = [number] & [number, number] & [number, number, number]

/**
 * The means of as many bins as the output has elements along each of the last axes.
 *
 * @throws ShapeError when an axis is empty
 */
export function adaptiveAverage(operation: string, x: Tensor, wanted: readonly AdaptiveSize[]): Tensor {
  const sizes = sizesFor(operation, x, wanted)
  // One bin is a reduction, which needs no windows.
  if (sizes.every((size) => size === 1))
    return x.mean({ axis: sizes.map((_, k) => x.rank - 1 - k), keepDims: true })
  const kernel = equalWindow(x, sizes) as Windows | undefined
  if (kernel) {
    if (sizes.length === 1) return avgPool1d(x, { kernel: kernel[0] })
    return sizes.length === 2 ? avgPool2d(x, { kernel }) : avgPool3d(x, { kernel })
  }
  return sizes.reduceRight((y, count, k) => {
    const axis = y.rank - sizes.length + k
    return y.shape[axis] === count ? y : averageAxis(y, axis, count)
  }, x)
}

/**
 * The largest values of as many bins as the output has elements along each of the last axes.
 *
 * @throws ShapeError when an axis is empty
 */
export function adaptiveMaximum(operation: string, x: Tensor, wanted: readonly AdaptiveSize[]): Tensor {
  const sizes = sizesFor(operation, x, wanted)
  const kernel = equalWindow(x, sizes) as Windows | undefined
  if (kernel) {
    if (sizes.length === 1) return maxPool1d(x, { kernel: kernel[0] })
    return sizes.length === 2 ? maxPool2d(x, { kernel }) : maxPool3d(x, { kernel })
  }
  // The last axis first: so the first of equals is the first of its bin, row by row.
  return sizes.reduceRight((y, count, k) => {
    const axis = y.rank - sizes.length + k
    return y.shape[axis] === count ? y : largestOfAxis(y, axis, count).values
  }, x)
}

/** `adaptiveMaximum`, with the positions of the values in the flattened image. */
export function adaptiveMaximumWithIndices(
  operation: string,
  x: Tensor,
  wanted: readonly AdaptiveSize[],
): MaxPooled {
  const sizes = sizesFor(operation, x, wanted)
  let values = x
  let indices = tensor(0, { dtype: 'int32' }).expand(x.shape)
  let stride = 1
  for (const [k, count] of [...sizes.entries()].reverse()) {
    const axis = x.rank - sizes.length + k
    const size = values.shape[axis]!
    const ones = values.shape.map(() => 1)
    if (size === count) {
      indices = indices.add(arange(0, size, 1, { dtype: 'int32' }).reshape(ones.with(axis, size)).mul(stride))
    } else {
      const pooled = largestOfAxis(values, axis, count)
      const positions = pooled.positions()
      indices = gather(indices, positions, { axis }).add(positions.mul(stride))
      values = pooled.values
    }
    stride *= size
  }
  return { values, indices }
}
