import { ShapeError, ValueError, concat, isTensor, stack, where, zeros } from '@badak/tensor'
import type { Generator, Parameter, Tensor } from '@badak/tensor'
import { checkCount, show } from '../arguments.ts'
import { dropout } from '../dropout/dropout.ts'
import { checkProbability } from '../dropout/dropout-layer.ts'
import { readLengths, runningSteps, type Lengths } from '../lengths.ts'
import { Module } from '../module/module.ts'
import { makeWeights, productsOf, type RecurrentWeights, type WeightOptions } from './recurrent-weights.ts'
import type { Recurrence } from './recurrence.ts'
import { unroll } from './unroll.ts'

/** How a recurrent network is built. */
export interface RecurrentOptions extends WeightOptions {
  /** How many layers are stacked, each on the outputs of the one below; default 1. */
  numLayers?: number
  /** Whether a second set of weights reads the sequence backwards, its outputs beside those of the first; default false. */
  bidirectional?: boolean
  /**
   * Whether inputs and outputs are `[N, T, …]`; default false, as in PyTorch: `[T, N, …]`, in which a step
   * lies in one piece. States have the same shapes either way.
   */
  batchFirst?: boolean
  /** Probability that an output of a layer is dropped on its way to the next, in training; default 0. */
  dropout?: number
  /** The stream that decides what is dropped; default the one that `seed` sets. */
  generator?: Generator
}

/** What a sequence begins with, and where it ends. */
export interface SequenceOptions<State> {
  /** What the steps begin with; default zeros. */
  state?: State | undefined
  /**
   * How many steps each example has, from 0 to T; default T for all. Steps after them change no state, their
   * outputs are 0, and whatever stands there has no influence: PyTorch's `pack_padded_sequence`, in any
   * order of lengths. The direction that reads backwards begins at the end of each example.
   */
  lengths?: Lengths | undefined
}

/**
 * What RNN, LSTM and GRU share. With L layers and D directions (1, or 2 if bidirectional), the weights are
 * `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, those of the direction that reads backwards
 * `weight_ih_l0_reverse` and so on, then those of layer 1, as in PyTorch.
 *
 * The steps are one graph, planned when a T occurs for the first time: pad sequences to a few lengths. A
 * graph has at most 20,000 operations in a row, in training about 20 for each step and layer: T · L ≤ 1,000.
 */
export abstract class RecurrentLayer extends Module {
  readonly inputSize: number
  readonly hiddenSize: number
  readonly numLayers: number
  readonly bidirectional: boolean
  readonly batchFirst: boolean
  readonly dropout: number
  /** Size of the hidden state and of the outputs of one direction. */
  readonly outputSize: number
  /** Of layer 0, of layer 0 backwards, of layer 1 … */
  readonly weights: readonly RecurrentWeights[]
  readonly #kind: string
  readonly #recurrence: Recurrence
  readonly #generator: Generator | undefined

  /**
   * @param kind what errors and summaries call it
   * @param recurrence what a step does
   * @param inputSize features of an input
   * @param hiddenSize features of a state
   * @param options
   * @param options.projSize to what the hidden state is projected; default 0: it is not
   * @throws ValueError when a size is not an integer ≥ 1 or an option is out of its range
   */
  constructor(
    kind: string,
    recurrence: Recurrence,
    inputSize: number,
    hiddenSize: number,
    options: RecurrentOptions & { projSize?: number },
  ) {
    super()
    const { numLayers = 1, bidirectional = false, batchFirst = false, dropout = 0, projSize = 0 } = options
    checkCount(kind, 'inputSize', inputSize)
    checkCount(kind, 'hiddenSize', hiddenSize)
    checkCount(kind, 'numLayers', numLayers)
    checkProbability(kind, dropout)
    if (!(Number.isSafeInteger(projSize) && projSize >= 0 && projSize < hiddenSize))
      throw new ValueError(`${kind}: projSize is not an integer from 0 to ${hiddenSize - 1}: ${projSize}`)
    this.#kind = kind
    this.#recurrence = recurrence
    this.#generator = options.generator
    this.inputSize = inputSize
    this.hiddenSize = hiddenSize
    this.numLayers = numLayers
    this.bidirectional = bidirectional
    this.batchFirst = batchFirst
    this.dropout = dropout
    this.outputSize = projSize || hiddenSize
    const directions = bidirectional ? 2 : 1
    this.weights = Array.from({ length: numLayers * directions }, (_, k) =>
      makeWeights(
        recurrence.gates,
        k < directions ? inputSize : directions * this.outputSize,
        hiddenSize,
        projSize,
        options,
      ),
    )
  }

  /** @returns the outputs, and the states after the last step */
  abstract override forward(...inputs: never[]): unknown

  override *members(): Iterable<readonly [string, Parameter]> {
    const directions = this.bidirectional ? 2 : 1
    for (const [k, weights] of this.weights.entries()) {
      const place = `l${Math.floor(k / directions)}${k % directions === 1 ? '_reverse' : ''}`
      yield [`weight_ih_${place}`, weights.weightIh]
      yield [`weight_hh_${place}`, weights.weightHh]
      if (weights.biasIh) yield [`bias_ih_${place}`, weights.biasIh]
      if (weights.biasHh) yield [`bias_hh_${place}`, weights.biasHh]
      if (weights.weightHr) yield [`weight_hr_${place}`, weights.weightHr]
    }
  }

