/** Begins each line of a reply: libraries print to standard output too. */
export const MARK = '@bench '

/** What a peer's process is asked to do. Times are in milliseconds. */
export type Request =
  /** Makes a case ready and warms it up, unless one iteration takes longer than `slow`. */
  | {
      readonly command: 'prepare'
      readonly work: string
      readonly case: string
      /** The case itself, for those who cannot look it up. */
      readonly what: unknown
      readonly warmUp: number
      readonly slow: number
    }
  /** Times iterations for `budget`. */
  | { readonly command: 'sample'; readonly budget: number }
  /** Watches memory over `steps` iterations, `limit` at most. */
  | { readonly command: 'grow'; readonly steps: number; readonly limit: number }

export interface Reply {
  readonly error?: string
  /** How long the very first iteration took, all compilation included. */
  readonly first?: number
  readonly times?: readonly number[]
  readonly grown?: { readonly bytes: number; readonly steps: number }
}
