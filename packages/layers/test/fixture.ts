import { readFileSync } from 'node:fs'
import { tensor, type DType, type Tensor } from '@badak/tensor'

/** A tensor in a fixture; NaN and infinities are strings. */
export interface Recorded {
  readonly shape: readonly number[]
  readonly data: readonly (number | string)[]
}

/** The cases in a file that `tools/record-fixtures/layers.py` wrote. */
export function readCases<Case>(url: URL): Case[] {
  return (JSON.parse(readFileSync(url, 'utf8')) as { cases: Case[] }).cases
}

export function toTensor({ shape, data }: Recorded, dtype: DType = 'float32'): Tensor {
  const values = data.map(Number)
  const array = dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values)
  return tensor(array, { shape })
}

/**
 * Where `actual` is not what was recorded, up to `tolerance`: relative to values above `floor`, absolute,
 * `tolerance · floor`, below, as for differences of numbers near 1. Or `none`.
 */
export async function difference(
  actual: Tensor,
  expected: Recorded,
  tolerance: number,
  floor = 0.1,
): Promise<string> {
  if (actual.shape.join() !== expected.shape.join()) return `shape [${actual.shape}] for [${expected.shape}]`
  const values = await actual.data()
  const wanted = expected.data.map((value) => Math.fround(Number(value)))
  const at = wanted.findIndex((value, i) => !close(values[i]!, value, tolerance, floor))
  return at < 0 ? 'none' : `element ${at}: ${values[at]} for ${wanted[at]}`
}

function close(a: number, b: number, tolerance: number, floor: number): boolean {
  return Object.is(a, b) || a === b || Math.abs(a - b) <= tolerance * Math.max(floor, Math.abs(b))
}
