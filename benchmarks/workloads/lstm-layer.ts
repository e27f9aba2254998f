import { Module } from '@badak/layers'
import { Parameter, randomUniform, stack, type Tensor, zeros } from '@badak/tensor'

/** A long short-term memory over sequences, with the names and the order of gates (i, f, g, o) of PyTorch. */
export class LSTM extends Module {
  readonly weightIhL0: Parameter
  readonly weightHhL0: Parameter
  readonly biasIhL0: Parameter
  readonly biasHhL0: Parameter

  constructor(inputSize: number, hiddenSize: number) {
    super()
    const bound = 1 / Math.sqrt(hiddenSize)
    const parameter = (...shape: readonly number[]): Parameter =>
      new Parameter(randomUniform(shape, { low: -bound, high: bound }))
    this.weightIhL0 = parameter(4 * hiddenSize, inputSize)
    this.weightHhL0 = parameter(4 * hiddenSize, hiddenSize)
    this.biasIhL0 = parameter(4 * hiddenSize)
    this.biasHhL0 = parameter(4 * hiddenSize)
  }

  /** From `[T, N, inputSize]` to the hidden state after each step, `[T, N, hiddenSize]`. */
  forward(x: Tensor): Tensor {
    const [steps, batch, inputSize] = x.shape as [number, number, number]
    const hiddenSize = this.weightHhL0.shape[1]!
    // What the inputs contribute to the gates does not depend on the state: one product for all steps.
    const projected = x
      .reshape([steps * batch, inputSize])
      .matmul(this.weightIhL0.transpose())
      .add(this.biasIhL0.add(this.biasHhL0))
    const recurrent = this.weightHhL0.transpose()
    let hidden: Tensor = zeros([batch, hiddenSize])
    let cell: Tensor = zeros([batch, hiddenSize])
    const outputs = projected.split(steps).map((inputs) => {
      const [i, f, g, o] = hidden.matmul(recurrent).add(inputs).split(4, { axis: 1 })
      cell = f!.sigmoid().mul(cell).add(i!.sigmoid().mul(g!.tanh()))
      hidden = o!.sigmoid().mul(cell.tanh())
      return hidden
    })
    return stack(outputs)
  }
}
