import { Parameter, ShapeError, ValueError, ones, zeros } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkCount, checkPositive, show } from '../arguments.ts'
import { Module } from '../module/module.ts'
import type { AffineOptions } from './layer-norm.ts'
import { acrossChannels, scaleAndShift, standardise } from './moments.ts'

/**
 * (x − mean) / √(variance + eps) · weight + bias over groups of channels, for each example by itself: with
 * one group a layer norm, with as many as channels an instance norm.
 *
 * @param x `[N, C, ...]`
 * @param numGroups into how many groups the channels are split, one after the other
 * @param options `weight` and `bias` are `[C]`
 * @returns the shape of `x`
 * @throws ShapeError when `x` has no channels, or `weight` or `bias` not one value for each
 * @throws ValueError when `numGroups` does not divide the channels, or `eps` is not a positive number
 * @see Wu & He 2018, arXiv:1803.08494
 */
export function groupNorm(
  x: Tensor,
  numGroups: number,
  { weight, bias, eps = 1e-5 }: AffineOptions = {},
): Tensor {
  checkPositive('groupNorm', 'eps', eps)
  if (x.rank < 2) throw new ShapeError(`groupNorm: input is not [N, C, ...]: ${show(x.shape)}`)
  const [N, C] = x.shape as [number, number]
  checkGroups('groupNorm', numGroups, C)
  const wrong = [weight, bias].find((parameter) => parameter && show(parameter.shape) !== show([C]))
  if (wrong) throw new ShapeError(`groupNorm: weight or bias is not [${C}]: ${show(wrong.shape)}`)
  const groups = x.reshape([N, numGroups, x.size === 0 ? 0 : x.size / (N * numGroups)])
  const across = acrossChannels(x)
  return scaleAndShift(
    standardise(groups, [2], eps).reshape(x.shape),
    weight?.reshape(across),
    bias?.reshape(across),
  )
}

/** How a `GroupNorm` normalises, and what it learns. */
export interface GroupNormOptions {
  /** Added to the variance, > 0; default 1e-5. */
  eps?: number
  /** Whether there are a weight, initially 1, and a bias, initially 0, per channel; default true. */
  affine?: boolean
}

/** `groupNorm` with a `weight` and a `bias` that are learned, `[numChannels]`, as in PyTorch. */
export class GroupNorm extends Module {
  readonly weight?: Parameter
  readonly bias?: Parameter
  readonly numGroups: number
  readonly numChannels: number
  readonly eps: number

  /** @throws ValueError when `numGroups` does not divide `numChannels`, or a number is out of range */
  constructor(numGroups: number, numChannels: number, { eps = 1e-5, affine = true }: GroupNormOptions = {}) {
    super()
    checkCount('GroupNorm', 'numChannels', numChannels)
    checkGroups('GroupNorm', numGroups, numChannels)
    checkPositive('GroupNorm', 'eps', eps)
    this.numGroups = numGroups
    this.numChannels = numChannels
    this.eps = eps
    if (affine) {
      this.weight = new Parameter(ones([numChannels]))
      this.bias = new Parameter(zeros([numChannels]))
    }
  }

  /**
   * @param x `[N, numChannels, ...]`
   * @returns the shape of `x`
   * @throws ShapeError when `x` has another number of channels
   */
  forward(x: Tensor): Tensor {
    if (x.shape[1] !== this.numChannels) {
      throw new ShapeError(
        `GroupNorm: input is not [N, C, ...] with ${this.numChannels} channels: ${show(x.shape)}`,
      )
    }
    const { weight, bias, eps } = this
    return groupNorm(x, this.numGroups, { weight, bias, eps })
  }

  override toString(): string {
    return `GroupNorm(${this.numGroups}, ${this.numChannels})`
  }
}

function checkGroups(operation: string, numGroups: number, channels: number): void {
  checkCount(operation, 'numGroups', numGroups)
  if (channels % numGroups !== 0)
    throw new ValueError(`${operation}: ${numGroups} groups do not divide ${channels} channels`)
}
