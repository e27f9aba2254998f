import { ShapeError, abs, max, stopGradient, where } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import type { Module } from '@badak/layers'
import { weightOf } from './model.ts'

/** How weights become images. */
export interface FiltersOptions {
  /**
   * What is shown in full: the greatest weight of each image (default), or of all of them; `none` leaves the
   * weights as they are.
   */
  readonly scale?: 'each' | 'all' | 'none' | undefined
}

/**
 * The filters of a convolution as images to look at: 0 is grey, ½; the greatest magnitude is black or white.
 *
 * @param layer one whose weight is `[O, C, KH, KW]`
 * @returns `[O, C, KH, KW]` if C is 1 or 3, so that filters of colour images have their colours; else
 *   `[O·C, 1, KH, KW]`, a row of C images for each filter
 * @throws ShapeError when the layer has no such weight
 * @example
 * ```ts
 * await imageGrid(filters(model.at(0)), { range: [0, 1] })
 * ```
 */
export function filters(layer: Module, { scale = 'each' }: FiltersOptions = {}): Tensor {
  const weight = filterWeights('filters', layer)
  const [O, C, KH, KW] = weight.shape as [number, number, number, number]
  const images = C === 1 || C === 3 ? weight : weight.reshape([O * C, 1, KH, KW])
  if (scale === 'none') return images
  const most = max(abs(images), scale === 'each' ? { axis: [1, 2, 3], keepDims: true } : {})
  return images
    .div(where(most.greater(0), most, 1))
    .add(1)
    .mul(0.5)
}

/** @throws ShapeError when the layer's weight is not `[O, C, KH, KW]` */
export function filterWeights(operation: string, layer: Module): Tensor {
  const weight = weightOf(layer)
  if (weight?.rank === 4) return stopGradient(weight)
  const what = weight ? `[${weight.shape}]` : 'none'
  throw new ShapeError(`${operation}: ${String(layer)} has no weight [O, C, KH, KW]: ${what}`)
}
