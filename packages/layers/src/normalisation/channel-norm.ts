import { Parameter, ShapeError, State, ValueError, ones, rsqrt, stopGradient, zeros } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkCount, checkPositive, show } from '../arguments.ts'
import { Module } from '../module/module.ts'
import { acrossChannels } from './moments.ts'

/** How a norm over channels normalises, and what it learns and remembers. */
export interface ChannelNormOptions {
  /** Added to the variance; default 1e-5. */
  eps?: number
  /** Weight of the input in the running statistics; `null` averages all batches alike. Default 0.1. */
  momentum?: number | null
  /** Whether there are a weight, initially 1, and a bias, initially 0, per channel. */
  affine?: boolean
  /** Whether statistics are collected for evaluation; without them, those of the input are used there too. */
  trackRunningStats?: boolean
}

/** Written out, since class names do not survive minification. */
interface ChannelNormKind {
  readonly name: string
  readonly ranks: readonly number[]
  readonly input: string
}

/** What batch and instance norms share: they differ in what their statistics are taken over. */
export abstract class ChannelNorm extends Module {
  readonly weight?: Parameter
  readonly bias?: Parameter
  readonly runningMean?: State
  readonly runningVar?: State
  readonly numBatchesTracked?: State
  readonly numFeatures: number
  readonly eps: number

  /** @throws ValueError when `numFeatures` is not an integer ≥ 1, or an option is out of range */
  constructor(numFeatures: number, options: Required<ChannelNormOptions>) {
    super()
    const { eps, momentum, affine, trackRunningStats } = options
    const { name } = this.kind()
    checkCount(name, 'numFeatures', numFeatures)
    checkPositive(name, 'eps', eps)
    if (momentum !== null && !(momentum >= 0 && momentum <= 1))
      throw new ValueError(`${name}: momentum is not in [0, 1]: ${momentum}`)
    this.numFeatures = numFeatures
    this.eps = eps
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
  protected abstract kind(): ChannelNormKind

  /** @returns the shape of `x` */
  abstract override forward(x: Tensor): Tensor

  override toString(): string {
    return `${this.kind().name}(${this.numFeatures})`
  }

  /** @internal */
  protected check(x: Tensor): void {
    const { name, ranks, input } = this.kind()
    if (ranks.includes(x.rank) && x.shape[1] === this.numFeatures) return
    throw new ShapeError(`${name}: input is not ${input} with ${this.numFeatures} channels: ${show(x.shape)}`)
  }

  /** @internal */
  protected checkVariance(x: Tensor, count: number): void {
    if (count === 1)
      throw new ValueError(`${this.kind().name}: one value per channel has no variance: ${show(x.shape)}`)
  }

  /** With the statistics that were collected, unless there are none or this is training. @internal */
  protected normaliseByRunning(x: Tensor): Tensor | undefined {
    const { runningMean, runningVar } = this
    if (this.training || !runningMean || !runningVar) return undefined
    const across = acrossChannels(x)
    return this.normalise(x.sub(runningMean.reshape(across)), runningVar.reshape(across))
  }

  /** (centred − offset) · weight / √(variance + eps) + bias. @internal */
  protected normalise(centred: Tensor, variance: Tensor, offset?: Tensor): Tensor {
    const { weight, bias } = this
    const across = acrossChannels(centred)
    const deviation = rsqrt(variance.add(this.eps))
    const scale = weight ? deviation.mul(weight.reshape(across)) : deviation
    const shift = bias?.reshape(across)
    const moved = offset?.mul(scale)
    const constant = moved && shift ? shift.sub(moved) : (shift ?? moved?.neg())
    return constant ? centred.mul(scale).add(constant) : centred.mul(scale)
  }

  /** Moves the running statistics towards those of the input, the variance being an unbiased one. @internal */
  protected track(mean: Tensor, variance: Tensor, weight: Tensor | number): void {
    const blend = (state: State | undefined, input: Tensor): void => {
      const value = stopGradient(input).reshape([this.numFeatures])
      state?.assign(state.add(value.sub(state).mul(weight)))
    }
    blend(this.runningMean, mean)
    blend(this.runningVar, variance)
  }
}
