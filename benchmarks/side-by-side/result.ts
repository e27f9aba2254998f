/** One peer on one case: a time, another amount (bytes), or why there is none. */
export interface Result {
  readonly work: string
  readonly case: string
  readonly peer: string
  readonly threads: number
  /** Median of one result. */
  readonly milliseconds?: number
  readonly bytes?: number
  /** How many steps `bytes` is about. */
  readonly steps?: number
  readonly error?: string
}

/** What the machine can do at most, measured in the same run. */
export interface Limits {
  readonly threads: number
  /** GFLOP/s of the micro-kernel's inner loop with its panels in cache, all threads together. */
  readonly gigaflops: number
  /** GB/s of a copy beyond the caches, bytes read and written, all threads together. */
  readonly gigabytes: number
}
