import { type Generator, ValueError } from '@badak/tensor'
import { chance } from './draws.ts'
import type { Mix } from './mix.ts'
import type { Sample } from './sample.ts'

/**
 * One step of an augmentation: a new sample from a sample. It draws from `generator` alone, so that its result
 * is a function of the sample and the state of the generator; it does not change what it was given.
 *
 * @example
 * ```ts
 * const darker: Transform = (sample) => ({ ...sample, image: adjustBrightness(sample.image, 0.5) })
 * ```
 */
export type Transform = <S extends Sample>(sample: S, generator: Generator) => S

/** A transform that draws nothing. */
export type FixedTransform = <S extends Sample>(sample: S) => S

/** A step of any kind: of samples, of batches. */
export type Step<T> = (value: T, generator: Generator) => T

/**
 * Steps one after another.
 *
 * @example
 * ```ts
 * const transform = compose([randomResizedCrop(224), randomHorizontalFlip(), colorJitter({ brightness: 0.4 })])
 * ```
 */
export function compose(transforms: readonly Transform[]): Transform
/** Mixtures of batches one after another. */
export function compose(mixes: readonly Mix[]): Mix
/** Steps of any kind one after another. */
export function compose<T>(steps: readonly Step<T>[]): Step<T>
export function compose<T>(steps: readonly Step<T>[]): Step<T> {
  return (value, generator) => steps.reduce((result, step) => step(result, generator), value)
}

/**
 * A step that is taken with probability `p`.
 *
 * @param step
 * @param p default ½
 * @throws ValueError unless p is from 0 to 1
 */
export function randomApply(step: Transform, p?: number): Transform
/** A mixture that is made with probability `p`. */
export function randomApply(mix: Mix, p?: number): Mix
/** A step of any kind that is taken with probability `p`. */
export function randomApply<T>(step: Step<T>, p?: number): Step<T>
export function randomApply<T>(step: Step<T>, p = 0.5): Step<T> {
  checkProbability('randomApply', p)
  return (value, generator) => (chance(generator, p) ? step(value, generator) : value)
}

/**
 * One of several steps, chosen anew each time.
 *
 * @param steps
 * @param weights how likely each one is, up to a factor; default: all alike
 * @throws ValueError when there are no steps, or the weights do not fit them
 */
export function oneOf(steps: readonly Transform[], weights?: readonly number[]): Transform
/** One of several mixtures. */
export function oneOf(mixes: readonly Mix[], weights?: readonly number[]): Mix
/** One of several steps of any kind. */
export function oneOf<T>(steps: readonly Step<T>[], weights?: readonly number[]): Step<T>
export function oneOf<T>(
  steps: readonly Step<T>[],
  weights: readonly number[] = steps.map(() => 1),
): Step<T> {
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  if (weights.length !== steps.length || !weights.every((weight) => weight >= 0) || !(total > 0)) {
    throw new ValueError(`oneOf: ${steps.length} steps need as many weights with a sum above 0: [${weights}]`)
  }
  return (value, generator) => {
    let left = generator.uniform() * total
    const chosen = weights.findIndex((weight) => (left -= weight) < 0)
    return steps[chosen === -1 ? steps.length - 1 : chosen]!(value, generator)
  }
}

/** @throws ValueError unless p is from 0 to 1 */
export function checkProbability(operation: string, p: number): void {
  if (!(p >= 0 && p <= 1)) throw new ValueError(`${operation}: p must be from 0 to 1: ${p}`)
}
