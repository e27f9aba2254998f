// What tools/record-fixtures/optimizers.py has written, in the words of badak.
import { readFileSync } from 'node:fs'
import { Parameter, tensor, type Tensor } from '@badak/tensor'

export function readCases(name: string): unknown[] {
  const text = readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), 'utf8')
  return (JSON.parse(text) as { cases: unknown[] }).cases
}

/** `weight_decay` → `weightDecay`, `T_max` → `tMax` */
export function camelCase(options: object): Record<string, never> {
  const camel = (name: string): string =>
    name.replace(/^T/, 't').replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [camel(name), value as never]))
}

export type FloatType = 'float32' | 'float64'

/** The tensors of `shapes` whose elements follow one another in `values`. */
export function cut(
  values: readonly number[],
  shapes: readonly (readonly number[])[],
  dtype: FloatType,
): Tensor[] {
  let start = 0
  return shapes.map((shape) => {
    const size = shape.reduce((product, n) => product * n, 1)
    start += size
    return tensor(values.slice(start - size, start), { shape, dtype })
  })
}

export function parametersOf(tensors: readonly Tensor[]): Parameter[] {
  return tensors.map((t) => new Parameter(t))
}

/** The greatest deviation, relative to the recorded value or, where that is small, to 0.1. */
export async function deviation(actual: readonly Tensor[], expected: readonly number[]): Promise<number> {
  const parts = await Promise.all(actual.map((t) => t.data()))
  const values = parts.flatMap((part) => Array.from(part))
  if (values.length !== expected.length) return Infinity
  const errors = expected.map((value, i) => Math.abs(values[i]! - value) / Math.max(0.1, Math.abs(value)))
  // NaN is no small error.
  return errors.every((error) => error >= 0) ? Math.max(...errors) : Infinity
}
