import { Parameter } from '@badak/tensor'
import { uniform, type Initializer } from '@badak/initializers'

/** The weights of one layer in one direction, or of a cell. G gates are in one matrix, one after the other. */
export interface RecurrentWeights {
  /** `[G · H, I]`, for the inputs. */
  readonly weightIh: Parameter
  /** `[G · H, R]`, for the hidden state, of size R: H, or what it is projected to. */
  readonly weightHh: Parameter
  /** `[G · H]`. */
  readonly biasIh?: Parameter
  /** `[G · H]`. */
  readonly biasHh?: Parameter
  /** `[R, H]`, by which the hidden state is projected. */
  readonly weightHr?: Parameter
}

/** What makes the weights of a recurrent layer or cell. */
export interface WeightOptions {
  /** Whether there are biases, one for the inputs and one for the state; default true. */
  bias?: boolean
  /** First value of all weights and biases; default U(±1/√hiddenSize), as in PyTorch. */
  init?: Initializer
}

/** The weights of one layer in one direction. `projSize` is 0 where the hidden state is not projected. */
export function makeWeights(
  gates: number,
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
