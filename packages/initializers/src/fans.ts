import { ShapeError, ValueError } from '@badak/tensor'

/** How many inputs one output of a weight sees, and how many outputs one input reaches. */
export interface Fans {
  readonly fanIn: number
  readonly fanOut: number
}

/** Which count a weight is scaled by; `average` is (fanIn + fanOut) / 2. */
export type FanMode = 'fanIn' | 'fanOut' | 'average'

/**
 * Fan-in and fan-out of a weight, counted as in PyTorch.
 *
 * @param shape dense `[out, in]`, or a convolution's `[O, C / groups, ...K]`, whose kernel positions count as
 *   inputs and outputs
 * @throws ShapeError when there are fewer than 2 axes
 * @example fans([30, 1, 5, 5]) // { fanIn: 25, fanOut: 750 }
 */
export function fans(shape: readonly number[]): Fans {
  const [outputs, inputs, ...kernel] = shape
  if (outputs === undefined || inputs === undefined) {
    throw new ShapeError(`fans: a weight has at least 2 axes, [out, in]: [${shape.join(',')}]`)
  }
  const positions = kernel.reduce((product, size) => product * size, 1)
  return { fanIn: inputs * positions, fanOut: outputs * positions }
}

/**
 * The count that `mode` names. @throws ShapeError when there are fewer than 2 axes; ValueError for an unknown
 * mode
 */
export function fanOf(operation: string, shape: readonly number[], mode: FanMode): number {
  const { fanIn, fanOut } = fans(shape)
  switch (mode) {
    case 'fanIn':
      return fanIn
    case 'fanOut':
      return fanOut
    case 'average':
      return (fanIn + fanOut) / 2
    default:
      throw new ValueError(
        `${operation}: unknown mode ${JSON.stringify(mode)}: expected fanIn, fanOut or average`,
      )
  }
}
