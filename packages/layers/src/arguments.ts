// What constructors and losses ask of their arguments, in one wording.
import { ValueError } from '@badak/tensor'

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
