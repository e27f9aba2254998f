import {
  evenImageTransform,
  evenResultTransform,
  evenWeightGradientTransform,
  evenWeightTransform,
  oddImageTransform,
  oddResultTransform,
  oddWeightGradientTransform,
  oddWeightTransform,
  phaseGradientTransform,
} from './phase-transforms.ts'
import {
  gradientTransform,
  imageTransform,
  resultTransform,
  type Transform,
  weightGradientTransform,
  weightTransform,
} from './transforms.ts'

/**
 * What differs between the convolutions by minimal filtering. An image falls into one part or, where there is
 * a stride of 2, by the parity of rows and columns into four; so do the results of its input gradient. A
 * matrix product of parts of an image runs along all their channels; each part of a result is a product of
 * its own.
 */
export interface Form {
  readonly name: string
  readonly planes: Planes
  readonly image: Tiles
  readonly results: Tiles
  /** Taps along a side of a kernel. */
  readonly side: number
  /**
   * One for each part of the image or the results, or for each phase in a vector of the image; the second way
   * to take the kernel, if there is one.
   */
  readonly weights: readonly (readonly KernelPart[])[]
}

export interface WeightGradientForm {
  readonly name: string
  readonly planes: Planes
  readonly image: Tiles
  readonly gradient: Tiles
  readonly weights: readonly KernelPart[]
}

/** The products of a tile: of each pair of points one matrix product, a plane. */
export interface Planes {
  readonly count: number
  /** The plane of point i of the rows and j of the columns. */
  readonly at: (i: number, j: number) => number
  /** Planes one after the other that take the same neighbouring parts. */
  readonly groups: readonly Group[]
}

export interface Group {
  readonly planes: number
  readonly firstPart: number
  readonly parts: number
}

/** The pixels of tiles. */
export interface Tiles {
  /** From one tile to the next. */
  readonly step: number
  /** Along a side of a tile. */
  readonly reach: number
  /** From one pixel of a part to the next. */
  readonly spread: number
  /**
   * Whether a vector holds, in place of a pixel of four channels, the four pixels of one channel that a stride
   * of 2 passes at once: the phases. Then all the rest counts these.
   */
  readonly phased?: boolean
  readonly parts: readonly { readonly rows: PixelAxis; readonly columns: PixelAxis }[]
}

interface PixelAxis {
  readonly first: number
  readonly transform: Transform
}

/** Which taps a part of the image, or a phase, meets. */
export interface KernelPart {
  readonly rows: TapAxis
  readonly columns: TapAxis
}

interface TapAxis {
  /** Where there are fewer than the transform takes, the rest is zero. */
  readonly taps: readonly number[]
  readonly transform: Transform
}

interface Square<T> {
  readonly rows: T
  readonly columns: T
}

function single<T>(axis: T): Square<T>[] {
  return [{ rows: axis, columns: axis }]
}

/** Those with the point ∞ along the rows come first, those along the columns in the middle. */
function phases<T>(even: T, odd: T): Square<T>[] {
  return [
    { rows: even, columns: odd },
    { rows: even, columns: even },
    { rows: odd, columns: even },
    { rows: odd, columns: odd },
  ]
}

/** All points of stride 1 together. */
const planes: Planes = {
  count: 36,
  at: (i, j) => 6 * i + j,
  groups: [{ planes: 36, firstPart: 0, parts: 1 }],
}

/** Pairs of finite points, then those with ∞ along the rows, along the columns, along both. */
const phasePlanes: Planes = {
  count: 25,
  at: (i, j) => (i < 4 ? (j < 4 ? 4 * i + j : 20 + i) : j < 4 ? 16 + j : 24),
  groups: [
    { planes: 16, firstPart: 0, parts: 4 },
    { planes: 4, firstPart: 0, parts: 2 },
    { planes: 4, firstPart: 1, parts: 2 },
    { planes: 1, firstPart: 1, parts: 1 },
  ],
}

const plainImage: Tiles = {
  step: 4,
  reach: 6,
  spread: 1,
  parts: single({ first: 0, transform: imageTransform }),
}
const phasedImage: Tiles = {
  step: 8,
  reach: 9,
  spread: 2,
  parts: phases({ first: 0, transform: evenImageTransform }, { first: 1, transform: oddImageTransform }),
}

function square(side: number, transform: Transform): Tiles {
  return { step: side, reach: side, spread: 1, parts: single({ first: 0, transform }) }
}

export const stride1: Form = {
  name: 'stride-1',
  planes,
  image: plainImage,
  results: square(4, resultTransform),
  side: 3,
  weights: [
    single({ taps: [0, 1, 2], transform: weightTransform }),
    single({ taps: [2, 1, 0], transform: weightTransform }),
  ],
}

export const stride2: Form = {
  name: 'stride-2',
  planes: phasePlanes,
  image: phasedImage,
  results: square(4, evenResultTransform),
  side: 3,
  weights: [
    phases({ taps: [0, 2], transform: evenWeightTransform }, { taps: [1], transform: oddWeightTransform }),
  ],
}

/** A tile of 8 × 8 begins with a pixel that only the tap in the middle of the kernel met. */
export const stride2InputGradient: Form = {
  name: 'stride-2-input-gradient',
  planes: phasePlanes,
  image: { step: 4, reach: 5, spread: 1, parts: single({ first: 0, transform: evenImageTransform }) },
  results: {
    step: 8,
    reach: 8,
    spread: 2,
    parts: phases({ first: 1, transform: evenResultTransform }, { first: 0, transform: oddResultTransform }),
  },
  side: 3,
  weights: [
    phases({ taps: [2, 0], transform: evenWeightTransform }, { taps: [1], transform: oddWeightTransform }),
  ],
}

const evenTaps: TapAxis = { taps: [0, 2, 4, 6], transform: gradientTransform }
const oddTaps: TapAxis = { taps: [1, 3, 5], transform: gradientTransform }

/**
 * 7×7 of stride 2: of four taps along an axis one phase meets all, the other three. F(3×3, 4×4) over the
 * points of F(4×4, 3×3) takes the transforms of its weight gradient. A first layer has three channels, or
 * one, so that phases and not channels fill the vectors.
 */
export const stride2Of7: Form = {
  name: 'stride-2-of-7',
  planes,
  image: { ...plainImage, step: 3, phased: true },
  results: square(3, weightGradientTransform),
  side: 7,
  weights: [
    [
      { rows: evenTaps, columns: evenTaps },
      { rows: evenTaps, columns: oddTaps },
      { rows: oddTaps, columns: evenTaps },
      { rows: oddTaps, columns: oddTaps },
    ],
  ],
}

export const stride1WeightGradient: WeightGradientForm = {
  name: 'stride-1',
  planes,
  image: plainImage,
  gradient: square(4, gradientTransform),
  weights: single({ taps: [0, 1, 2], transform: weightGradientTransform }),
}

export const stride2WeightGradient: WeightGradientForm = {
  name: 'stride-2',
  planes: phasePlanes,
  image: phasedImage,
  gradient: square(4, phaseGradientTransform),
  weights: phases(
    { taps: [0, 2], transform: evenWeightGradientTransform },
    { taps: [1], transform: oddWeightGradientTransform },
  ),
}

/** Along how many channels, counted once for each part, all matrix products run together. */
export function partProducts({ groups }: Planes): number {
  return groups.reduce((sum, group) => sum + group.planes * group.parts, 0)
}
