import { Parameter, ShapeError, zeros } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { heUniform } from '@badak/initializers'
import { checkCount, show } from '../arguments.ts'
import { Module } from '../module/module.ts'
import type { LinearOptions } from './linear.ts'

/**
 * `yₒ = aᵀ·Wₒ·b + biasₒ`: linear in each of two inputs.
 *
 * @param a `[..., in1]`
 * @param b `[..., in2]`, with the same axes before the last
 * @param weight `[out, in1, in2]`
 * @param bias `[out]`
 * @returns `[..., out]`
 * @throws ShapeError when the shapes do not fit
 */
export function bilinear(a: Tensor, b: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  if (weight.rank !== 3)
    throw new ShapeError(`bilinear: weight is not [out, in1, in2]: ${show(weight.shape)}`)
  const [out, in1, in2] = weight.shape as [number, number, number]
  const axes = a.shape.slice(0, -1)
  if (show(a.shape) !== show([...axes, in1]) || show(b.shape) !== show([...axes, in2])) {
    throw new ShapeError(
      `bilinear: inputs are not [..., ${in1}] and [..., ${in2}]: ${show(a.shape)} and ${show(b.shape)}`,
    )
  }
  // All of Wₒ·b in one product of matrices, then each with a.
  const products = b.reshape([-1, in2]).matmul(weight.reshape([out * in1, in2]).transpose())
  const y = products
    .reshape([-1, out, in1])
    .mul(a.reshape([-1, 1, in1]))
    .sum({ axis: 2 })
  return (bias ? y.add(bias) : y).reshape([...axes, out])
}

/** `bilinear` with a `weight`, `[outFeatures, in1Features, in2Features]`, and a `bias`, as in PyTorch. */
export class Bilinear extends Module {
  readonly weight: Parameter
  readonly bias?: Parameter

  /** @throws ValueError when a size is not an integer ≥ 1 */
  constructor(
    in1Features: number,
    in2Features: number,
    outFeatures: number,
    { bias = true, init = heUniform }: LinearOptions = {},
  ) {
    super()
    checkCount('Bilinear', 'in1Features', in1Features)
    checkCount('Bilinear', 'in2Features', in2Features)
    checkCount('Bilinear', 'outFeatures', outFeatures)
    this.weight = new Parameter(init([outFeatures, in1Features, in2Features]))
    if (bias) this.bias = new Parameter(zeros([outFeatures], { dtype: this.weight.dtype }))
  }

  /**
   * @param a `[..., in1Features]`
   * @param b `[..., in2Features]`, with the same axes before the last
   * @returns `[..., outFeatures]`
   * @throws ShapeError when the shapes do not fit
   */
  forward(a: Tensor, b: Tensor): Tensor {
    return bilinear(a, b, this.weight, this.bias)
  }

  /** `in1·(in2 + 1)` for each element of the output. */
  override multiplyAdds(output: Tensor): number {
    const [, in1, in2] = this.weight.shape as [number, number, number]
    return output.size * in1 * (in2 + 1)
  }

  override toString(): string {
    const [out, in1, in2] = this.weight.shape
    return `Bilinear(${in1}, ${in2}, ${out}${this.bias ? '' : ', { bias: false }'})`
  }
}
