import type { Dataset } from '@badak/datasets'
import type { Batch } from '@badak/training'
import type { Description } from '../description.ts'

/** Images to learn from and to be tested on. */
export interface Source extends Pick<Description, 'classes' | 'input' | 'normalisation' | 'preparation'> {
  /** What reports call it. */
  readonly title: string
  /** Batches of `x`: `[B, C, H, W]`, values from 0 to 1, and `t`: the classes. */
  readonly train: Dataset<Batch>
  readonly test: Dataset<Batch>
}

/** What a source is opened with. */
export interface SourceOptions {
  /** Where the files are; undefined: in the cache, in a package, or to be downloaded. */
  readonly directory: string | undefined
  /** So many images of each part, the first; undefined: all. */
  readonly limit: number | undefined
  /** Pixels a side; undefined: as the data have them, or 224. */
  readonly size: number | undefined
  /** Whether the images of a folder are seen in grey. */
  readonly grey: boolean
  /** Whether training images are changed at random, as suits them. */
  readonly augment: boolean
  /** Is told what takes time. */
  readonly announce: (line: string) => void
}
