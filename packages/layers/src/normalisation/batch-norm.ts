import type { Tensor } from '@badak/tensor'
import { ChannelNorm, type ChannelNormOptions } from './channel-norm.ts'
import { moments } from './moments.ts'

/** What the batch norms share; they differ in the inputs they take. */
export abstract class BatchNorm extends ChannelNorm {
  readonly momentum: number | null

  /**
   * @param options `affine` and `trackRunningStats` are true by default
   * @throws ValueError when `numFeatures` is not an integer ≥ 1, or an option is out of range
   */
  constructor(numFeatures: number, options: ChannelNormOptions = {}) {
    const { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true } = options
    super(numFeatures, { eps, momentum, affine, trackRunningStats })
    this.momentum = momentum
  }

  /**
   * (x − mean) / √(variance + eps) · weight + bias, per channel, with the mean and the (biased) variance of
   * the batch in training and the running ones in evaluation.
   *
   * @returns the shape of `x`
   * @throws ShapeError when `x` has another rank or number of channels
   * @throws ValueError in training when there is one value per channel
   */
  forward(x: Tensor): Tensor {
    this.check(x)
    const count = x.size / this.numFeatures
    if (this.training) this.checkVariance(x, count)
    const running = this.normaliseByRunning(x)
    if (running) return running
    const { mean, centred, offset, variance } = moments(
      x,
      x.shape.map((_, axis) => axis).filter((axis) => axis !== 1),
    )
    if (this.training) this.#track(mean, variance.mul(count / (count - 1)))
    return this.normalise(centred, variance, offset)
  }

  #track(mean: Tensor, variance: Tensor): void {
    const { numBatchesTracked, momentum } = this
    if (!numBatchesTracked) return
    numBatchesTracked.assign(numBatchesTracked.add(1))
    this.track(mean, variance, momentum ?? numBatchesTracked.cast('float32').reciprocal())
  }
}

/**
 * Batch normalisation over `[N, C]` or `[N, C, L]`. State names as in PyTorch: `weight`, `bias`,
 * `running_mean`, `running_var`, `num_batches_tracked`.
 *
 * @see Ioffe & Szegedy 2015, arXiv:1502.03167
 */
export class BatchNorm1d extends BatchNorm {
  /** @internal */
  protected override kind() {
    return { name: 'BatchNorm1d', ranks: [2, 3], input: '[N, C] or [N, C, L]' }
  }
}

/**
 * Batch normalisation over images `[N, C, H, W]`. State names as in PyTorch: `weight`, `bias`,
 * `running_mean`, `running_var`, `num_batches_tracked`.
 *
 * @see Ioffe & Szegedy 2015, arXiv:1502.03167
 */
export class BatchNorm2d extends BatchNorm {
  /** @internal */
  protected override kind() {
    return { name: 'BatchNorm2d', ranks: [4], input: '[N, C, H, W]' }
  }
}

/**
 * Batch normalisation over volumes `[N, C, D, H, W]`. State names as in PyTorch: `weight`, `bias`,
 * `running_mean`, `running_var`, `num_batches_tracked`.
 *
 * @see Ioffe & Szegedy 2015, arXiv:1502.03167
 */
export class BatchNorm3d extends BatchNorm {
  /** @internal */
  protected override kind() {
    return { name: 'BatchNorm3d', ranks: [5], input: '[N, C, D, H, W]' }
  }
}
