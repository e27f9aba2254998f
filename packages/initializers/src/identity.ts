import { eye, tensor, ValueError } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkAxes } from './check-axes.ts'
import type { InitializerOptions } from './initializer.ts'

export interface DiracOptions extends InitializerOptions {
  /** Of the convolution; default 1. */
  groups?: number
}

/**
 * Ones on the diagonal: a dense layer that passes on as many of its inputs as it has outputs (PyTorch's
 * `eye_`).
 *
 * @param shape `[out, in]`
 * @throws ShapeError unless there are 2 axes
 */
export function identity(shape: readonly number[], { dtype = 'float32' }: InitializerOptions = {}): Tensor {
  checkAxes('identity', shape, 2, 2)
  return eye(shape[0]!, shape[1], { dtype })
}

/**
 * A one in the middle of the kernel from each input channel to its output: a convolution that passes on as
 * many channels as it can, of each group.
 *
 * @param shape `[O, C / groups, ...K]` with 1 to 3 axes of the kernel
 * @throws ShapeError unless there are 3 to 5 axes; ValueError unless `groups` is a divisor of O
 * @see Zagoruyko & Komodakis 2017, "DiracNets", arXiv:1706.00388
 */
export function dirac(
  shape: readonly number[],
  { groups = 1, dtype = 'float32' }: DiracOptions = {},
): Tensor {
  checkAxes('dirac', shape, 3, 5)
  const [outputs, inputs, ...kernel] = shape as [number, number, ...number[]]
  if (!Number.isSafeInteger(groups) || groups < 1 || outputs % groups !== 0)
    throw new ValueError(`dirac: groups is no divisor of ${outputs} outputs: ${String(groups)}`)
  const positions = kernel.reduce((product, size) => product * size, 1)
  const middle = kernel.reduce((index, size) => index * size + Math.floor(size / 2), 0)
  const values = new Float64Array(outputs * inputs * positions)
  const perGroup = outputs / groups
  for (let output = 0; output < outputs; output++) {
    const input = output % perGroup
    if (input < inputs && positions > 0) values[(output * inputs + input) * positions + middle] = 1
  }
  return tensor(values, { shape, dtype })
}
