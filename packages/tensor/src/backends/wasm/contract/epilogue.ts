import type { Access, Body } from '../../../schedule/kernels.ts'
import { type Launch, slotAddress, type Word } from '../launch.ts'

/**
 * A pass over results that a contraction has left in memory: `store[i] = body(i)` for i over `shape`, in
 * which `accumulator` is the element at `address + Σ 4 · stridesₐ · iₐ`. The accumulator may be the store
 * itself.
 */
export interface EpiloguePass {
  readonly shape: readonly number[]
  readonly body: Body
  readonly store: Access
  readonly accumulator: {
    readonly dtype: 'float32' | 'int32'
    readonly address: Word
    /** In elements. */
    readonly strides: readonly number[]
  }
}

/** How the owner of elementwise code generation turns such a pass into launches. */
export type LowerEpilogue = (pass: EpiloguePass) => readonly Launch[]

/** Whether the result is stored as it is. */
export function isBareEpilogue(epilogue: Body, store: Access, dtype: 'float32' | 'int32'): boolean {
  return (
    epilogue.instructions.length === 1 &&
    epilogue.instructions[0].op === 'accumulator' &&
    store.dtype === dtype
  )
}

/** The address of an access whose elements have four bytes. */
export function addressOf({ slot, offset }: Access): Word {
  return slotAddress(slot, 4 * offset)
}

/** Row-major strides. */
export function denseStrides(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1)
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1] * shape[axis + 1]
  return strides
}
