import { readZip } from './zip.ts'

/** How an archive is read. */
export interface OpenZipOptions {
  /** What errors call the archive; default `'bytes'`. */
  readonly file?: string
  /** The public function that was called, in errors; default `'openZip'`. */
  readonly operation?: string
  /** How many bytes its files may take when they are inflated; default 1 GiB, or 16 times the archive. */
  readonly maxBytes?: number
}

/**
 * The files in a zip archive, by name: each entry is a function that gives its bytes, inflated and compared with their
 * checksum. Names that would leave the archive, entries that overlap, and sizes that lie are refused.
 *
 * @throws FormatError, with the offset, when the bytes are not what the directory of the archive says
 *
 * @example
 * ```ts
 * const readme = openZip(bytes).get('README.md')?.()
 * ```
 */
export function openZip(
  bytes: Uint8Array,
  {
    file = 'bytes',
    operation = 'openZip',
    maxBytes = Math.max(2 ** 30, 16 * bytes.length),
  }: OpenZipOptions = {},
): ReadonlyMap<string, () => Uint8Array> {
  const zip = readZip(bytes, { operation, file }, maxBytes)
  const read = [...zip.entries.values()].map((entry) => {
    return [
      entry.name,
      () => {
        const data = zip.read(entry)
        zip.checkSum(entry, data)
        return data
      },
    ] as const
  })
  return new Map(read)
}
