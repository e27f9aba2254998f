import type { Tensor } from '@badak/tensor'
import { checkBetas, type Betas } from './betas.ts'
import { checkNumber, type Update } from './optimizer.ts'
import { followMean, followSquare } from './running-means.ts'
import { type DecayFactor, decayFactors, type WeightDecayOptions } from './weight-decay.ts'

/** What Adam and AdamW, which differ in their defaults alone, go by. */
export interface AdamUpdateOptions extends WeightDecayOptions {
  betas: Betas
  eps: number
  amsgrad: boolean
}

export type AdamFactor =
  | 'freshMean'
  | 'keptSquare'
  | 'freshSquare'
  | 'rootCorrection'
  | 'eps'
  | 'minusStep'
  | DecayFactor

export function checkAdam(name: string, { lr, betas, eps, weightDecay }: AdamUpdateOptions): void {
  checkNumber(name, 'lr', lr, 0)
  checkBetas(name, betas)
  checkNumber(name, 'eps', eps, 0)
  checkNumber(name, 'weightDecay', weightDecay, 0)
}

export function adamMoments(amsgrad: boolean): Readonly<Record<string, number>> {
  return amsgrad ? { exp_avg: 0, exp_avg_sq: 0, max_exp_avg_sq: 0 } : { exp_avg: 0, exp_avg_sq: 0 }
}

export function adamFactors(group: AdamUpdateOptions, step: number): Record<AdamFactor, number> {
  const {
    lr,
    betas: [beta1, beta2],
    eps,
  } = group
  return {
    freshMean: 1 - beta1,
    keptSquare: beta2,
    freshSquare: 1 - beta2,
    rootCorrection: Math.sqrt(1 - beta2 ** step),
    eps,
    minusStep: -lr / (1 - beta1 ** step),
    ...decayFactors(group),
  }
}

export function adamUpdate(
  { value, gradient, moments, factors }: Update<unknown, AdamFactor, DecayFactor>,
  amsgrad: boolean,
): Tensor {
  const g = factors.weightDecay ? gradient.add(value.mul(factors.weightDecay)) : gradient
  const m = followMean(moments['exp_avg']!, g, factors.freshMean)
  let v = followSquare(moments['exp_avg_sq']!, g, factors.keptSquare, factors.freshSquare)
  if (amsgrad) {
    const greatest = moments['max_exp_avg_sq']!
    v = greatest.maximum(v)
    greatest.assign(v)
  }
  const denominator = v.sqrt().div(factors.rootCorrection).add(factors.eps)
  const kept = factors.keptValue ? value.mul(factors.keptValue) : value
  return kept.add(m.mul(factors.minusStep).div(denominator))
}
