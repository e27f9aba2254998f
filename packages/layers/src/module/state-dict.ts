import { ShapeError, ValueError, zeros } from '@badak/tensor'
import type { Parameter, State, Tensor } from '@badak/tensor'
import { closestName } from './closest-name.ts'

/** Tensors by path. */
export type StateDict = Readonly<Record<string, Tensor>>

/** How strictly a state dictionary must fit. */
export interface LoadOptions {
  /** Whether missing and unexpected names are errors; default true. Shapes must fit in any case. */
  strict?: boolean
}

/** Assigns `values` to the cells of the same names. All is checked before the first is assigned. */
export function loadStateDict(
  cells: ReadonlyMap<string, Parameter | State>,
  values: StateDict,
  { strict = true }: LoadOptions,
): { missing: string[]; unexpected: string[] } {
  const uncounted = [...cells.keys()].filter((name) => isUncounted(name, values))
  const missing = [...cells.keys()].filter(
    (name) => !Object.hasOwn(values, name) && !uncounted.includes(name),
  )
  const unexpected = Object.keys(values).filter((name) => !cells.has(name))
  const found = [...cells].filter(([name]) => Object.hasOwn(values, name))
  const differing = found.filter(([name, cell]) => !sameShape(values[name]!.shape, cell.shape))
  const complaints = [
    ...(strict ? describeNames(missing, unexpected) : []),
    ...differing.map(
      ([name, cell]) => `"${name}" has shape ${show(values[name]!.shape)}, the model ${show(cell.shape)}`,
    ),
  ]
  if (complaints.length > 0) {
    const Mistake = complaints.length === differing.length ? ShapeError : ValueError
    throw new Mistake(`loadStateDict: ${complaints.join('; ')}`)
  }
  for (const [name, cell] of found) cell.assign(values[name]!.cast(cell.dtype))
  for (const cell of uncounted.map((name) => cells.get(name)!)) cell.assign(zeros([], { dtype: cell.dtype }))
  return { missing, unexpected }
}

/**
 * Whether `name` counts the batches of a norm whose statistics are there, without the count: PyTorch counts
 * since 0.4.1, and begins at 0 for dictionaries from before.
 */
function isUncounted(name: string, values: StateDict): boolean {
  const [, norm] = /^(.*\.|)num_batches_tracked$/.exec(name) ?? []
  return norm !== undefined && !Object.hasOwn(values, name) && Object.hasOwn(values, `${norm}running_mean`)
}

function describeNames(missing: readonly string[], unexpected: readonly string[]): string[] {
  const strange = unexpected.map((name) => {
    const meant = closestName(name, missing)
    return meant === undefined ? `"${name}"` : `"${name}" (did you mean "${meant}"?)`
  })
  return [
    ...(missing.length > 0 ? [`missing ${missing.map((name) => `"${name}"`).join(', ')}`] : []),
    ...(strange.length > 0 ? [`unexpected ${strange.join(', ')}`] : []),
  ]
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis])
}

function show(shape: readonly number[]): string {
  return `[${shape.join(',')}]`
}
