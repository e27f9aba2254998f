import { ValueError } from '@badak/tensor'

/** What follows a weight; the names of layers mean that nothing does. */
export type Nonlinearity =
  | 'linear'
  | 'conv1d'
  | 'conv2d'
  | 'conv3d'
  | 'convTranspose1d'
  | 'convTranspose2d'
  | 'convTranspose3d'
  | 'sigmoid'
  | 'tanh'
  | 'relu'
  | 'leakyReLU'
  | 'selu'

const gains: Readonly<Record<Nonlinearity, (negativeSlope: number) => number>> = {
  linear: () => 1,
  conv1d: () => 1,
  conv2d: () => 1,
  conv3d: () => 1,
  convTranspose1d: () => 1,
  convTranspose2d: () => 1,
  convTranspose3d: () => 1,
  sigmoid: () => 1,
  tanh: () => 5 / 3,
  relu: () => Math.SQRT2,
  leakyReLU: (slope) => Math.sqrt(2 / (1 + slope ** 2)),
  selu: () => 3 / 4,
}

/**
 * The factor on a weight's standard deviation that makes up for what the following nonlinearity takes away
 * (PyTorch's `calculate_gain`): 1 for `linear`, layers and `sigmoid`, 5/3 for `tanh`, √2 for `relu`,
 * √(2 / (1 + slope²)) for `leakyReLU`, 3/4 for `selu`.
 *
 * For self-normalizing networks give `linear` instead of `selu`, whose gain serves the gradients.
 *
 * @param negativeSlope slope of a leaky ReLU for negative inputs; default 0.01
 * @throws ValueError when the nonlinearity is unknown, or the slope is no number
 * @see He et al. 2015, arXiv:1502.01852, equations 10 and 14
 * @example gain('relu') // √2: half of the inputs pass, so the variance doubles
 */
export function gain(nonlinearity: Nonlinearity, negativeSlope = 0.01): number {
  if (!Object.hasOwn(gains, nonlinearity)) {
    const known = Object.keys(gains).join(', ')
    throw new ValueError(
      `gain: unknown nonlinearity ${JSON.stringify(nonlinearity)}: expected one of ${known}`,
    )
  }
  if (!Number.isFinite(negativeSlope)) {
    throw new ValueError(`gain: negativeSlope is not a number: ${String(negativeSlope)}`)
  }
  return gains[nonlinearity](negativeSlope)
}
