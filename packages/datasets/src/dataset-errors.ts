import { BadakError } from '@badak/tensor'

/** A data set is in none of the places where it was looked for; the message lists them. */
export class DataNotFoundError extends BadakError {
  override name = 'DataNotFoundError'
}

/** Reading or transforming one sample failed; the message and `index` say which, `cause` why. */
export class SampleError extends BadakError {
  override name = 'SampleError'
  /** Of the sample, in its data set. */
  readonly index: number

  constructor(message: string, { index, cause }: { readonly index: number; readonly cause?: unknown }) {
    super(message, { cause })
    this.index = index
  }
}
