import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Tensor } from '@badak/tensor'

/** An array as tools/record-fixtures/formats.py describes it. */
export interface Described {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly values: readonly number[]
}

interface Expected {
  readonly npz: Readonly<Record<string, Described>>
  /** Whole files, in hexadecimal digits. */
  readonly npy: Readonly<Record<string, string>>
  readonly tensors: Readonly<Record<string, Described>>
  readonly stateDict: Readonly<Record<string, Described>>
}

export const expected = JSON.parse(
  await readFile(join(import.meta.dirname, 'fixtures/formats.json'), 'utf8'),
) as Expected

export async function describedOf(x: Tensor): Promise<Described> {
  const values = [await x.array()].flat(8) as number[]
  return { dtype: x.dtype, shape: x.shape, values }
}

/** The errors, other than those of `type`, of reading a file with one byte inverted, at every third place. */
export function unexpectedErrors(
  bytes: Uint8Array,
  read: (bytes: Uint8Array) => unknown,
  type: new () => Error,
): unknown[] {
  const errors: unknown[] = []
  for (let at = 0; at < bytes.length; at += 3) {
    const copy = Uint8Array.from(bytes)
    copy[at] = ~copy[at]!
    try {
      read(copy)
    } catch (error) {
      if (!(error instanceof type)) errors.push(error)
    }
  }
  return errors
}
