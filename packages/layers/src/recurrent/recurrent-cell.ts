import { ShapeError, ValueError, isTensor, zeros } from '@badak/tensor'
import type { Parameter, Tensor } from '@badak/tensor'
import { checkCount, show } from '../arguments.ts'
import { linear } from '../linear/linear.ts'
import { Module } from '../module/module.ts'
import { makeWeights, productsOf, type WeightOptions } from './recurrent-weights.ts'
import type { Recurrence } from './recurrence.ts'

/** What RNNCell, LSTMCell and GRUCell share: one step of one layer, for loops of your own. */
export abstract class RecurrentCell extends Module {
  readonly weightIh: Parameter
  readonly weightHh: Parameter
  readonly biasIh?: Parameter
  readonly biasHh?: Parameter
  readonly #kind: string
  readonly #recurrence: Recurrence

  /**
   * @param kind what errors and summaries call it
   * @param recurrence what a step does
   * @param inputSize features of an input
   * @param hiddenSize features of a state
   * @param options
   * @throws ValueError when a size is not an integer ≥ 1
   */
  constructor(
    kind: string,
    recurrence: Recurrence,
    inputSize: number,
    hiddenSize: number,
    options: WeightOptions,
  ) {
    super()
    checkCount(kind, 'inputSize', inputSize)
    checkCount(kind, 'hiddenSize', hiddenSize)
    this.#kind = kind
    this.#recurrence = recurrence
    const { weightIh, weightHh, biasIh, biasHh } = makeWeights(
      recurrence.gates,
      inputSize,
      hiddenSize,
      0,
      options,
    )
    this.weightIh = weightIh
    this.weightHh = weightHh
    if (biasIh) this.biasIh = biasIh
    if (biasHh) this.biasHh = biasHh
  }

  /** @returns the state after the step */
  abstract override forward(...inputs: never[]): unknown

  /**
   * The states after the step, `[N, hiddenSize]` each, for the `forward` of a subclass.
   *
   * @throws ShapeError when shapes do not fit
   * @internal
   */
  protected advance(x: Tensor, state: readonly Tensor[] | undefined): readonly Tensor[] {
    const [inputSize, hiddenSize] = [this.weightIh.shape[1]!, this.weightHh.shape[1]!]
    if (x.rank !== 2 || x.shape[1] !== inputSize)
      throw new ShapeError(`${this.#kind}: input is not [N, ${inputSize}]: ${show(x.shape)}`)
    const expected = [x.shape[0]!, hiddenSize]
    const before = this.#recurrence.states.map((what, s) => {
      const given = state ? state[s] : zeros(expected, { dtype: this.weightIh.dtype })
      if (!isTensor(given)) throw new ValueError(`${this.#kind}: ${what} is no tensor: ${typeof given}`)
      if (show(given.shape) === show(expected)) return given
      throw new ShapeError(`${this.#kind}: ${what} is not ${show(expected)}: ${show(given.shape)}`)
    })
    const { bias, step } = this.#recurrence.begin(this)
    return step(linear(x, this.weightIh, bias), before)
  }

  /** Weights times inputs and states. */
  override multiplyAdds(_output: never, x: Tensor): number {
    return x.shape[0]! * productsOf(this)
  }

  override toString(): string {
    return `${this.#kind}(${this.weightIh.shape[1]}, ${this.weightHh.shape[1]})`
  }
}
