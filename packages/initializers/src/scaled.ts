import { ValueError } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { normal, uniform } from './distributions.ts'
import { fanOf, type FanMode } from './fans.ts'
import type { InitializerOptions } from './initializer.ts'

export interface ScaledOptions extends InitializerOptions {
  /** Variance times fan; default 1. */
  scale?: number
  /** Default `fanIn`. */
  mode?: FanMode
}

/** Independent draws with mean 0 and a given standard deviation. */
export type Draw = (shape: readonly number[], std: number, options: InitializerOptions) => Tensor

export const drawUniform: Draw = (shape, std, options) =>
  uniform(shape, { ...options, low: -Math.sqrt(3) * std, high: Math.sqrt(3) * std })

export const drawNormal: Draw = (shape, std, options) => normal(shape, { ...options, std })

/**
 * Draws with variance scale / fan. They are given as a function, so that a program whose weights are uniform
 * is bundled without what the others take: logarithms, cosines and the inverse error function.
 */
export function scaled(
  operation: string,
  shape: readonly number[],
  draw: Draw,
  { scale = 1, mode = 'fanIn', ...options }: ScaledOptions,
): Tensor {
  if (!Number.isFinite(scale) || scale < 0)
    throw new ValueError(`${operation}: scale is not a number ≥ 0: ${String(scale)}`)
  // A weight without elements has no fans; any deviation will do.
  return draw(shape, Math.sqrt(scale / Math.max(1, fanOf(operation, shape, mode))), options)
}
