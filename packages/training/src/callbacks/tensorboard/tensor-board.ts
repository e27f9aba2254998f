import { builtin } from '../../builtin.ts'
import type { StepRecord } from '../../history.ts'
import { AppendFile } from '../append-file.ts'
import type { Callback } from '../callback.ts'
import type { DistributionRecord, Distributions } from '../distributions.ts'
import { encodeEvent, encodeFileVersion, type SummaryValue } from './events.ts'

/** What is written for TensorBoard. */
export interface TensorBoardOptions {
  /** Losses and learning rates are written at every so many steps; default 1. */
  everySteps?: number
  /** What `distributions` gathers is written as histograms. */
  distributions?: Distributions
}

/**
 * An event file for TensorBoard in `directory`: losses by step, every figure of the epochs, histograms. In
 * Node, Deno and Bun. Look at it with `tensorboard --logdir directory`.
 */
export function tensorBoard(directory: string, options: TensorBoardOptions = {}): Callback {
  const { everySteps = 1, distributions } = options
  const { join } = builtin('node:path', 'tensorBoard')
  let file: AppendFile | undefined
  const write = (step: number, values: readonly SummaryValue[]): void =>
    file!.write(encodeEvent(Date.now() / 1000, step, values))
  return {
    name: 'tensorBoard',
    onStart() {
      if (file) return
      file = new AppendFile(join(directory, eventFileName()), 'tensorBoard')
      file.create({})
      file.write(encodeFileVersion(Date.now() / 1000))
    },
    onStep(_, record) {
      if (record.step % everySteps === 0) write(record.step, scalarsOf(record))
      const fresh = distributions?.records.filter(({ step }) => step === record.step) ?? []
      if (fresh.length > 0) write(record.step, fresh.map(histogramOfRecord))
    },
    onEpochEnd(_, { epoch, step, ...figures }) {
      const values = Object.entries({ ...figures, epoch }).map(([name, scalar]) => ({
        tag: `epoch/${name}`,
        scalar,
      }))
      write(step, values)
    },
    onEnd: () => file?.close(),
    state: () => (file ? { values: { path: file.path, length: file.length } } : {}),
    restore({ values }) {
      file = new AppendFile(values['path'] as string, 'tensorBoard')
      file.reopen(values['length'] as number)
    },
  }
}

function scalarsOf({ loss, lr }: StepRecord): SummaryValue[] {
  return [
    { tag: 'step/loss', scalar: loss },
    { tag: 'step/lr', scalar: lr },
  ]
}

function histogramOfRecord({ kind, name, histogram }: DistributionRecord): SummaryValue {
  return { tag: `${kind}/${name}`, histogram }
}

/** TensorBoard recognises event files by this form of name. */
function eventFileName(): string {
  const unique = Math.floor(Math.random() * 2 ** 32).toString(36)
  return `events.out.tfevents.${Math.floor(Date.now() / 1000)}.badak.${unique}`
}
