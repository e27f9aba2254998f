// What constructors and losses ask of their arguments, in one wording.
import { ValueError, hostValues } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'

/** @throws ValueError when `size` is not an integer ≥ 1 */
export function checkCount(operation: string, what: string, size: number): void {
  if (!Number.isSafeInteger(size) || size < 1)
    throw new ValueError(`${operation}: ${what} is not an integer ≥ 1: ${String(size)}`)
}

/** @throws ValueError when `value` is not a finite number > 0 */
export function checkPositive(operation: string, what: string, value: number): void {
  if (!(value > 0 && value < Infinity))
    throw new ValueError(`${operation}: ${what} is not a positive number: ${String(value)}`)
}

/** @throws ValueError when `value` is not a finite number */
export function checkFinite(operation: string, what: string, value: number): void {
  if (!Number.isFinite(value))
    throw new ValueError(`${operation}: ${what} is not a finite number: ${String(value)}`)
}

/** @throws ValueError when `value` is not one of `known` */
export function checkChoice(operation: string, what: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return
  const expected = `${known.slice(0, -1).join(', ')} or ${known.at(-1)}`
  throw new ValueError(`${operation}: unknown ${what} ${JSON.stringify(value)}: expected ${expected}`)
}

/** A shape as errors write it. */
export function show(shape: readonly number[]): string {
  return `[${shape.join(',')}]`
}

/** The first element that came from the host and is wrong, and where it is: `row 3` of a list, else `[3,0,7]`. */
export function firstWhere(
  x: Tensor,
  wrong: (value: number) => boolean,
): { readonly value: number; readonly at: string } | undefined {
  const values = hostValues(x)
  const position = values ? values.findIndex((value: number) => wrong(value)) : -1
  return position < 0 ? undefined : { value: values![position]!, at: place(position, x.shape) }
}

function place(position: number, shape: readonly number[]): string {
  if (shape.length === 1) return `row ${position}`
  const index: number[] = []
  let rest = position
  for (const size of shape.toReversed()) {
    index.unshift(rest % size)
    rest = Math.floor(rest / size)
  }
  return show(index)
}
