import { ValueError, greaterEqual, lessEqual, where } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkFinite } from '../arguments.ts'
import { Module } from '../module/module.ts'

/** The bounds of a `hardTanh`. */
export interface HardTanhOptions {
  /** Default −1. */
  min?: number
  /** Default 1. */
  max?: number
}

/**
 * x between two bounds, else the bound: a tanh of straight lines. The gradient at a bound is 0, where that of
 * `clamp` is 1.
 *
 * @throws ValueError unless the bounds are finite and `min < max`
 * @see Collobert 2004, "Large scale machine learning"
 */
export function hardTanh(x: Tensor, { min = -1, max = 1 }: HardTanhOptions = {}): Tensor {
  checkBounds('hardTanh', min, max)
  return where(lessEqual(x, min), min, where(greaterEqual(x, max), max, x))
}

/** `hardTanh` as a layer. */
export class HardTanh extends Module {
  readonly min: number
  readonly max: number

  /** @throws ValueError unless the bounds are finite and `min < max` */
  constructor({ min = -1, max = 1 }: HardTanhOptions = {}) {
    super()
    checkBounds('HardTanh', min, max)
    this.min = min
    this.max = max
  }

  forward(x: Tensor): Tensor {
    return hardTanh(x, { min: this.min, max: this.max })
  }

  override toString(): string {
    return `HardTanh({ min: ${this.min}, max: ${this.max} })`
  }
}

function checkBounds(operation: string, min: number, max: number): void {
  checkFinite(operation, 'min', min)
  checkFinite(operation, 'max', max)
  if (min >= max) throw new ValueError(`${operation}: min is not below max: ${min}, ${max}`)
}
