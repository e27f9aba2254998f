import type { Tensor } from '@badak/tensor'
import { checkChoice } from '../arguments.ts'
import { simple } from './recurrence.ts'
import { RecurrentLayer, type RecurrentOptions, type SequenceOptions } from './recurrent-layer.ts'

/** How an `RNN` is built. */
export interface RNNOptions extends RecurrentOptions {
  /** Default `tanh`. */
  nonlinearity?: 'tanh' | 'relu'
}

/**
 * A simple recurrent network: hₜ = tanh(Wᵢₕ·xₜ + bᵢₕ + Wₕₕ·hₜ₋₁ + bₕₕ). PyTorch's `nn.RNN`.
 *
 * @example
 * ```ts
 * const layer = new RNN(8, 16, { numLayers: 2 })
 * const [output, state] = layer.forward(randomNormal([5, 3, 8])) // [5, 3, 16], [2, 3, 16]
 * ```
 * @see Elman 1990, doi:10.1207/s15516709cog1402_1
 */
export class RNN extends RecurrentLayer {
  /** @throws ValueError when a size is not an integer ≥ 1 or an option is out of its range */
  constructor(inputSize: number, hiddenSize: number, options: RNNOptions = {}) {
    const { nonlinearity = 'tanh' } = options
    checkChoice('RNN', 'nonlinearity', nonlinearity, ['tanh', 'relu'])
    super('RNN', simple(nonlinearity), inputSize, hiddenSize, { ...options, projSize: 0 })
  }

  /**
   * With L layers and D directions:
   *
   * @param x `[T, N, inputSize]`, `[N, T, inputSize]` if `batchFirst`, or one sequence `[T, inputSize]`
   * @param options
   * @param options.state h₀, `[L · D, N, hiddenSize]`
   * @returns the outputs of the last layer, `[T, N, D · hiddenSize]` or `[N, T, …]`, and the last hidden
   *   states, `[L · D, N, hiddenSize]`; for one sequence both without the axis N
   * @throws ShapeError when shapes do not fit; DTypeError when lengths are not integers by type
   * @throws ValueError when a length that came from the host is not one from 0 to T
   */
  forward(x: Tensor, { state, lengths }: SequenceOptions<Tensor> = {}): [output: Tensor, state: Tensor] {
    const result = this.run(x, state && [state], lengths)
    return [result.output, result.state[0]!]
  }
}
