import { ShapeError } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { show } from '../arguments.ts'
import type { Layer } from '../module/layer.ts'
import { Module } from '../module/module.ts'
import { checkEntry } from './entries.ts'

/**
 * `block(x) + x`: a block that learns what to change. With a `shortcut`, `block(x) + shortcut(x)`, for blocks
 * that change the shape.
 *
 * @example
 * ```ts
 * new Residual(new Sequential(new Linear(64, 64), new ReLU(), new Linear(64, 64)))
 * new Residual(new Linear(64, 32), new Linear(64, 32, { bias: false }))
 * ```
 * @see He et al. 2015, arXiv:1512.03385
 */
export class Residual extends Module {
  readonly block: Layer
  readonly shortcut?: Layer

  /** @throws ValueError when something is not a module */
  constructor(block: Layer, shortcut?: Layer) {
    super()
    checkEntry('Residual', 'block', block)
    this.block = block
    if (!shortcut) return
    checkEntry('Residual', 'shortcut', shortcut)
    this.shortcut = shortcut
  }

  /** @throws ShapeError when the two give different shapes: nothing is broadcast */
  forward(x: Tensor): Tensor {
    const y = this.block.forward(x)
    const past = this.shortcut ? this.shortcut.forward(x) : x
    if (show(y.shape) === show(past.shape)) return y.add(past)
    throw new ShapeError(
      `Residual: block and shortcut give different shapes: ${show(y.shape)}, ${show(past.shape)}`,
    )
  }

  override toString(): string {
    return 'Residual'
  }
}
