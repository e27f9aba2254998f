/** Units that are enough to keep many threads busy to the end. */
export const ENOUGH_UNITS = 16

/** Bytes of images that a thread copies into its scratch at a time: they are to stay in level 2. */
export const COPY_BYTES = 192 * 1024

/** Multiply-adds that make a chunk worth being handed out, about 5 µs. */
export const CHUNK_WORK = 1 << 17

/** Units to a chunk, where a unit takes `work` multiply-adds. */
export function grainFor(work: number): number {
  return Math.max(1, Math.ceil(CHUNK_WORK / Math.max(1, work)))
}

/** Memory is handed out in cache lines. */
export function wholeLines(bytes: number): number {
  return 64 * Math.ceil(bytes / 64)
}
