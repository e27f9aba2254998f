import { type Code, i32, local, type Local, when, whileTrue } from '../assembler/index.ts'
import type { BodyWriter, VectorPosition } from './body-writer.ts'
import { byteShift, elementAddress, storeLane, storeLanes } from './lanes.ts'
import type { AccessSpec } from './spec.ts'

/** What is done along a row: for `count` vectors together, and for one of them or its first lanes. */
export interface RowCode {
  readonly count: number
  readonly together: Code
  readonly vector: (position: VectorPosition) => Code
}

/** Goes along the elements [i, stop) of a row: many vectors, one, and one to three elements at a time. */
export function alongRow({ count, together, vector }: RowCode, i: Local, stop: Local): Code {
  const whileRoom = (vectors: number, code: Code): Code => {
    const next = i32.add(i, 4 * vectors)
    return whileTrue(i32.le_s(next, stop), [code, local.set(i, next)])
  }
  return [
    count > 1 ? whileRoom(count, together) : [],
    whileRoom(1, vector({ ahead: 0 })),
    when(i32.lt_s(i, stop), vector({ ahead: 0, end: stop })),
  ]
}

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

/** Computes a row and stores it. */
export function storeRow(body: BodyWriter, store: RowStore): RowCode {
  const stores = Array.from({ length: body.count }, (_, ahead) =>
    storeVector(store, body.result(ahead), { ahead }),
  )
  return {
    count: body.count,
    together: [body.together(), stores],
    vector: (position) => [body.perVector(position), storeVector(store, body.result(), position)],
  }
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
