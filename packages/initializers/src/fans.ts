import { ShapeError } from '@badak/tensor'

/** How many inputs one output of a weight sees, and how many outputs one input reaches. */
export interface Fans {
  readonly fanIn: number
  readonly fanOut: number
}

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
