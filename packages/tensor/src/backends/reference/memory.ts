import { type DType, bytesPerElement, viewOf } from '../../dtype.ts'
import { BackendError } from '../../errors.ts'
import { fromFloat16, toFloat16 } from '../../float16.ts'
import type { Access, Load } from '../../schedule/kernels.ts'

/** One position per axis of what a kernel iterates over. */
export type Index = readonly number[]

/** The bytes of a slot. */
export interface Bytes {
  readonly buffer: ArrayBuffer
  readonly offset: number
  readonly length: number
}

/** What a kernel sees while it runs: memory through its accesses, and the numbers of this run. */
export class Memory {
  readonly #slots: readonly Bytes[]
  readonly #values: ArrayLike<number>

  constructor(slots: readonly Bytes[], values: ArrayLike<number>) {
    this.#slots = slots
    this.#values = values
  }

  /** A number that may be another one at each run. */
  value(position: number): number {
    if (position in this.#values) return this.#values[position]
    throw new BackendError(
      `reference: the program reads number ${position}, the run gives ${this.#values.length}`,
    )
  }

  /** Element `offset + Σ stridesₐ · iₐ` of a slot, or the fill value where the index is out of bounds. */
  reader(load: Load): (index: Index) => number {
    const { bounds } = load
    const element = this.#elementReader(load)
    const read = (index: Index): number => element(positionOf(load, index))
    if (!bounds) return read
    const fill = this.value(load.fill!)
    return (index) =>
      bounds.every(({ axis, low, high }) => index[axis] >= low && index[axis] < high) ? read(index) : fill
  }

  /** Element by element, for kernels that find their own way through a dense operand. */
  elements(access: Access): (position: number) => number {
    const element = this.#elementReader(access)
    return (position) => element(access.offset + position)
  }

  /** Puts a number into memory, rounded to what the type can hold. */
  writer(store: Access): (index: Index, value: number) => void {
    const { dtype } = store
    const array = this.#array(store.slot, dtype)
    return (index, value) => {
      const position = positionOf(store, index)
      checkInside(position, array.length, 'writes')
      array[position] = dtype === 'float16' ? toFloat16(value) : value
    }
  }

  #elementReader({ slot, dtype }: Access): (position: number) => number {
    const array = this.#array(slot, dtype)
    return (position) => {
      checkInside(position, array.length, 'reads')
      const element = array[position]
      return dtype === 'float16' ? fromFloat16(element) : element
    }
  }

  #array(slot: number, dtype: DType): ReturnType<typeof viewOf> {
    const { buffer, offset, length } = this.#slots[slot]
    return viewOf(dtype, buffer, offset, Math.floor(length / bytesPerElement(dtype)))
  }
}

function positionOf({ offset, strides }: Access, index: Index): number {
  let position = offset
  for (let axis = 0; axis < strides.length; axis++) position += strides[axis] * index[axis]
  return position
}

/** A typed array would swallow a wrong address in silence. */
function checkInside(position: number, length: number, verb: string): void {
  if (position >= 0 && position < length) return
  throw new BackendError(`reference: a kernel ${verb} element ${position} of a slot with ${length} elements`)
}

/** Visits each index of a space in row-major order. The index is the same array each time. */
export function forEachIndex(shape: readonly number[], visit: (index: Index) => void): void {
  const index = shape.map(() => 0)
  const descend = (axis: number): void => {
    if (axis === shape.length) return visit(index)
    for (index[axis] = 0; index[axis] < shape[axis]; index[axis]++) descend(axis + 1)
  }
  descend(0)
}
