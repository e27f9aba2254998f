import type { Image } from '@badak/images'

/** One sample, as far as a person wants to see it. */
export interface Sample {
  readonly image: Image
  /** Class of the whole image, where it has one. */
  readonly label?: number
  /** The class of each pixel. */
  readonly mask?: Image
  /** What is where in it. */
  readonly objects?: readonly SampleObject[]
  /** What it shows, in words. */
  readonly caption?: string
}

interface SampleObject {
  readonly box: readonly [number, number, number, number]
  readonly label: number
  /** Pixels that are seen of it, and the share of it that they are. */
  readonly area?: number
  readonly visibility?: number
}

/** A split of a data set, opened. */
export interface OpenDataSet {
  readonly length: number
  /** What labels mean, from 0. */
  readonly classes: readonly string[]
  get(index: number): Sample | Promise<Sample>
}

/** What the command line says of a data set. */
export interface OpenOptions {
  /** Where its files are. */
  readonly directory: string | undefined
  readonly seed: number
  /** Height and width, where one can choose them. */
  readonly size: number | undefined
}

/** A row of the table in data-sets.ts. */
export interface DataSet {
  readonly name: string
  /** What it is, for a list. */
  readonly about: string
  readonly splits: readonly string[]
  /** @param split one of `splits` */
  open(split: string, options: OpenOptions): Promise<OpenDataSet>
}
