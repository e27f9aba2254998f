import type { Callback } from '../callbacks/callback.ts'
import { History, type WrittenHistory } from '../history.ts'
import type { Metrics, MetricState } from '../metrics/metric.ts'
import type { TrainingRun } from '../run.ts'
import type { TrainingData } from '../batch.ts'
import type { CheckpointContents } from './store.ts'
import {
  BadakError,
  commit,
  defaultGenerator,
  FormatError,
  type Generator,
  type GeneratorState,
  type Tensor,
  tensor,
} from '@badak/tensor'

/** A learning-rate schedule, as far as a checkpoint is concerned. */
export interface Resumable {
  /** Where it stands; plain JSON. */
  stateDict(): object
  /** Goes on from there. */
  loadStateDict(state: never): void
}

/** Everything that changes while a network is trained. */
export interface RunParts {
  readonly run: TrainingRun
  readonly data: TrainingData<unknown>
  readonly metrics: Metrics
  readonly callbacks: readonly Callback[]
  readonly schedule: Resumable | undefined
  /** Streams of random numbers besides the default one. */
  readonly generators: readonly Generator[]
}

const format = 'badak-run 1'

/** What continuing bit for bit needs: plain JSON in the metadata, the rest as tensors. */
export async function captureRun(parts: RunParts): Promise<CheckpointContents> {
  const { run, data, metrics, callbacks, schedule, generators } = parts
  // What callbacks have left to be carried out belongs to it.
  await commit()
  const { tensors: moments, groups } = run.optimizer.stateDict()
  const states = await Promise.all(
    callbacks.map(async (callback) => [callback.name, await callback.state?.()] as const),
  )
  const written = {
    history: run.history.written(),
    groups,
    data: data.state!(),
    metrics: Object.fromEntries(Object.entries(metrics).map(([name, metric]) => [name, metric.state])),
    // Null is for those that have nothing to remember, or not yet.
    callbacks: Object.fromEntries(
      states.map(([name, state]) => [name, state?.values ?? (state?.tensors ? {} : null)]),
    ),
    schedule: schedule?.stateDict() ?? null,
    generators: [defaultGenerator, ...generators].map(({ state }) => state),
  }
  return {
    tensors: {
      ...prefixed('model.', run.model.stateDict()),
      ...prefixed('optimizer.', moments),
      ...Object.assign(
        {},
        ...states.map(([name, state]) => prefixed(`callbacks.${name}.`, state?.tensors ?? {})),
      ),
      // Losses are float32 already.
      'history.losses': tensor(Float32Array.from(run.history.losses)),
      ...prefixed(
        'history.figures.',
        mapped(run.history.figures, (values) => tensor(Float32Array.from(values))),
      ),
    },
    metadata: {
      format,
      ...Object.fromEntries(Object.entries(written).map(([name, part]) => [name, JSON.stringify(part)])),
    },
  }
}

/**
 * Brings a run to where a checkpoint was written.
 *
 * @throws FormatError, naming the checkpoint, when it is another kind of file or belongs to another training
 */
export async function restoreRun(parts: RunParts, name: string, contents: CheckpointContents): Promise<void> {
  if (contents.metadata['format'] !== format)
    throw new FormatError(`fit: ${name}: not a checkpoint of a training run`)
  try {
    await restoreParts(parts, contents)
  } catch (cause) {
    if (!(cause instanceof BadakError || cause instanceof SyntaxError || cause instanceof TypeError))
      throw cause
    throw new FormatError(`fit: ${name}: does not fit this training: ${cause.message}`, { cause })
  }
  await commit()
}

async function restoreParts(parts: RunParts, { tensors, metadata }: CheckpointContents): Promise<void> {
  const { run, data, metrics, callbacks, schedule, generators } = parts
  const part = (name: string): unknown => {
    const text = metadata[name]
    if (text === undefined) throw new FormatError(`it has no ${name}`)
    return JSON.parse(text) as unknown
  }
  const losses = await tensors['history.losses']?.data()
  if (!losses) throw new FormatError('it has no history.losses')
  const streams = [defaultGenerator, ...generators]
  const states = part('generators') as GeneratorState[]
  if (states.length !== streams.length)
    throw new FormatError(
      `it has ${states.length - 1} generators, the option generators ${streams.length - 1}`,
    )
  run.model.loadStateDict(unprefixed('model.', tensors))
  run.optimizer.loadStateDict({ tensors: unprefixed('optimizer.', tensors), groups: part('groups') as never })
  const figures = await Promise.all(
    Object.entries(unprefixed('history.figures.', tensors)).map(
      async ([name, values]) => [name, await values.data()] as const,
    ),
  )
  run.history = History.restore(
    { losses, figures: Object.fromEntries(figures) },
    part('history') as WrittenHistory,
  )
  const gathered = part('metrics') as Record<string, MetricState>
  for (const [name, metric] of Object.entries(metrics)) if (gathered[name]) metric.state = gathered[name]
  const remembered = part('callbacks') as Record<string, Record<string, unknown> | null>
  for (const callback of callbacks) {
    const values = remembered[callback.name]
    const own = unprefixed(`callbacks.${callback.name}.`, tensors)
    if (values) await callback.restore?.({ values, tensors: own })
  }
  const scheduled = part('schedule')
  if (schedule && scheduled) schedule.loadStateDict(scheduled as never)
  data.restore!(part('data') as object)
  streams.forEach((stream, i) => (stream.state = states[i]!))
}

function mapped<A, B>(named: Readonly<Record<string, A>>, change: (a: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(named).map(([name, value]) => [name, change(value)]))
}

function prefixed(prefix: string, tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, value]) => [prefix + name, value]))
}

function unprefixed(prefix: string, tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const ours = Object.entries(tensors).filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(ours.map(([name, value]) => [name.slice(prefix.length), value]))
}
