import { ValueError } from '@badak/tensor'

/** The function that follows a weight. */
export type Nonlinearity = 'linear' | 'sigmoid' | 'tanh' | 'relu' | 'leakyReLU' | 'selu'

/**
 * The factor on a weight's standard deviation that makes up for what the following nonlinearity takes away
 * (PyTorch's `calculate_gain`).
 *
 * @param negativeSlope slope of a leaky ReLU for negative inputs; default 0.01
 * @throws ValueError when the nonlinearity is unknown
 * @see He et al. 2015, arXiv:1502.01852, equations 10 and 14
 * @example gain('relu') // √2: half of the inputs pass, so the variance doubles
 */
export function gain(nonlinearity: Nonlinearity, negativeSlope = 0.01): number {
  switch (nonlinearity) {
    case 'linear':
    case 'sigmoid':
      return 1
    case 'tanh':
      return 5 / 3
    case 'relu':
      return Math.SQRT2
    case 'leakyReLU':
      return Math.sqrt(2 / (1 + negativeSlope ** 2))
    case 'selu':
      return 3 / 4
    default:
      throw new ValueError(
        `gain: unknown nonlinearity ${JSON.stringify(nonlinearity)}: ` +
          'expected linear, sigmoid, tanh, relu, leakyReLU or selu',
      )
  }
}
