import { BadakError } from '@badak/tensor'

/** A data set is in none of the places where it was looked for; the message lists them. */
export class DataNotFoundError extends BadakError {
  override name = 'DataNotFoundError'
}

/** No mirror delivered a file; the message lists what each one did. */
export class DownloadError extends BadakError {
  override name = 'DownloadError'
}
