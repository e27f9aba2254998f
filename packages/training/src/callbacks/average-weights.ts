import type { WeightAverage } from '@badak/optimizers'
import { commit } from '@badak/tensor'
import type { Callback } from './callback.ts'

/** What becomes of the averages. */
export interface AverageWeightsOptions {
  /** Whether the model has them in the end (default) or the weights of training. */
  apply?: boolean
}

/**
 * Takes the weights into an average after each update: an `ExponentialMovingAverage` or a
 * `StochasticWeightAverage` of `@badak/optimizers`. Checkpoints hold both.
 */
export function averageWeights(
  average: WeightAverage,
  { apply = true }: AverageWeightsOptions = {},
): Callback {
  return {
    name: 'averageWeights',
    onStep: () => average.update(),
    async onEnd() {
      if (apply) average.apply()
      await commit()
    },
    state() {
      const { tensors, updates } = average.stateDict()
      return { values: { updates }, tensors }
    },
    restore: ({ values, tensors }) =>
      average.loadStateDict({ tensors, updates: values['updates'] as number }),
  }
}
