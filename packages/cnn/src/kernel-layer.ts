import { Parameter, ShapeError, ValueError, zeros } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { heUniform, type Initializer } from '@badak/initializers'
import { Module } from '@badak/layers'
import { axesFor, single, type SizeReader } from './size.ts'

/** Options that all convolutions share, with their defaults. */
export interface KernelOptions<K> {
  readonly stride: K
  readonly dilation: K
  readonly groups: number
  readonly bias: boolean
  readonly init: Initializer
}

/** Sizes per axis, and defaults. @throws ValueError when a size is out of range */
export function kernelOptions<K, Size extends number | readonly number[]>(
  kind: string,
  options: Partial<KernelOptions<Size>>,
  size: SizeReader<K, Size>,
): KernelOptions<K> {
  const { stride = 1 as Size, dilation = 1 as Size, groups = 1, bias = true, init = heUniform } = options
  return {
    stride: size(kind, 'stride', stride, 1),
    dilation: size(kind, 'dilation', dilation, 1),
    groups,
    bias,
    init,
  }
}

/** What a layer maps from and to. */
export interface Channels {
  readonly inChannels: number
  readonly outChannels: number
}

/** What convolutions and transposed convolutions share. `K` is the tuple of sizes along the axes of the kernel. */
export abstract class KernelLayer<K extends readonly number[]> extends Module {
  readonly weight: Parameter
  readonly bias?: Parameter
  readonly inChannels: number
  readonly outChannels: number
  readonly kernelSize: K
  readonly stride: K
  readonly dilation: K
  readonly groups: number
  /** Its name in errors; class names do not survive minification. */
  protected readonly kind: string

  constructor(
    kind: string,
    { inChannels, outChannels }: Channels,
    kernelSize: K,
    options: KernelOptions<K>,
    transposed = false,
  ) {
    super()
    const { stride, dilation, groups, bias, init } = options
    for (const [what, size] of Object.entries({ inChannels, outChannels, groups }))
      single(kind, what, size, 1)
    if (inChannels % groups !== 0 || outChannels % groups !== 0) {
      throw new ValueError(
        `${kind}: groups must divide both channels: ` +
          `${groups} groups, ${inChannels} and ${outChannels} channels`,
      )
    }
    const channels = transposed ? [inChannels, outChannels / groups] : [outChannels, inChannels / groups]
    this.weight = new Parameter(init([...channels, ...kernelSize]))
    if (bias) this.bias = new Parameter(zeros([outChannels], { dtype: this.weight.dtype }))
    this.kind = kind
    this.inChannels = inChannels
    this.outChannels = outChannels
    this.kernelSize = kernelSize
    this.stride = stride
    this.dilation = dilation
    this.groups = groups
  }

  /** @throws ShapeError when `x` is not of the right rank or number of channels */
  protected check(x: Tensor): void {
    const { rank, shape } = this.weight
    if (x.rank === rank && x.shape[1] === this.inChannels) return
    throw new ShapeError(
      `${this.kind}: input is not ${axesFor(rank)} with ${this.inChannels} channels: ` +
        `[${x.shape.join(',')}] x [${shape.join(',')}]`,
    )
  }

  protected addBias(output: Tensor): Tensor {
    const { bias } = this
    return bias ? output.add(bias.reshape([1, bias.size, ...this.stride.map(() => 1)])) : output
  }

  override toString(): string {
    return `${this.kind}(${this.inChannels}, ${this.outChannels}, ${this.kernelSize.join('x')})`
  }
}
