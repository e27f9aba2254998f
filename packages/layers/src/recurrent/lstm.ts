import type { Tensor } from '@badak/tensor'
import { longShortTerm } from './recurrence.ts'
import { RecurrentLayer, type RecurrentOptions, type SequenceOptions } from './recurrent-layer.ts'

/** How an `LSTM` is built. */
export interface LSTMOptions extends RecurrentOptions {
  /** Size to which the hidden state is projected, below `hiddenSize`; default 0: it is not. */
  projSize?: number
}

/**
 * A long short-term memory, with the gates i, f, g and o in this order: cₜ = σ(f)·cₜ₋₁ + σ(i)·tanh(g),
 * hₜ = σ(o)·tanh(cₜ). PyTorch's `nn.LSTM`.
 *
 * @example
 * ```ts
 * const layer = new LSTM(8, 16)
 * const [output, [hidden, cell]] = layer.forward(randomNormal([5, 3, 8])) // [5, 3, 16], [1, 3, 16] twice
 * ```
 * @see Hochreiter & Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735
 */
export class LSTM extends RecurrentLayer {
  /** @throws ValueError when a size is not an integer ≥ 1 or an option is out of its range */
  constructor(inputSize: number, hiddenSize: number, options: LSTMOptions = {}) {
    super('LSTM', longShortTerm, inputSize, hiddenSize, options)
  }

  /**
   * With L layers, D directions and R = `projSize`, or `hiddenSize` without it:
   *
   * @param x `[T, N, inputSize]`, `[N, T, inputSize]` if `batchFirst`, or one sequence `[T, inputSize]`
   * @param options
   * @param options.state h₀, `[L · D, N, R]`, and c₀, `[L · D, N, hiddenSize]`
   * @returns the outputs of the last layer, `[T, N, D · R]` or `[N, T, …]`, and the last hidden states,
   *   `[L · D, N, R]`, and cell states, `[L · D, N, hiddenSize]`; for one sequence all without the axis N
   * @throws ShapeError when shapes do not fit; DTypeError when lengths are not integers by type
   * @throws ValueError when a length that came from the host is not one from 0 to T
   */
  forward(
    x: Tensor,
    { state, lengths }: SequenceOptions<readonly [hidden: Tensor, cell: Tensor]> = {},
  ): [output: Tensor, state: [hidden: Tensor, cell: Tensor]] {
    const result = this.run(x, state, lengths)
    return [result.output, [result.state[0]!, result.state[1]!]]
  }
}
