// The cells that PyTorch has, under its names.
import type { Tensor } from '@badak/tensor'
import { checkChoice } from '../arguments.ts'
import type { WeightOptions } from './recurrent-weights.ts'
import { gated, longShortTerm, simple } from './recurrence.ts'
import { RecurrentCell } from './recurrent-cell.ts'

/** How an `RNNCell` is built. */
export interface RNNCellOptions extends WeightOptions {
  /** Default `tanh`. */
  nonlinearity?: 'tanh' | 'relu'
}

/** One step of an `RNN` of one layer: `weight_ih`, `weight_hh`, `bias_ih`, `bias_hh`. */
export class RNNCell extends RecurrentCell {
  /** @throws ValueError when a size is not an integer ≥ 1 or the nonlinearity is unknown */
  constructor(inputSize: number, hiddenSize: number, options: RNNCellOptions = {}) {
    const { nonlinearity = 'tanh' } = options
    checkChoice('RNNCell', 'nonlinearity', nonlinearity, ['tanh', 'relu'])
    super('RNNCell', simple(nonlinearity), inputSize, hiddenSize, options)
  }

  /**
   * @param x `[N, inputSize]`
   * @param hidden `[N, hiddenSize]`; default zeros
   * @returns the hidden state after the step, `[N, hiddenSize]`
   * @throws ShapeError when shapes do not fit
   */
  forward(x: Tensor, hidden?: Tensor): Tensor {
    return this.advance(x, hidden && [hidden])[0]!
  }
}

/** One step of a `GRU` of one layer: `weight_ih`, `weight_hh`, `bias_ih`, `bias_hh`. */
export class GRUCell extends RecurrentCell {
  /** @throws ValueError when a size is not an integer ≥ 1 */
  constructor(inputSize: number, hiddenSize: number, options: WeightOptions = {}) {
    super('GRUCell', gated, inputSize, hiddenSize, options)
  }

  /**
   * @param x `[N, inputSize]`
   * @param hidden `[N, hiddenSize]`; default zeros
   * @returns the hidden state after the step, `[N, hiddenSize]`
   * @throws ShapeError when shapes do not fit
   */
  forward(x: Tensor, hidden?: Tensor): Tensor {
    return this.advance(x, hidden && [hidden])[0]!
  }
}

/** One step of an `LSTM` of one layer: `weight_ih`, `weight_hh`, `bias_ih`, `bias_hh`. */
export class LSTMCell extends RecurrentCell {
  /** @throws ValueError when a size is not an integer ≥ 1 */
  constructor(inputSize: number, hiddenSize: number, options: WeightOptions = {}) {
    super('LSTMCell', longShortTerm, inputSize, hiddenSize, options)
  }

  /**
   * @param x `[N, inputSize]`
   * @param state hidden and cell state, `[N, hiddenSize]` each; default zeros
   * @returns both after the step
   * @throws ShapeError when shapes do not fit
   */
  forward(x: Tensor, state?: readonly [hidden: Tensor, cell: Tensor]): [hidden: Tensor, cell: Tensor] {
    const [hidden, cell] = this.advance(x, state)
    return [hidden!, cell!]
  }
}
