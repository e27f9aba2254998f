import { windowAxes, type SlidingWindow } from './output-size.ts'

/**
 * What one layer sees of its input along one axis: its element i depends on those from `start + i · stride` on, `size`
 * of them. Where an image grows, stride and start are fractions.
 */
export interface Footprint {
  readonly size: number
  readonly stride: number
  readonly start: number
}

/** A layer that says what it sees of an image of the given sizes; one that does not say sees single pixels. */
export interface Seeing {
  /**
   * @param sizes of the image that the layer is given: `[H, W]`, or as many axes as it has
   * @returns what it sees along each axis
   */
  footprint(sizes: readonly number[]): readonly Footprint[]
}

/** Footprints of a window, along each axis. */
export function windowFootprint(axes: number, window: SlidingWindow): Footprint[] {
  return windowAxes('receptiveField', axes, window).map(({ kernel, stride, dilation, before }) => {
    const extent = dilation * (kernel - 1)
    if (!window.transposed) return { size: extent + 1, stride, start: -before }
    // Element i is in reach of the kernel around (i + padding − extent / 2) / stride.
    const size = Math.floor(extent / stride) + 1
    return { size, stride: 1 / stride, start: (before - extent / 2) / stride - (size - 1) / 2 }
  })
}

/** Footprints of a result that has `count / size` elements for each of the image, and sees `reach` around each. */
export function scaledFootprint(size: number, count: number, reach: number): Footprint {
  // The centre of element i lies at (i + ½) · size / count − ½.
  const stride = size / count
  return { size: reach, stride, start: stride / 2 - 0.5 - (reach - 1) / 2 }
}
