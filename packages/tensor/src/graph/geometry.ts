/** A kernel that slides over a plane. Sizes, strides, dilations and padding are in pixels. */
interface SlidingGeometry {
  readonly inputHeight: number
  readonly inputWidth: number
  readonly kernelHeight: number
  readonly kernelWidth: number
  readonly outputHeight: number
  readonly outputWidth: number
  readonly strideHeight: number
  readonly strideWidth: number
  readonly dilationHeight: number
  readonly dilationWidth: number
  /** What lies after the last row and column follows from the sizes, and may be more or less than this. */
  readonly paddingTop: number
  readonly paddingLeft: number
}

/** Sizes of a two-dimensional convolution. */
export interface ConvolutionGeometry extends SlidingGeometry {
  readonly batch: number
  readonly groups: number
  readonly inputChannels: number
  readonly outputChannels: number
}

/** Sizes of a sliding window over planes; `planes` is batch · channels. */
export interface WindowGeometry extends SlidingGeometry {
  readonly planes: number
}

/**
 * `forward`        input `[N, C, H, W]` ⋆ weight `[O, C/g, KH, KW]` → `[N, O, OH, OW]`
 * `inputGradient`  output gradient `[N, O, OH, OW]`, weight `[O, C/g, KH, KW]` → `[N, C, H, W]`
 * `weightGradient` input `[N, C, H, W]`, output gradient `[N, O, OH, OW]` → `[O, C/g, KH, KW]`
 */
export type ConvolutionMode = 'forward' | 'inputGradient' | 'weightGradient'

/**
 * Over planes `[planes, H, W]` → `[planes, OH, OW]`; what lies outside of the plane never takes part.
 *
 * `max`    the largest value (NaN if one is NaN)
 * `argmax` its position `row · W + column`, int32; the first of equals in row-major order; the first NaN if
 * any
 * `sum`    the sum
 * `spread` the transpose of `sum`: `[planes, OH, OW]` → `[planes, H, W]`, each element added to its whole
 * window
 * `maxGradient` the planes `[planes, H, W]` again, and `[planes, OH, OW]` → `[planes, H, W]`, each element added where
 * `argmax` finds the largest value of its window
 */
export type WindowMode = 'max' | 'argmax' | 'sum' | 'spread' | 'maxGradient'
