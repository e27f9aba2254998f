import {
  type DType,
  IndexError,
  ShapeError,
  type Tensor,
  tensor,
  type TypedArray,
  ValueError,
} from '@badak/tensor'
import type { Dataset } from './dataset.ts'
import type { HostArray } from './host-batch.ts'

/** One array of an `arrayDataset`; its first axis counts the samples. */
export interface ArrayField {
  readonly data: TypedArray
  /** `[N, ...]` */
  readonly shape: readonly number[]
  /** Element type of the batches; default: that of `data`. */
  readonly dtype?: DType
  /** For `Uint8Array` data: the float that stands for each byte, 256 of them. Batches are then float32. */
  readonly lookup?: Float32Array
}

/** The arrays of a data set, by the name that they have in a batch. */
export type ArrayFields = Readonly<Record<string, ArrayField>>

/** A data set that lies in memory. */
export interface ArrayDataset<Fields extends ArrayFields> extends Dataset<{
  [Name in keyof Fields]: Tensor
}> {
  readonly fields: Fields
  /** Sample `index`, without the batch axis. @throws IndexError when there is no such sample */
  get(index: number): { [Name in keyof Fields]: Tensor }
}

/**
 * A data set over arrays in memory: field `x` of shape `[N, ...]` gives batches `x` of shape `[B, ...]`.
 *
 * The arrays are not copied; a batch is.
 *
 * @throws ShapeError when a shape does not fit its data, or the fields differ in `N`
 *
 * @example
 * ```ts
 * const xor = arrayDataset({
 *   x: { data: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), shape: [4, 2] },
 *   t: { data: Int32Array.of(0, 1, 1, 0), shape: [4] },
 * })
 * ```
 */
export function arrayDataset<Fields extends ArrayFields>(fields: Fields): ArrayDataset<Fields> {
  const entries = Object.entries(fields)
  const length = checkFields(entries)

  function collect(indices: Int32Array, batched: boolean): { [Name in keyof Fields]: Tensor } {
    for (const index of indices) {
      if (index < 0 || index >= length)
        throw new IndexError(`arrayDataset: there are ${length} samples: ${index}`)
    }
    const batch = entries.map(([name, field]) => {
      const { data, shape, dtype } = gatherField(field, indices)
      return [name, tensor(data, { shape: batched ? shape : shape.slice(1), ...(dtype && { dtype }) })]
    })
    return Object.fromEntries(batch) as { [Name in keyof Fields]: Tensor }
  }

  return {
    fields,
    length,
    gatherBatch: (indices) => collect(indices, true),
    get: (index) => {
      if (!Number.isInteger(index)) throw new IndexError(`arrayDataset: not an index: ${index}`)
      return collect(Int32Array.of(index), false)
    },
  }
}

/**
 * Rows of a field, converted on the way. A fresh array each time: a pending graph may still read the last.
 */
export function gatherField({ data, shape, dtype, lookup }: ArrayField, indices: Int32Array): HostArray {
  const row = shape.slice(1)
  const size = row.reduce((product, extent) => product * extent, 1)
  const rows = lookup ? new Float32Array(indices.length * size) : new (arrayOf(data))(indices.length * size)
  for (let i = 0; i < indices.length; i++) {
    const start = indices[i]! * size
    if (lookup) for (let j = 0; j < size; j++) rows[i * size + j] = lookup[data[start + j]!]!
    else rows.set(data.subarray(start, start + size), i * size)
  }
  return { data: rows, shape: [indices.length, ...row], ...(dtype && { dtype }) }
}

function arrayOf(data: TypedArray): new (length: number) => TypedArray {
  return data.constructor as new (length: number) => TypedArray
}

/** The number of samples that all fields agree on. */
function checkFields(entries: readonly (readonly [string, ArrayField])[]): number {
  const [first] = entries
  if (first === undefined) throw new ValueError('arrayDataset: no fields: {}')
  const length = first[1].shape[0] ?? 0
  for (const [name, { data, shape, lookup }] of entries) {
    const size = shape.reduce((product, extent) => product * extent, 1)
    if (shape.length === 0 || size !== data.length) {
      throw new ShapeError(
        `arrayDataset: ${name}: the shape does not fit the data: [${shape}] for ${data.length} elements`,
      )
    }
    if (shape[0] !== length) {
      throw new ShapeError(
        `arrayDataset: fields differ in length: ${first[0]} has ${length}, ${name} has ${shape[0]}`,
      )
    }
    if (lookup && !(data instanceof Uint8Array && lookup.length === 256)) {
      throw new ValueError(
        `arrayDataset: ${name}: a lookup is 256 floats for a Uint8Array: ${lookup.length} floats`,
      )
    }
  }
  return length
}
