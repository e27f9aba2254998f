import { Parameter, ShapeError, zeros } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { heUniform, type Initializer } from '@badak/initializers'
import { checkCount, show } from '../arguments.ts'
import { Module } from '../module/module.ts'

/** Whether a `Linear` has a bias, and how its weight begins. */
export interface LinearOptions {
  /** Whether a bias, initially 0, is added; default true. */
  bias?: boolean
  /**
   * First value of the weight; default `heUniform`. PyTorch draws from U(±1/√inFeatures), which is √6 times
   * narrower.
   */
  init?: Initializer
}

/**
 * `y = x·Wᵀ + b`, a dense (fully connected, affine) layer.
 *
 * `weight` is `[outFeatures, inFeatures]`, `bias` is `[outFeatures]`, as in PyTorch.
 *
 * @example
 * ```ts
 * const layer = new Linear(784, 100)
 * layer.forward(randomNormal([32, 784])).shape // [32, 100]
 * ```
 */
export class Linear extends Module {
  readonly weight: Parameter
  readonly bias?: Parameter

  /** @throws ValueError when a size is not an integer ≥ 1 */
  constructor(
    inFeatures: number,
    outFeatures: number,
    { bias = true, init = heUniform }: LinearOptions = {},
  ) {
    super()
    checkCount('Linear', 'inFeatures', inFeatures)
    checkCount('Linear', 'outFeatures', outFeatures)
    this.weight = new Parameter(init([outFeatures, inFeatures]))
    if (bias) this.bias = new Parameter(zeros([outFeatures], { dtype: this.weight.dtype }))
  }

  /**
   * @param x `[..., inFeatures]`
   * @returns `[..., outFeatures]`
   * @throws ShapeError when the last axis of `x` is not `inFeatures`
   */
  forward(x: Tensor): Tensor {
    checkFeatures('Linear', x, this.weight)
    return linear(x, this.weight, this.bias)
  }

  /** `inFeatures` for each element of the output. */
  override multiplyAdds(output: Tensor): number {
    return output.size * this.weight.shape[1]!
  }

  override toString(): string {
    const [outFeatures, inFeatures] = this.weight.shape
    return `Linear(${inFeatures}, ${outFeatures}${this.bias ? '' : ', { bias: false }'})`
  }
}

/**
 * `x·Wᵀ + b`.
 *
 * @param x `[..., in]`
 * @param weight `[out, in]`
 * @param bias `[out]`
 * @returns `[..., out]`
 * @throws ShapeError when the last axes of `x` and `weight` differ
 */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  checkFeatures('linear', x, weight)
  const [outFeatures, inFeatures] = weight.shape as [number, number]
  // One product of two matrices, however many axes come before the features.
  const rows = x.rank === 2 ? x : x.reshape([-1, inFeatures])
  const product = rows.matmul(weight.transpose())
  const output = bias ? product.add(bias) : product
  return x.rank === 2 ? output : output.reshape([...x.shape.slice(0, -1), outFeatures])
}

function checkFeatures(operation: string, x: Tensor, weight: Tensor): void {
  if (weight.rank !== 2) throw new ShapeError(`${operation}: weight is not [out, in]: ${show(weight.shape)}`)
  const [outFeatures, inFeatures] = weight.shape as [number, number]
  if (x.rank >= 1 && x.shape.at(-1) === inFeatures) return
  throw new ShapeError(
    `${operation}: input has ${x.shape.at(-1) ?? 'no'} features, weight expects ${inFeatures}: ` +
      `${show(x.shape)} x ${show([inFeatures, outFeatures])}`,
  )
}
