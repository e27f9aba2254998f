import { type Generator, ValueError } from '@badak/tensor'

/** What a hyper-parameter can be. */
export type ParameterValue = number | string | boolean

/** A set of values to choose a hyper-parameter from. */
export interface Dimension<Value extends ParameterValue = ParameterValue> {
  /** How the values lie: `choice` has no order, the others do. */
  readonly kind: 'uniform' | 'log' | 'integer' | 'choice'
  /** The least and the greatest value; for a choice its first and last position. */
  readonly bounds: readonly [low: number, high: number]
  /** The values of a choice. */
  readonly values?: readonly Value[]
  /** The value at a place from 0 to 1. */
  at(place: number): Value
  /** The place of a value, from 0 to 1: that of the middle of all places that have it. */
  placeOf(value: Value): number
}

/** Hyper-parameters by name. */
export type Space = Readonly<Record<string, Dimension>>

/** A value for each hyper-parameter of a space. */
export type Parameters<S extends Space> = {
  readonly [Name in keyof S]: S[Name] extends Dimension<infer V> ? V : never
}

/** Any number from `low` to `high`, all alike. @throws ValueError unless low < high are finite */
export function uniform(low: number, high: number): Dimension<number> {
  checkBounds('uniform', low, high)
  return {
    kind: 'uniform',
    bounds: [low, high],
    at: (place) => low + (high - low) * place,
    placeOf: (value) => (value - low) / (high - low),
  }
}

/**
 * Any number from `low` to `high`, all orders of magnitude alike: for learning rates and weight decay.
 *
 * @throws ValueError unless 0 < low < high are finite
 */
export function logUniform(low: number, high: number): Dimension<number> {
  checkBounds('logUniform', low, high)
  if (low <= 0) throw new ValueError(`logUniform: low is not a number > 0: ${low}`)
  const [from, to] = [Math.log(low), Math.log(high)]
  return {
    kind: 'log',
    bounds: [low, high],
    // exp(log(x)) is not always x, and the ends are exact.
    at: (place) => (place <= 0 ? low : place >= 1 ? high : Math.exp(from + (to - from) * place)),
    placeOf: (value) => (Math.log(value) - from) / (to - from),
  }
}

/** A whole number from `low` to `high`, both included. @throws ValueError unless low < high are integers */
export function integers(low: number, high: number): Dimension<number> {
  checkBounds('integers', low, high)
  if (!Number.isSafeInteger(low) || !Number.isSafeInteger(high))
    throw new ValueError(`integers: bounds are not integers: ${low}, ${high}`)
  const count = high - low + 1
  return {
    kind: 'integer',
    bounds: [low, high],
    at: (place) => low + Math.min(count - 1, Math.floor(place * count)),
    placeOf: (value) => (value - low + 0.5) / count,
  }
}

/** One of some values. @throws ValueError when there are none */
export function choice<const Value extends ParameterValue>(values: readonly Value[]): Dimension<Value> {
  if (values.length === 0) throw new ValueError('choice: there are no values')
  const count = values.length
  return {
    kind: 'choice',
    bounds: [0, count - 1],
    values,
    at: (place) => values[Math.min(count - 1, Math.floor(place * count))]!,
    placeOf: (value) => (values.indexOf(value) + 0.5) / count,
  }
}

/** Draws a value for each hyper-parameter. */
export function sample<S extends Space>(space: S, generator: Generator): Parameters<S> {
  return fromPlaces(space, () => generator.uniform())
}

/** The values at places, which are asked for by name. */
export function fromPlaces<S extends Space>(
  space: S,
  placeOf: (name: string, dimension: Dimension) => number,
): Parameters<S> {
  const entries = Object.entries(space).map(([name, dimension]) => [
    name,
    dimension.at(placeOf(name, dimension)),
  ])
  return Object.fromEntries(entries) as Parameters<S>
}

function checkBounds(operation: string, low: number, high: number): void {
  if (!(Number.isFinite(low) && Number.isFinite(high) && low < high))
    throw new ValueError(`${operation}: expected finite low < high: ${low}, ${high}`)
}
