import type { Generator, Tensor } from '@badak/tensor'

/** What every initializer takes beside the shape. */
export interface InitializerOptions {
  /** Element type of the result; default `float32`. */
  dtype?: 'float32' | 'float64'
  /** The stream that random values come from; default the one that `seed` sets. */
  generator?: Generator
}

/** Makes the first value of a weight: `heNormal([100, 784])`. Layers take one as their option `init`. */
export type Initializer = (shape: readonly number[], options?: InitializerOptions) => Tensor
