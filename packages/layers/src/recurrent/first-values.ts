import { Parameter } from '@badak/tensor'
import { uniform, type Initializer } from '@badak/initializers'
import type { Recurrence, RecurrentWeights } from './recurrence.ts'

/** What makes the weights of a recurrent layer or cell. */
export interface WeightOptions {
  /** Whether there are biases, one for the inputs and one for the state; default true. */
  bias?: boolean
  /** First value of all weights and biases; default U(±1/√hiddenSize), as in PyTorch. */
  init?: Initializer
}

/** The weights of one layer in one direction. `projSize` is 0 where the hidden state is not projected. */
export function makeWeights(
  { gates }: Recurrence,
  inputSize: number,
  hiddenSize: number,
  projSize: number,
  { bias = true, init = narrow(hiddenSize) }: WeightOptions,
): RecurrentWeights {
  const parameter = (...shape: number[]): Parameter => new Parameter(init(shape))
  const rows = gates * hiddenSize
  return {
    weightIh: parameter(rows, inputSize),
    weightHh: parameter(rows, projSize || hiddenSize),
    ...(bias && { biasIh: parameter(rows), biasHh: parameter(rows) }),
    ...(projSize > 0 && { weightHr: parameter(projSize, hiddenSize) }),
  }
}

function narrow(hiddenSize: number): Initializer {
  const bound = 1 / Math.sqrt(hiddenSize)
  return (shape) => uniform(shape, { low: -bound, high: bound })
}

/** The products of one step with one example. */
export function productsOf(weights: RecurrentWeights): number {
  return weights.weightIh.size + weights.weightHh.size + (weights.weightHr?.size ?? 0)
}
