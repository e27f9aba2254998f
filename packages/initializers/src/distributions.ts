import { ValueError, full, randomNormal, randomUniform } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import type { InitializerOptions } from './initializer.ts'

export interface ConstantOptions extends InitializerOptions {
  /** Default 0. */
  value?: number
}

export interface UniformOptions extends InitializerOptions {
  /** Least value; default 0. */
  low?: number
  /** No value reaches it; default 1. */
  high?: number
}

export interface NormalOptions extends InitializerOptions {
  /** Default 0. */
  mean?: number
  /** Standard deviation; default 1. */
  std?: number
}

/** One number everywhere. */
export function constant(
  shape: readonly number[],
  { value = 0, dtype = 'float32' }: ConstantOptions = {},
): Tensor {
  return full(shape, value, { dtype })
}

/**
 * Independent draws from U[low, high).
 *
 * @throws ValueError when `low > high` or a bound is not finite
 */
export function uniform(
  shape: readonly number[],
  { low = 0, high = 1, ...options }: UniformOptions = {},
): Tensor {
  if (!Number.isFinite(low) || !Number.isFinite(high) || low > high) {
    throw new ValueError(`uniform: low and high are not an interval: ${low}, ${high}`)
  }
  return randomUniform(shape, { ...options, low, high })
}

/**
 * Independent draws from N(mean, std²).
 *
 * @throws ValueError when `std` is negative or not finite
 */
export function normal(
  shape: readonly number[],
  { mean = 0, std = 1, ...options }: NormalOptions = {},
): Tensor {
  checkNormal('normal', mean, std)
  return randomNormal(shape, { ...options, mean, std })
}

/** @internal */
export function checkNormal(operation: string, mean: number, std: number): void {
  if (!Number.isFinite(mean)) throw new ValueError(`${operation}: the mean is not finite: ${mean}`)
  if (!Number.isFinite(std) || std < 0) throw new ValueError(`${operation}: std is not a number ≥ 0: ${std}`)
}
