import { FormatError } from '@badak/tensor'

/** What errors of a decoder say. */
export interface DecodeOptions {
  /** What errors call the bytes; default `'bytes'`. */
  readonly file?: string
}

/** How to speak of a file in an error. */
export interface Place {
  /** The public function that was called. */
  readonly operation: string
  /** A path, or 'bytes'. */
  readonly file: string
}

/** @throws FormatError `operation: file: what (offset n)` */
export function refuse({ operation, file }: Place, offset: number, what: string, cause?: unknown): never {
  const options = cause === undefined ? undefined : { cause }
  throw new FormatError(`${operation}: ${file}: ${what} (offset ${offset})`, options)
}

/** The place of a part of a file, such as an entry of an archive. */
export function within(place: Place, part: string): Place {
  return { operation: place.operation, file: `${place.file}: ${part}` }
}
