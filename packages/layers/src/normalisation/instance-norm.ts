import type { Tensor } from '@badak/tensor'
import { ChannelNorm, type ChannelNormOptions } from './channel-norm.ts'
import { axesFrom, moments } from './moments.ts'

/** How an `InstanceNorm` normalises, and what it learns and remembers. */
export interface InstanceNormOptions extends Omit<ChannelNormOptions, 'momentum'> {
  /** Weight of the input in the running statistics; default 0.1. */
  momentum?: number
}

/** What the instance norms share; they differ in the inputs they take. */
export abstract class InstanceNorm extends ChannelNorm {
  readonly momentum: number

  /**
   * @param options `affine` and `trackRunningStats` are false by default
   * @throws ValueError when `numFeatures` is not an integer ≥ 1, or an option is out of range
   */
  constructor(numFeatures: number, options: InstanceNormOptions = {}) {
    const { eps = 1e-5, momentum = 0.1, affine = false, trackRunningStats = false } = options
    super(numFeatures, { eps, momentum, affine, trackRunningStats })
    this.momentum = momentum
  }

  /**
   * (x − mean) / √(variance + eps) · weight + bias, with the mean and the (biased) variance of each channel
   * of each example; with `trackRunningStats`, in evaluation, with the running ones.
   *
   * @returns the shape of `x`
   * @throws ShapeError when `x` has another rank or number of channels
   * @throws ValueError when there is one value per channel, and its own statistics are used
   */
  forward(x: Tensor): Tensor {
    this.check(x)
    const running = this.normaliseByRunning(x)
    if (running) return running
    const count = x.size / (x.shape[0]! * this.numFeatures)
    this.checkVariance(x, count)
    const { mean, centred, offset, variance } = moments(x, axesFrom(x, 2))
    if (this.training && this.runningMean) {
      const ofBatch = (statistic: Tensor): Tensor => statistic.mean({ axis: 0 })
      this.track(ofBatch(mean), ofBatch(variance).mul(count / (count - 1)), this.momentum)
    }
    return this.normalise(centred, variance, offset)
  }
}

/**
 * Instance normalisation over sequences `[N, C, L]`. State names as in PyTorch.
 *
 * @see Ulyanov et al. 2016, arXiv:1607.08022
 */
export class InstanceNorm1d extends InstanceNorm {
  /** @internal */
  protected override kind() {
    return { name: 'InstanceNorm1d', ranks: [3], input: '[N, C, L]' }
  }
}

/**
 * Instance normalisation over images `[N, C, H, W]`. State names as in PyTorch.
 *
 * @see Ulyanov et al. 2016, arXiv:1607.08022
 */
export class InstanceNorm2d extends InstanceNorm {
  /** @internal */
  protected override kind() {
    return { name: 'InstanceNorm2d', ranks: [4], input: '[N, C, H, W]' }
  }
}

/**
 * Instance normalisation over volumes `[N, C, D, H, W]`. State names as in PyTorch.
 *
 * @see Ulyanov et al. 2016, arXiv:1607.08022
 */
export class InstanceNorm3d extends InstanceNorm {
  /** @internal */
  protected override kind() {
    return { name: 'InstanceNorm3d', ranks: [5], input: '[N, C, D, H, W]' }
  }
}
