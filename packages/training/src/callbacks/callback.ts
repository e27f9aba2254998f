import type { Tensor } from '@badak/tensor'
import type { TrainingRun } from '../run.ts'
import type { EpochRecord, StepRecord } from '../history.ts'

/** What a callback remembers; it travels in checkpoints. */
export interface CallbackState {
  /** Plain JSON. */
  readonly values?: Readonly<Record<string, unknown>>
  readonly tensors?: Readonly<Record<string, Tensor>>
}

/**
 * Something that is done while a network is trained. `fit` calls what is there, in the order of the list, and
 * waits for it.
 *
 * @example
 * ```ts
 * const shout: Callback = {
 *   name: 'shout',
 *   onEpochEnd: (run, { loss }) => console.log(`epoch ${run.epoch}: ${loss}!`),
 * }
 * ```
 */
export interface Callback {
  /** Under this name its state is kept in checkpoints: one of a kind in a run. */
  readonly name: string
  /** Before the first step, after a resume. */
  onStart?(run: TrainingRun): void | Promise<void>
  /** Before the first step of an epoch, or of what is left of it after a resume. */
  onEpochStart?(run: TrainingRun): void | Promise<void>
  /**
   * When the gradients of a step are there and nothing has been computed: what is marked with `keep` here is
   * computed along with the step, and can be read in `onStep`.
   */
  beforeStep?(run: TrainingRun): void
  /** After each update. */
  onStep?(run: TrainingRun, record: StepRecord): void | Promise<void>
  /** After an epoch and its validation. */
  onEpochEnd?(run: TrainingRun, record: EpochRecord): void | Promise<void>
  /** When training ends, finished, stopped or failed. */
  onEnd?(run: TrainingRun): void | Promise<void>
  /** What is to be remembered. */
  state?(): CallbackState | Promise<CallbackState>
  /** Goes on from what was remembered. */
  restore?(state: Required<CallbackState>): void | Promise<void>
}
