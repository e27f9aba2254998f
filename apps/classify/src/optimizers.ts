import { AdamW, type Optimizer, OneCycleLR, CosineAnnealingLR, SGD } from '@badak/optimizers'
import type { Parameter } from '@badak/tensor'
import type { Schedule } from '@badak/training'

export const optimizerNames = ['sgd', 'adamw'] as const
export type OptimizerName = (typeof optimizerNames)[number]

/** Greatest learning rates unless `--lr` says otherwise: for a network at its beginning, and for one that has learned. */
export const rates: Readonly<Record<OptimizerName, { readonly fresh: number; readonly tuned: number }>> = {
  sgd: { fresh: 0.1, tuned: 0.01 },
  adamw: { fresh: 0.002, tuned: 0.0003 },
}

/** Weight decay unless `--weight-decay` says otherwise. */
export const decays: Readonly<Record<OptimizerName, number>> = { sgd: 5e-4, adamw: 0.05 }

/** An optimizer by its name on the command line. Biases and what scales a normalisation do not decay. */
export function createOptimizer(
  name: OptimizerName,
  parameters: readonly Parameter[],
  { lr, weightDecay }: { readonly lr: number; readonly weightDecay: number },
): Optimizer {
  const trained = parameters.filter(({ requiresGrad }) => requiresGrad)
  const groups = [
    { parameters: trained.filter(({ shape }) => shape.length > 1), weightDecay },
    { parameters: trained.filter(({ shape }) => shape.length <= 1), weightDecay: 0 },
  ].filter(({ parameters }) => parameters.length > 0)
  return name === 'sgd' ? new SGD(groups, { lr, momentum: 0.9, nesterov: true }) : new AdamW(groups, { lr })
}

export const scheduleNames = ['one-cycle', 'cosine', 'constant'] as const
export type ScheduleName = (typeof scheduleNames)[number]

/** A schedule that is stepped after each update. */
export function createSchedule(
  name: ScheduleName,
  optimizer: Optimizer,
  { lr, totalSteps }: { readonly lr: number; readonly totalSteps: number },
): Schedule | undefined {
  switch (name) {
    case 'one-cycle':
      return new OneCycleLR(optimizer, { maxLr: lr, totalSteps, pctStart: 0.25 })
    case 'cosine':
      return new CosineAnnealingLR(optimizer, { tMax: totalSteps })
    case 'constant':
      return undefined
  }
}
