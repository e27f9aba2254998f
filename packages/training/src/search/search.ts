import { Generator, NumericError, ValueError } from '@badak/tensor'
import type { Parameters, Space } from './space.ts'
import { randomSearch, type Strategy } from './strategies.ts'
import { Study, type StudyEvent } from './study.ts'
import { describeSpace, openStudy, type StudyStore } from './study-file.ts'
import type { Direction, Pruner } from './successive-halving.ts'
import type { Objective, RunningTrial, Trial } from './trial.ts'
import { inWorker, type WorkerLike } from './workers.ts'
import { checkCount } from '../arguments.ts'

/** What is searched, and how. */
export interface SearchOptions<S extends Space> {
  readonly space: S
  /** Measures a choice, in this thread. Either this or `worker`. */
  readonly objective?: Objective<Parameters<S>>
  /** Makes a worker whose module calls `serveObjective`: trials run in parallel. */
  readonly worker?: () => WorkerLike
  /** How many workers; default 2. */
  readonly workers?: number
  /** Default `minimize`. */
  readonly direction?: Direction
  /** Default `randomSearch()`. */
  readonly strategy?: Strategy
  /** Gives up trials on their way; default none. */
  readonly pruner?: Pruner
  /** How many trials in all, those of a study that goes on included; default what the strategy has. */
  readonly trials?: number
  /** Default 0. */
  readonly seed?: number
  /** Where the study is kept; default: only in memory. */
  readonly store?: StudyStore
  /** Called when a trial has ended. */
  readonly onTrial?: (trial: Trial, study: Study<S>) => void
  /** Begins no further trials once it is aborted; those that run are waited for. */
  readonly signal?: AbortSignal
}

/**
 * Looks for good hyper-parameters: runs trials, each with other values, and compares what they measure on
 * validation data. Test data must stay out of it: what it has helped to choose it can no longer judge.
 *
 * The values of a trial are a function of the seed, its number and, for strategies that learn, of the trials
 * that ended before. A study that was killed goes on: trials that had not ended begin again with the values
 * that they had. A trial that throws a `NumericError`, because it diverged, has failed and the search goes on;
 * any other error ends the search.
 *
 * @throws ValueError when an option does not fit; FormatError when the store holds another study
 * @example
 * ```ts
 * const study = await search({
 *   space: { lr: logUniform(1e-6, 1e-2), weightDecay: logUniform(1e-8, 1e-4) },
 *   objective: async ({ lr, weightDecay }, trial) => trainAndValidate(lr, weightDecay, trial),
 *   direction: 'maximize',
 *   trials: 100,
 *   store: studyFile('runs/study.jsonl'),
 * })
 * study.best!.parameters.lr
 * ```
 */
export async function search<S extends Space>(options: SearchOptions<S>): Promise<Study<S>> {
  const {
    space,
    direction = 'minimize',
    strategy = randomSearch(),
    seed = 0,
    store,
    objective,
    worker,
  } = options
  if ((objective === undefined) === (worker === undefined))
    throw new ValueError('search: give either objective or worker')
  const trials = options.trials ?? strategy.size?.(space)
  if (trials === undefined) throw new ValueError(`search: say how many trials: ${strategy.name} has no end`)
  checkCount('search', 'trials', trials)
  const workers = worker ? (options.workers ?? 2) : 1
  checkCount('search', 'workers', workers)
  const study = new Study(space, direction)
  if (store) {
    const about = { space: describeSpace(space), direction, strategy: strategy.name, seed }
    for (const event of await openStudy(store, about)) study.apply(event)
  }
  const running = new Search(options, study, strategy, seed, trials)
  await running.run(workers)
  return study
}

class Search<S extends Space> {
  readonly #options: SearchOptions<S>
  readonly #study: Study<S>
  readonly #strategy: Strategy
  readonly #seed: number
  readonly #trials: number
  /** Trials that have been taken up in this process. */
  readonly #taken = new Set<number>()
  #failure: { readonly error: unknown } | undefined

  constructor(options: SearchOptions<S>, study: Study<S>, strategy: Strategy, seed: number, trials: number) {
    this.#options = options
    this.#study = study
    this.#strategy = strategy
    this.#seed = seed
    this.#trials = trials
  }

  async run(workers: number): Promise<void> {
    const { worker, objective } = this.#options
    const lanes = Array.from({ length: workers }, () =>
      worker ? inWorker(worker) : { objective: objective as Objective<never>, close(): void {} },
    )
    try {
      await Promise.all(lanes.map((lane) => this.#work(lane.objective as Objective<Parameters<S>>)))
    } finally {
      for (const lane of lanes) lane.close()
    }
    if (this.#failure) throw this.#failure.error
  }

  async #work(objective: Objective<Parameters<S>>): Promise<void> {
    for (;;) {
      if (this.#failure || this.#options.signal?.aborted) return
      const number = this.#next()
      if (number === undefined) return
      await this.#try(number, objective)
    }
  }

  /** The first trial that has not ended and is not being worked on. */
  #next(): number | undefined {
    for (let number = 0; number < this.#trials; number++) {
      const status = this.#study.trials[number]?.status
      if (this.#taken.has(number) || (status !== undefined && status !== 'running')) continue
      this.#taken.add(number)
      return number
    }
    return undefined
  }

  async #try(number: number, objective: Objective<Parameters<S>>): Promise<void> {
    // A stream of its own for every trial of every seed.
    const generator = new Generator((BigInt(this.#seed) << 32n) + BigInt(number))
    const seed = generator.integers(2 ** 31)
    const before = this.#study.trials[number]?.parameters as Parameters<S> | undefined
    const { space, ranking } = this.#study
    const parameters = before ?? this.#strategy.suggest({ space, number, ranking, generator })
    this.#note({
      event: 'begin',
      trial: number,
      parameters: parameters,
    })
    let pruned = false
    const trial: RunningTrial = {
      number,
      seed,
      report: async (progress, value) => {
        pruned ||= !this.#report(number, progress, value)
        return !pruned
      },
    }
    try {
      const value = await objective(parameters, trial)
      const last = this.#study.trials[number]!.reports.at(-1)?.value
      this.#end(
        number,
        pruned ? { status: 'pruned', value: last! } : { status: 'finished', value: checked(value) },
      )
    } catch (error) {
      this.#end(number, { status: 'failed', error: error instanceof Error ? error.message : String(error) })
      if (!(error instanceof NumericError)) this.#failure ??= { error }
    }
  }

  /** Notes a report; whether the trial should go on. */
  #report(number: number, progress: number, value: number): boolean {
    const trial = this.#study.trials[number]!
    const { pruner } = this.#options
    const goOn = pruner?.goOn({ progress, value }, trial, this.#study.trials, this.#study.direction) ?? true
    this.#note({ event: 'report', trial: number, progress, value })
    return goOn
  }

  #end(
    number: number,
    outcome: { status: 'finished' | 'pruned'; value: number } | { status: 'failed'; error: string },
  ): void {
    this.#note({ event: 'end', trial: number, ...outcome })
    this.#options.onTrial?.(this.#study.trials[number]!, this.#study)
  }

  #note(event: StudyEvent): void {
    this.#study.apply(event)
    this.#options.store?.append(event)
  }
}

function checked(value: unknown): number {
  if (typeof value === 'number') return value
  throw new ValueError(`search: the objective gives no number: ${String(value)}`)
}