  /**
   * The outputs of the last layer, and each state of all layers and directions after its last step,
   * `[L · D, N, …]`, for the `forward` of a subclass.
   *
   * @throws ShapeError when shapes do not fit; DTypeError when lengths are not integers by type
   * @throws ValueError when a length that came from the host is not one from 0 to T
   * @internal
   */
  protected run(
    x: Tensor,
    initial: readonly Tensor[] | undefined,
    lengths: Lengths | undefined,
  ): { output: Tensor; state: Tensor[] } {
    this.#checkInput(x, lengths)
    const batched = x.rank === 3
    const sequence = batched ? this.#swap(x) : x.unsqueeze(1)
    const states = this.#initialStates(initial, sequence.shape[1]!, batched)
    const { output, finals } = this.#layers(sequence, states, lengths)
    const state = this.#recurrence.states.map((_, s) => stack(finals.map((final) => final[s]!)))
    if (!batched) return { output: output.squeeze(1), state: state.map((value) => value.squeeze(1)) }
    return { output: this.#swap(output), state }
  }

  /** Weights times inputs and states, at every step. */
  override multiplyAdds(_output: never, x: Tensor): number {
    return (x.size / this.inputSize) * this.weights.reduce((sum, weights) => sum + productsOf(weights), 0)
  }

  override toString(): string {
    const options = [
      ...(this.outputSize === this.hiddenSize ? [] : [`projSize: ${this.outputSize}`]),
      ...(this.numLayers > 1 ? [`numLayers: ${this.numLayers}`] : []),
      ...(this.bidirectional ? ['bidirectional: true'] : []),
    ]
    const described = options.length > 0 ? `, { ${options.join(', ')} }` : ''
    return `${this.#kind}(${this.inputSize}, ${this.hiddenSize}${described})`
  }

  /** From `[T, N, I]` to `[T, N, D · R]`, and the last states. */
  #layers(
    x: Tensor,
    states: readonly (readonly Tensor[])[],
    lengths: Lengths | undefined,
  ): { output: Tensor; finals: (readonly Tensor[])[] } {
    const [T, N] = x.shape as [number, number]
    const known = lengths && readLengths(this.#kind, 'lengths', lengths, N, T)
    const running = known && runningSteps(known, T)
    // What is in the padding would reach the gradients of the weights, be it NaN.
    let output = running ? where(running.all, x, 0) : x
    const directions = this.bidirectional ? [false, true] : [false]
    const finals: (readonly Tensor[])[] = []
    for (let layer = 0; layer < this.numLayers; layer++) {
      if (layer > 0 && this.training) output = dropout(output, this.dropout, { generator: this.#generator })
      const parts = directions.map((reverse, d) => {
        const k = layer * directions.length + d
        return unroll(this.#recurrence, this.weights[k]!, output, states[k]!, { running, reverse })
      })
      finals.push(...parts.map(({ state }) => state))
      output = concat(
        parts.map((part) => part.output),
        { axis: 2 },
      )
    }
    return { output, finals }
  }

  /** Between the layout of the user and `[T, N, …]`. */
  #swap(x: Tensor): Tensor {
    return this.batchFirst ? x.permute([1, 0, 2]) : x
  }

  /** The states that each layer and direction begins with, `[N, …]` each. */
  #initialStates(initial: readonly Tensor[] | undefined, N: number, batched: boolean): Tensor[][] {
    const count = this.weights.length
    const given = this.#recurrence.states.map((what, s) => {
      const size = s === 0 ? this.outputSize : this.hiddenSize
      if (!initial)
        return Array<Tensor>(count).fill(zeros([N, size], { dtype: this.weights[0]!.weightIh.dtype }))
      const state = initial[s]
      if (!isTensor(state))
        throw new ValueError(`${this.#kind}: initial ${what} is no tensor: ${typeof state}`)
      const expected = show(batched ? [count, N, size] : [count, size])
      if (show(state.shape) !== expected)
        throw new ShapeError(`${this.#kind}: initial ${what} is not ${expected}: ${show(state.shape)}`)
      return state.reshape([count * N, size]).split(count)
    })
    return Array.from({ length: count }, (_, k) => given.map((states) => states[k]!))
  }

  #checkInput(x: Tensor, lengths: Lengths | undefined): void {
    const { shape, rank } = x
    if ((rank !== 2 && rank !== 3) || shape.at(-1) !== this.inputSize) {
      const axes = this.batchFirst ? 'N, T' : 'T, N'
      throw new ShapeError(
        `${this.#kind}: input is not [${axes}, ${this.inputSize}] or [T, ${this.inputSize}]: ${show(shape)}`,
      )
    }
    if (shape[rank === 3 && this.batchFirst ? 1 : 0] === 0)
      throw new ShapeError(`${this.#kind}: input has no steps: ${show(shape)}`)
    if (lengths && rank === 2)
      throw new ShapeError(`${this.#kind}: lengths are for a batch, input is one sequence: ${show(shape)}`)
  }
}
