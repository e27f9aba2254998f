import type { AccessSpec, LaneType } from '../body/spec.ts'

/** Neighbouring lines that one unit takes together, where they are neighbours in memory. */
export const COLUMNS = 64

/** What the code depends on; numbers are positions in the argument block. */
export interface ScatterSpec {
  readonly dtype: Exclude<LaneType, 'float16'>
  /** Axes that units count through: all but the scattered one, the last of them in blocks. */
  readonly outer: readonly number[]
  /** Size of the last axis, 1 if that is the scattered one. */
  readonly width: number
  readonly count: number
  readonly size: number
  readonly report: number
  readonly step: number
  readonly updates: AccessSpec
  readonly index: AccessSpec
  readonly store: AccessSpec
}
