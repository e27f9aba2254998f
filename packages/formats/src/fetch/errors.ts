import { BadakError } from '@badak/tensor'

/** No address delivered a file; the message lists what each one did. */
export class DownloadError extends BadakError {
  override name = 'DownloadError'
}

/** What came, or lies in the cache, is another file than the one with this checksum. */
export class ChecksumError extends DownloadError {
  override name = 'ChecksumError'
}

/** A file is not in the cache, and nothing may be fetched. */
export class OfflineError extends DownloadError {
  override name = 'OfflineError'
}
