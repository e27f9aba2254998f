import { Parameter, ShapeError, State, ValueError, ones, rsqrt, stopGradient, zeros } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkCount, checkPositive, show } from '../arguments.ts'
import { Module } from '../module/module.ts'

/** How a `BatchNorm` normalises, and what it learns and remembers. */
export interface BatchNormOptions {
  /** Added to the variance; default 1e-5. */
  eps?: number
  /** Weight of the batch in the running statistics; `null` averages all batches alike. Default 0.1. */
  momentum?: number | null
  /** Whether there are a weight, initially 1, and a bias, initially 0, per channel; default true. */
  affine?: boolean
  /**
   * Whether statistics are collected for evaluation; without them, those of the batch are used there too.
   * Default true.
   */
  trackRunningStats?: boolean
}

/** Written out, since class names do not survive minification. */
interface BatchNormKind {
  readonly name: string
  readonly ranks: readonly number[]
  readonly input: string
}

/** What `BatchNorm1d` and `BatchNorm2d` share; they differ in the inputs they take. */
export abstract class BatchNorm extends Module {
  readonly weight?: Parameter
  readonly bias?: Parameter
  readonly runningMean?: State
  readonly runningVar?: State
  readonly numBatchesTracked?: State
  readonly numFeatures: number
  readonly eps: number
  readonly momentum: number | null

  /** @throws ValueError when `numFeatures` is not an integer ≥ 1, or an option is out of range */
  constructor(numFeatures: number, options: BatchNormOptions = {}) {
    super()
    const { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true } = options
    checkCount('BatchNorm', 'numFeatures', numFeatures)
    checkPositive('BatchNorm', 'eps', eps)
    if (momentum !== null && !(momentum >= 0 && momentum <= 1)) {
      throw new ValueError(`BatchNorm: momentum is not in [0, 1]: ${momentum}`)
    }
    this.numFeatures = numFeatures
    this.eps = eps
    this.momentum = momentum
    if (affine) {
      this.weight = new Parameter(ones([numFeatures]))
      this.bias = new Parameter(zeros([numFeatures]))
    }
    if (trackRunningStats) {
      this.runningMean = new State(zeros([numFeatures]))
      this.runningVar = new State(ones([numFeatures]))
      this.numBatchesTracked = new State(zeros([], { dtype: 'int32' }))
    }
  }

  /** What it is called and which inputs it takes. @internal */
  protected abstract get kind(): BatchNormKind

  /**
   * (x − mean) / √(variance + eps) · weight + bias, per channel, with the mean and the (biased) variance of
   * the batch in training and the running ones in evaluation.
   *
   * @returns the shape of `x`
   * @throws ShapeError when `x` has another rank or number of channels
   * @throws ValueError in training when there is one value per channel
   */
  forward(x: Tensor): Tensor {
    this.#check(x)
    const { runningMean, runningVar } = this
    const running = this.training
      ? undefined
      : runningMean && runningVar && { mean: runningMean, variance: runningVar }
    const across = x.shape.map((_, axis) => (axis === 1 ? this.numFeatures : 1))
    if (running)
      return this.#normalise(x.sub(running.mean.reshape(across)), running.variance.reshape(across), across)

    // Two passes, not E[x²] − E[x]²: the difference of two large numbers loses the variance.
    const axis = x.shape.map((_, a) => a).filter((a) => a !== 1)
    const mean = x.mean({ axis, keepDims: true })
    const centred = x.sub(mean)
    const variance = centred.mul(centred).mean({ axis, keepDims: true })
    if (this.training) this.#track(mean, variance, x.size / this.numFeatures)
    return this.#normalise(centred, variance, across)
  }

  override toString(): string {
    return `${this.kind.name}(${this.numFeatures})`
  }

  #check(x: Tensor): void {
    const { name, ranks, input } = this.kind
    const shape = show(x.shape)
    if (!ranks.includes(x.rank) || x.shape[1] !== this.numFeatures) {
      throw new ShapeError(`${name}: input is not ${input} with ${this.numFeatures} channels: ${shape}`)
    }
    if (this.training && x.size === this.numFeatures) {
      throw new ValueError(`${name}: one value per channel has no variance: ${shape}`)
    }
  }

  #normalise(centred: Tensor, variance: Tensor, across: readonly number[]): Tensor {
    const scale = rsqrt(variance.add(this.eps))
    const { weight, bias } = this
    if (!weight || !bias) return centred.mul(scale)
    return centred.mul(scale.mul(weight.reshape(across))).add(bias.reshape(across))
  }

  /** The running variance is the unbiased one, as in PyTorch. */
  #track(mean: Tensor, variance: Tensor, count: number): void {
    const { runningMean, runningVar, numBatchesTracked, momentum } = this
    if (!runningMean || !runningVar || !numBatchesTracked) return
    numBatchesTracked.assign(numBatchesTracked.add(1))
    const weight = momentum ?? numBatchesTracked.cast('float32').reciprocal()
    const blend = (state: State, batch: Tensor): void => {
      const value = stopGradient(batch).reshape([this.numFeatures])
      state.assign(state.add(value.sub(state).mul(weight)))
    }
    blend(runningMean, mean)
    blend(runningVar, variance.mul(count / (count - 1)))
  }
}

/**
 * Batch normalisation over `[N, C]` or `[N, C, L]`. State names as in PyTorch: `weight`, `bias`,
 * `running_mean`, `running_var`, `num_batches_tracked`.
 *
 * @see Ioffe & Szegedy 2015, arXiv:1502.03167
 */
export class BatchNorm1d extends BatchNorm {
  protected override get kind(): BatchNormKind {
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
  protected override get kind(): BatchNormKind {
    return { name: 'BatchNorm2d', ranks: [4], input: '[N, C, H, W]' }
  }
}
