// What one step does with the state, for each kind of recurrent network.
import { relu, tanh } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import type { RecurrentWeights } from './recurrent-weights.ts'

/** A recurrence with its weights, ready to be stepped. */
export interface Stepper {
  /** Added to the products of all inputs; undefined for none. */
  readonly bias: Tensor | undefined
  /**
   * The state after a step.
   *
   * @param inputs what the inputs contribute to the gates, `[N, G · H]`
   * @param state the hidden state, `[N, R]`, and whatever else is remembered, `[N, H]`
   */
  readonly step: (inputs: Tensor, state: readonly Tensor[]) => readonly Tensor[]
}

/** A kind of recurrent network. */
export interface Recurrence {
  /** How many gates there are. */
  readonly gates: number
  /** What its states are called, the hidden state first. */
  readonly states: readonly string[]
  /** What does not change from step to step is made here, once: one node for all of them. */
  readonly begin: (weights: RecurrentWeights) => Stepper
}

/**
 * h′ = tanh(Wᵢₕ·x + bᵢₕ + Wₕₕ·h + bₕₕ), or with ReLU.
 *
 * @see Elman 1990, doi:10.1207/s15516709cog1402_1
 */
export function simple(nonlinearity: 'tanh' | 'relu'): Recurrence {
  const activation = nonlinearity === 'tanh' ? tanh : relu
  return {
    gates: 1,
    states: ['hidden state'],
    begin(weights) {
      const recurrent = weights.weightHh.transpose()
      return {
        bias: bothBiases(weights),
        step: (inputs, [hidden]) => [activation(hidden!.matmul(recurrent).add(inputs))],
      }
    },
  }
}

/**
 * The gates i, f, g and o: c′ = σ(f)·c + σ(i)·tanh(g), h′ = σ(o)·tanh(c′).
 *
 * @see Hochreiter & Schmidhuber 1997, doi:10.1162/neco.1997.9.8.1735; Gers et al. 2000 for the forget gate,
 *   doi:10.1162/089976600300015015; Sak et al. 2014 for the projection, arXiv:1402.1128
 */
export const longShortTerm: Recurrence = {
  gates: 4,
  states: ['hidden state', 'cell state'],
  begin(weights) {
    const recurrent = weights.weightHh.transpose()
    const projection = weights.weightHr?.transpose()
    return {
      bias: bothBiases(weights),
      step(inputs, [hidden, cell]) {
        const [i, f, g, o] = hidden!.matmul(recurrent).add(inputs).split(4, { axis: 1 })
        const remembered = f!.sigmoid().mul(cell!).add(i!.sigmoid().mul(g!.tanh()))
        const output = o!.sigmoid().mul(remembered.tanh())
        return [projection ? output.matmul(projection) : output, remembered]
      },
    }
  },
}

/**
 * The gates r, z and n: n = tanh(xₙ + σ(r)·hₙ), h′ = (1 − σ(z))·n + σ(z)·h. The reset gate is applied after
 * the product, as in PyTorch, so that one product serves all gates.
 *
 * @see Cho et al. 2014, arXiv:1406.1078
 */
export const gated: Recurrence = {
  gates: 3,
  states: ['hidden state'],
  begin({ weightHh, biasIh, biasHh }) {
    const recurrent = weightHh.transpose()
    return {
      bias: biasIh,
      step(inputs, [hidden]) {
        const product = hidden!.matmul(recurrent)
        const [hr, hz, hn] = (biasHh ? product.add(biasHh) : product).split(3, { axis: 1 })
        const [xr, xz, xn] = inputs.split(3, { axis: 1 })
        const candidate = xn!.add(xr!.add(hr!).sigmoid().mul(hn!)).tanh()
        return [candidate.add(xz!.add(hz!).sigmoid().mul(hidden!.sub(candidate)))]
      },
    }
  },
}

function bothBiases({ biasIh, biasHh }: RecurrentWeights): Tensor | undefined {
  return biasIh && biasHh ? biasIh.add(biasHh) : undefined
}
