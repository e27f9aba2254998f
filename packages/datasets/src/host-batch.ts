import { type DType, hostValues, isTensor, type Tensor, tensor, type TypedArray } from '@badak/tensor'

/** Numbers that become a tensor: unlike one, they can be sent from thread to thread. */
export interface HostArray {
  readonly data: TypedArray
  readonly shape: readonly number[]
  /** Default: that of the data. */
  readonly dtype?: DType
}

/** A batch before its arrays become tensors: by name, arrays and whatever else can be sent to another thread. */
export type HostBatch = Readonly<Record<string, unknown>>

/** The batch that comes of a host batch: arrays are tensors, everything else is as it was. */
export type TensorsOf<Batch> = {
  readonly [Name in keyof Batch]: Batch[Name] extends HostArray
    ? Tensor
    : Batch[Name] extends HostArray | undefined
      ? Tensor | undefined
      : Batch[Name] extends readonly HostArray[]
        ? readonly Tensor[]
        : Batch[Name]
}

/** Whether a part of a batch becomes a tensor. */
export function isHostArray(value: unknown): value is HostArray {
  const { data, shape } = (value ?? {}) as Partial<HostArray>
  return ArrayBuffer.isView(data) && Array.isArray(shape)
}

/** Makes tensors of arrays, also in lists; they are copies. */
export function toTensors<Batch extends object>(batch: Batch): TensorsOf<Batch> {
  const entries = Object.entries(batch).map(([name, value]: [string, unknown]) => [name, toTensor(value)])
  return Object.fromEntries(entries) as TensorsOf<Batch>
}

/** The tensor of an array; those of a list of them; anything else as it is. */
export function toTensor(value: unknown): unknown {
  if (Array.isArray(value)) return value.some(isHostArray) ? value.map(toTensor) : value
  if (!isHostArray(value)) return value
  const { data, shape, dtype } = value
  return tensor(data, { shape, ...(dtype && { dtype }) })
}

/** The way back: what a batch of tensors holds, computed where it is not known yet. */
export async function toArrays(batch: unknown): Promise<unknown> {
  if (isTensor(batch)) {
    const { shape, dtype } = batch
    return { data: hostValues(batch) ?? (await batch.data()), shape: [...shape], dtype } satisfies HostArray
  }
  if (Array.isArray(batch)) return batch.some(isTensor) ? Promise.all(batch.map(toArrays)) : batch
  if (batch === null || typeof batch !== 'object' || Object.getPrototypeOf(batch) !== Object.prototype)
    return batch
  const entries = Object.entries(batch).map(async ([name, value]) => [name, await toArrays(value)] as const)
  return Object.fromEntries(await Promise.all(entries))
}

/** Arrays that are used again, so that the collector of garbage has nothing to do. */
export class ArrayPool {
  readonly #free: ArrayBuffer[] = []
  readonly #lent = new WeakSet<ArrayBufferLike>()
  readonly #limit: number

  /** @param limit how many arrays are kept at most */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** An array of `size` floats, with any contents. */
  readonly allocate = (size: number): Float32Array => {
    const at = this.#free.findIndex(({ byteLength }) => byteLength === 4 * size)
    const buffer = at < 0 ? new ArrayBuffer(4 * size) : this.#free.splice(at, 1)[0]!
    this.#lent.add(buffer)
    return new Float32Array(buffer)
  }

  /** The buffers among the arrays of a batch that were allocated here, and nowhere else. */
  lentTo(batch: object): ArrayBuffer[] {
    const arrays = Object.values(batch).filter(isHostArray)
    const buffers = arrays.map(({ data }) => data.buffer).filter((buffer) => this.#lent.has(buffer))
    return [...new Set(buffers)] as ArrayBuffer[]
  }

  /** Takes an array that nobody reads any more. */
  recycle(buffer: ArrayBuffer): void {
    this.#free.push(buffer)
    if (this.#free.length > this.#limit) this.#free.shift()
  }
}
