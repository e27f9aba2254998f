import { ValueError } from '@badak/tensor'
import type { Generator, Tensor } from '@badak/tensor'
import { Module } from '../module/module.ts'

/** Where the decisions of a dropout come from. */
export interface DropoutOptions {
  /** The stream that decides what is dropped; default the one that `seed` sets. */
  generator?: Generator | undefined
}

/** What the dropouts share: they drop in training and do nothing in evaluation. */
export abstract class DropoutLayer extends Module {
  /** Probability that something is dropped. */
  readonly p: number
  readonly #options: DropoutOptions

  /**
   * @param p in [0, 1); default 0.5
   * @throws ValueError when `p` is outside of [0, 1)
   */
  constructor(p = 0.5, options: DropoutOptions = {}) {
    super()
    checkProbability(this.kind(), p)
    this.p = p
    this.#options = options
  }

  /** Its name, since class names do not survive minification. @internal */
  protected abstract kind(): string

  /** The dropout itself. @internal */
  protected abstract drop(x: Tensor, p: number, options: DropoutOptions): Tensor

  /** @returns the shape of `x`; in evaluation `x` itself */
  forward(x: Tensor): Tensor {
    return this.training ? this.drop(x, this.p, this.#options) : x
  }

  override toString(): string {
    return `${this.kind()}(${this.p})`
  }
}

/** @throws ValueError when `p` is outside of [0, 1) */
export function checkProbability(operation: string, p: number): void {
  if (!(p >= 0 && p < 1)) throw new ValueError(`${operation}: the probability is not in [0, 1): ${p}`)
}
