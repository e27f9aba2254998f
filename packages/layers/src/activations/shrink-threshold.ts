import { ValueError } from '@badak/tensor'

/** @throws ValueError when `lambda`, up to which a shrinkage gives 0, is not a number ≥ 0 */
export function checkThreshold(operation: string, lambda: number): void {
  if (!(lambda >= 0 && lambda < Infinity))
    throw new ValueError(`${operation}: lambda is not a number ≥ 0: ${String(lambda)}`)
}
