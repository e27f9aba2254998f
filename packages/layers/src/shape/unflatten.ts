import { ShapeError, ValueError } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { show } from '../arguments.ts'
import { Module } from '../module/module.ts'

/** Makes several axes of one: `new Unflatten(1, [3, 8, 8])` gives `[N, 192]` → `[N, 3, 8, 8]`. */
export class Unflatten extends Module {
  readonly axis: number
  readonly sizes: readonly number[]

  /**
   * @param axis counted from the end if negative
   * @param sizes of the axes in its place; one may be −1: what remains
   * @throws ValueError when a size is no integer ≥ −1, or more than one is −1
   */
  constructor(axis: number, sizes: readonly number[]) {
    super()
    const open = sizes.filter((size) => size === -1).length
    if (open > 1 || sizes.length === 0 || !sizes.every((size) => Number.isSafeInteger(size) && size >= -1))
      throw new ValueError(`Unflatten: not the sizes of axes: ${show(sizes)}`)
    this.axis = axis
    this.sizes = [...sizes]
  }

  /** @throws ShapeError when `x` has no such axis, or its size is not the product of the sizes */
  forward(x: Tensor): Tensor {
    const { sizes } = this
    const axis = this.axis < 0 ? this.axis + x.rank : this.axis
    const size = x.shape[axis]
    const known = sizes.reduce((product, each) => (each === -1 ? product : product * each), 1)
    const fits = sizes.includes(-1) ? known > 0 && (size ?? 0) % known === 0 : size === known
    if (size === undefined || !fits)
      throw new ShapeError(`Unflatten: axis ${this.axis} is not ${show(sizes)}: ${show(x.shape)}`)
    return x.reshape(x.shape.toSpliced(axis, 1, ...sizes.map((each) => (each === -1 ? size / known : each))))
  }

  override toString(): string {
    return `Unflatten(${this.axis}, ${show(this.sizes)})`
  }
}
