import type { Tensor } from '../tensor.ts'
import type { Node } from './node.ts'

/** Marks tensors, whichever copy of the package made them. */
export const tensorMarker: unique symbol = Symbol.for('badak.tensor') as never

let make: ((node: Node) => Tensor) | undefined

/** `tensor.ts` says how a handle is made, so that ops need not import the class whose methods call them. */
export function registerHandle(factory: (node: Node) => Tensor): void {
  make = factory
}

/** A handle on `node`. */
export function wrap(node: Node): Tensor {
  return make!(node)
}
