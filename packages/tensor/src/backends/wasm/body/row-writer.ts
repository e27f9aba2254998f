import { type Code, i32, type Local, when } from '../assembler/index.ts'
import type { VectorPosition } from './body-writer.ts'
import { byteShift, elementAddress, storeLane, storeLanes } from './lanes.ts'
import type { AccessSpec } from './spec.ts'

/** Where the results of a row go. */
export interface RowStore {
  readonly access: AccessSpec
  /** Address of the element at inner position 0. */
  readonly pointer: Local
  /** Inner position of the vector's first lane. */
  readonly inner: Local
  /** Bytes from one element of the row to the next. */
  readonly stride: Local
}

/** Stores the lanes of a result: as a whole vector where memory is dense, else one by one. */
export function storeVector(store: RowStore, lanes: Local, { ahead, end }: VectorPosition): Code {
  const {
    access: { dtype, inner: step },
    pointer,
    inner,
    stride,
  } = store
  if (step === 'dense' && end === undefined) {
    return storeLanes(dtype, elementAddress(dtype, pointer, inner), lanes, (4 * ahead) << byteShift[dtype])
  }
  return [0, 1, 2, 3].map((lane) => {
    const at = i32.add(inner, 4 * ahead + lane)
    const write = storeLane(dtype, lane, i32.add(pointer, i32.mul(at, stride)), lanes)
    return end === undefined || lane === 0 ? write : when(i32.lt_s(at, end), write)
  })
}
