import { isModule, type Module } from '@badak/layers'
import { copy, isTensor, keep, type Tensor } from '@badak/tensor'
import { type Histogram, histogramOf } from '../histogram.ts'
import type { TrainingRun } from '../run.ts'
import type { Callback } from './callback.ts'
import { checkCount } from '../arguments.ts'

/** What is gathered, and how often. */
export interface DistributionOptions {
  /** At every so many steps; default 100. */
  everySteps?: number
  /** Default all of them. */
  kinds?: readonly DistributionKind[]
  /** How many bins a histogram has; default 30. */
  bins?: number
}

/** Outputs of layers, gradients of parameters, values of parameters before the update. */
export type DistributionKind = 'activation' | 'gradient' | 'weight'

/** How something was spread in a step. */
export interface DistributionRecord {
  readonly step: number
  readonly kind: DistributionKind
  /** Of the layer or the parameter. */
  readonly name: string
  readonly histogram: Histogram
}

/** A callback that holds what it has gathered. */
export interface Distributions extends Callback {
  /** Of the whole run, in order. */
  readonly records: readonly DistributionRecord[]
}

/**
 * Gathers histograms of activations, gradients and weights while a network is trained: what vanishes, what
 * explodes, what is dead. Put it before `tensorBoard`, which can write them.
 */
export function distributions(options: DistributionOptions = {}): Distributions {
  const { everySteps = 100, kinds = ['activation', 'gradient', 'weight'], bins = 30 } = options
  checkCount('distributions', 'everySteps', everySteps)
  const records: DistributionRecord[] = []
  let watched: { readonly kind: DistributionKind; readonly name: string; readonly values: Tensor }[] = []
  let undo: (() => void)[] = []
  const watch = (kind: DistributionKind, name: string, values: Tensor): void => {
    watched.push({ kind, name, values: keep(copy(values)) })
  }
  const prepare = (run: TrainingRun): void => {
    for (const stop of undo) stop()
    undo = []
    if ((run.step + 1) % everySteps === 0 && kinds.includes('activation')) {
      undo = leavesOf(run.model).map(([name, module]) =>
        module.onForward((_module, _inputs, output) => {
          if (isTensor(output)) watch('activation', name, output)
        }),
      )
    }
  }
  return {
    name: 'distributions',
    records,
    onStart: prepare,
    beforeStep(run) {
      if ((run.step + 1) % everySteps !== 0) return
      for (const [name, parameter] of run.model.namedParameters()) {
        if (kinds.includes('gradient') && parameter.grad) watch('gradient', name, parameter.grad)
        if (kinds.includes('weight')) watch('weight', name, parameter.value)
      }
    },
    async onStep(run) {
      for (const { kind, name, values } of watched) {
        records.push({ step: run.step, kind, name, histogram: histogramOf(await values.data(), bins) })
        values.dispose()
      }
      watched = []
      prepare(run)
    },
    onEnd() {
      for (const stop of undo) stop()
      undo = []
    },
    state: () => ({ values: { records } }),
    restore: ({ values }) =>
      void records.splice(0, records.length, ...(values['records'] as DistributionRecord[])),
  }
}

/** Modules with nothing inside: what a reader calls layers. */
function leavesOf(model: Module): [name: string, module: Module][] {
  return model
    .namedModules()
    .filter(([, module]) => ![...module.members()].some(([, member]) => isModule(member)))
}
