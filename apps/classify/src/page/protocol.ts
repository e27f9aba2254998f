import type { Guess } from '../classifier.ts'
import type { Description } from '../description.ts'
import type { Frame } from '../prepare.ts'

/** What a pad or a file gives: to be classified. */
export type Picture =
  | { readonly kind: 'pixels'; readonly width: number; readonly height: number; readonly rgba: ArrayBuffer }
  | { readonly kind: 'file'; readonly file: Blob }

/** What the page asks of the worker. */
export type Request =
  | { readonly kind: 'open'; readonly source: string | Blob }
  | {
      readonly kind: 'look'
      readonly id: number
      readonly picture: Picture
      readonly target: number | undefined
    }

/** Pixels to be painted as they are: red, green, blue, alpha. */
export interface Painting {
  readonly width: number
  readonly height: number
  readonly rgba: ArrayBuffer
}

/** The feature maps of a layer, side by side. */
export interface LayerPainting extends Painting {
  /** Path of the layer in the network. */
  readonly name: string
  readonly channels: number
  /** Pixels of one map. */
  readonly mapWidth: number
  readonly mapHeight: number
}

/** What was seen in a picture. */
export interface Sight {
  readonly guesses: readonly Guess[]
  /** The class that `heat` speaks for. */
  readonly target: number
  /** The image as the network gets it. */
  readonly input: Painting
  /** Grad-CAM, transparent where nothing speaks for the class. */
  readonly heat: Painting
  /** The size of the picture, and where in it the input lies. */
  readonly picture: { readonly width: number; readonly height: number }
  readonly frame: Frame
  readonly layers: readonly LayerPainting[]
  /** Of computation, in milliseconds. */
  readonly took: number
}

/** What the worker answers. */
export type Answer =
  | {
      readonly kind: 'opened'
      readonly description: Description
      readonly parameters: number
      readonly threads: number
    }
  | { readonly kind: 'seen'; readonly id: number; readonly sight: Sight }
  /** There is nothing in the picture. */
  | { readonly kind: 'blank'; readonly id: number }
  | { readonly kind: 'failed'; readonly id: number | undefined; readonly message: string }
