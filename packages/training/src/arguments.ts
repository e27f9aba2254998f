import { ValueError } from '@badak/tensor'

/** @throws ValueError when `value` is not an integer ≥ `least` */
export function checkCount(operation: string, what: string, value: number, least = 1): void {
  if (!Number.isSafeInteger(value) || value < least)
    throw new ValueError(`${operation}: ${what} is not an integer ≥ ${least}: ${value}`)
}
