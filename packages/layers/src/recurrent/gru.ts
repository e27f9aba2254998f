import type { Tensor } from '@badak/tensor'
import { gated } from './recurrence.ts'
import { RecurrentLayer, type RecurrentOptions, type SequenceOptions } from './recurrent-layer.ts'

/**
 * A network of gated recurrent units, with the gates r, z and n in this order:
 * hₜ = (1 − z)·n + z·hₜ₋₁, n = tanh(Wₙ·xₜ + bₙ + r·(Uₙ·hₜ₋₁ + dₙ)). PyTorch's `nn.GRU`.
 *
 * @example
 * ```ts
 * const layer = new GRU(8, 16, { bidirectional: true })
 * const [output, state] = layer.forward(randomNormal([5, 3, 8]), { lengths: [5, 2, 4] }) // [5, 3, 32], [2, 3, 16]
 * ```
 * @see Cho et al. 2014, arXiv:1406.1078
 */
export class GRU extends RecurrentLayer {
  /** @throws ValueError when a size is not an integer ≥ 1 or an option is out of its range */
  constructor(inputSize: number, hiddenSize: number, options: RecurrentOptions = {}) {
    super('GRU', gated, inputSize, hiddenSize, { ...options, projSize: 0 })
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
