import { ValueError, randomBernoulli } from '@badak/tensor'
import type { Generator, Tensor } from '@badak/tensor'
import { Module } from '../module/module.ts'

/** Where the decisions of `dropout` come from. */
export interface DropoutOptions {
  /** The stream that decides what is dropped; default the one that `seed` sets. */
  generator?: Generator
}

/**
 * Sets each element to 0 with probability `p`, and divides the others by 1 − p, so that the mean stays.
 *
 * @param p in [0, 1)
 * @throws ValueError when `p` is outside of [0, 1)
 * @see Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting"
 */
export function dropout(x: Tensor, p: number, { generator }: DropoutOptions = {}): Tensor {
  checkProbability('dropout', p)
  if (p === 0) return x
  const kept = randomBernoulli(x.shape, 1 - p, { generator })
  return x.mul(kept.cast(x.dtype)).mul(1 / (1 - p))
}

/** `dropout` in training, nothing in evaluation. */
export class Dropout extends Module {
  readonly p: number
  readonly #options: DropoutOptions

  /**
   * @param p probability that an element is dropped, in [0, 1); default 0.5
   * @throws ValueError when `p` is outside of [0, 1)
   */
  constructor(p = 0.5, options: DropoutOptions = {}) {
    super()
    checkProbability('Dropout', p)
    this.p = p
    this.#options = options
  }

  forward(x: Tensor): Tensor {
    return this.training ? dropout(x, this.p, this.#options) : x
  }

  override toString(): string {
    return `Dropout(${this.p})`
  }
}

function checkProbability(operation: string, p: number): void {
  if (!(p >= 0 && p < 1)) throw new ValueError(`${operation}: the probability is not in [0, 1): ${p}`)
}
