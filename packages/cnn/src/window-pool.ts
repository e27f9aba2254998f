import { ValueError } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { Module } from '@badak/layers'
import { windowFootprint, type Footprint, type Seeing } from './footprint.ts'
import { checkRank, type SizeReader } from './size.ts'

/** Sizes that poolings share, as users give them. */
export interface WindowOptions<Size> {
  stride?: Size
  padding?: Size
  ceilMode?: boolean
}

/** What poolings with a sliding window share. `K` is the tuple of sizes along the axes of the window. */
export abstract class WindowPool<K extends readonly number[], Size extends number | readonly number[]>
  extends Module
  implements Seeing
{
  readonly kernelSize: K
  readonly stride: K
  readonly padding: K
  readonly ceilMode: boolean
  /** Its name in errors; class names do not survive minification. */
  protected readonly kind: string

  constructor(kind: string, kernelSize: Size, options: WindowOptions<Size>, read: SizeReader<K, Size>) {
    super()
    const { stride = kernelSize, padding = 0 as Size, ceilMode = false } = options
    this.kind = kind
    this.kernelSize = read(kind, 'kernelSize', kernelSize, 1)
    this.stride = read(kind, 'stride', stride, 1)
    this.padding = read(kind, 'padding', padding, 0)
    this.ceilMode = ceilMode
    // With more padding than that, a window could lie outside of the image altogether.
    if (this.padding.some((size, axis) => size > this.kernelSize[axis]! / 2)) {
      throw new ValueError(
        `${kind}: padding exceeds half of the kernel: ` +
          `padding ${this.padding.join('x')}, kernel ${this.kernelSize.join('x')}`,
      )
    }
  }

  /** @throws ShapeError when `x` has another rank */
  protected check(x: Tensor): void {
    checkRank(this.kind, x, 2 + this.kernelSize.length)
  }

  /** What `receptiveField` asks for. */
  footprint(): Footprint[] {
    const { kernelSize: kernel, stride, padding } = this
    return windowFootprint(kernel.length, { kernel, stride, padding })
  }

  override toString(): string {
    return `${this.kind}(${this.kernelSize.join('x')})`
  }
}
