import type { Tensor } from '@badak/tensor'
import type { Module } from './module.ts'

/** A module with one tensor in and one tensor out. */
export interface Layer extends Module {
  forward(x: Tensor): Tensor
}
