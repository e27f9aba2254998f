import { ShapeError } from '@badak/tensor'

/** @throws ShapeError unless `shape` has from `least` to `most` axes, each an integer ≥ 0 */
export function checkAxes(
  operation: string,
  shape: readonly number[],
  least: number,
  most: number = Infinity,
): void {
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0))
    throw new ShapeError(`${operation}: sizes are not integers ≥ 0: [${shape.join(',')}]`)
  if (shape.length >= least && shape.length <= most) return
  const axes =
    least === most ? String(least) : most === Infinity ? `at least ${least}` : `${least} to ${most}`
  throw new ShapeError(`${operation}: expected ${axes} axes: [${shape.join(',')}]`)
}
