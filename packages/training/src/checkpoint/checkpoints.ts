import { ValueError } from '@badak/tensor'
import { type EpochRecord, figureOf } from '../history.ts'
import { captureRun, restoreRun, type RunParts } from './run-state.ts'
import type { CheckpointStore } from './store.ts'
import { checkCount } from '../arguments.ts'

/** When checkpoints of a run are written, and which are kept. */
export interface CheckpointOptions {
  readonly store: CheckpointStore
  /** After every so many steps; default never. */
  readonly everySteps?: number
  /** After every so many epochs; default 1. A run that is stopped or finished is always written. */
  readonly everyEpochs?: number
  /** How many of the latest are kept; default 2. */
  readonly keep?: number
  /** Which are kept besides because they are good. */
  readonly best?: BestOptions
  /**
   * Whether to go on from the latest checkpoint of the store, if there is one; default false, and then a store
   * that is not empty is refused.
   */
  readonly resume?: boolean
}

/** Which checkpoints are kept because they are good. */
export interface BestOptions {
  /** A figure of the epochs, such as `val_loss`. */
  readonly monitor: string
  /** Whether the least (default) or the greatest figure is best. */
  readonly mode?: 'min' | 'max'
  /** How many; default 1. */
  readonly keep?: number
}

/** The checkpoints of a run: `step-1200` by progress, `best-7` by the number of the epoch. */
export class Checkpoints {
  readonly #options: CheckpointOptions
  readonly #parts: RunParts

  constructor(options: CheckpointOptions, parts: RunParts) {
    const { everySteps = 1, everyEpochs = 1, keep = 2, best } = options
    const counts = { everySteps, everyEpochs, keep, 'best.keep': best?.keep ?? 1 }
    for (const [name, value] of Object.entries(counts)) checkCount('fit', `checkpoint.${name}`, value)
    if (!parts.data.state || !parts.data.restore) {
      throw new ValueError(
        'fit: checkpoints need data that can be resumed, with state() and restore(): a DataLoader has them',
      )
    }
    this.#options = options
    this.#parts = parts
  }

  /** Goes on from the latest checkpoint, if there is one and that is wanted. */
  async begin(): Promise<void> {
    const latest = (await this.#numbered('step')).at(-1)
    if (!latest) return
    if (!this.#options.resume) {
      throw new ValueError(
        `fit: the store already holds ${latest}: go on from it with checkpoint.resume, or use an empty store`,
      )
    }
    await restoreRun(this.#parts, latest, await this.#options.store.read(latest))
  }

  /** After a step. */
  async afterStep(): Promise<void> {
    const { everySteps } = this.#options
    if (everySteps !== undefined && this.#parts.run.step % everySteps === 0) await this.save()
  }

  /** After an epoch. */
  async afterEpoch(record: EpochRecord): Promise<void> {
    const { best, everyEpochs = 1, store } = this.#options
    if (best && this.#isAmongBest(record, best)) {
      await store.write(`best-${record.epoch}`, await captureRun(this.#parts))
      const kept = new Set(this.#ranking(best).map(({ epoch }) => `best-${epoch}`))
      for (const name of await this.#numbered('best')) if (!kept.has(name)) await store.remove(name)
    }
    if (record.epoch % everyEpochs === 0) await this.save()
  }

  /** Writes the run as it is, and forgets what is older than is kept. */
  async save(): Promise<void> {
    const { store, keep = 2 } = this.#options
    await store.write(`step-${this.#parts.run.step}`, await captureRun(this.#parts))
    for (const name of (await this.#numbered('step')).slice(0, -keep)) await store.remove(name)
  }

  #isAmongBest(record: EpochRecord, best: BestOptions): boolean {
    figureOf('fit: checkpoint.best.monitor', record, best.monitor)
    return this.#ranking(best).includes(record)
  }

  /** The best epochs so far, from the history alone: a resumed run knows them too. */
  #ranking({ monitor, mode = 'min', keep = 1 }: BestOptions): EpochRecord[] {
    const sign = mode === 'min' ? 1 : -1
    return this.#parts.run.history.epochs
      .filter((record) => !Number.isNaN(record[monitor]))
      .toSorted((a, b) => sign * (a[monitor]! - b[monitor]!))
      .slice(0, keep)
  }

  async #numbered(prefix: string): Promise<string[]> {
    const names = (await this.#options.store.names()).filter((name) =>
      new RegExp(`^${prefix}-\\d+$`).test(name),
    )
    const number = (name: string): number => Number(name.slice(prefix.length + 1))
    return names.toSorted((a, b) => number(a) - number(b))
  }
}
