import type { Tensor } from '@badak/tensor'
import { Module } from '../module/module.ts'

/** Gives what it gets: to stand where a layer could be. */
export class Identity extends Module {
  forward(x: Tensor): Tensor {
    return x
  }

  override toString(): string {
    return 'Identity'
  }
}
