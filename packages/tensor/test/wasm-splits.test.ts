import { describe, expect, test } from 'vitest'
import { arrange } from '../src/backends/wasm/arrange.ts'
import { lowerMatmul } from '../src/backends/wasm/contract/matmul.ts'
import type { Body, MatmulKernel, Slot } from '../src/schedule/kernels.ts'

// How well threads are kept busy follows from the sizes of chunks alone: the time of the busiest of T threads, each
// of which takes the next chunk when it is done, beside that of T threads that end together.

const target = { sharedMemory: true, relaxedSimd: true }
const bare: Body = { loads: [], instructions: [{ op: 'accumulator', dtype: 'float32' }] }

/** The product itself, without the packing before it: its units and those of a chunk. */
function cut(m: number, k: number, n: number, transposed: string): { units: number; grain: number } {
  const access = (slot: number, strides: number[]) =>
    ({ slot, dtype: 'float32', offset: 0, strides }) as const
  const kernel: MatmulKernel = {
    kind: 'matmul',
    label: 'product',
    batch: [],
    m,
    n,
    k,
    epilogue: bare,
    left: access(0, transposed.includes('left') ? [1, m] : [k, 1]),
    right: access(1, transposed.includes('right') ? [1, k] : [n, 1]),
    store: access(2, [n, 1]),
  }
  const slots = [m * k, k * n, m * n].map((size): Slot => ({ kind: 'input', bytes: 4 * size }))
  const lowered = lowerMatmul(kernel, target, () => [])
  return arrange({ slots, kernels: [kernel], arenaBytes: 0, values: 0 }, [lowered]).at(-1)!
}

function balance({ units, grain }: { units: number; grain: number }, threads: number): number {
  const chunks = Math.ceil(units / grain)
  return units / threads / Math.min(units, grain * Math.ceil(chunks / threads))
}

const shapes: [name: string, m: number, k: number, n: number, transposed: string][] = [
  ['square', 256, 256, 256, ''],
  ['square', 512, 512, 512, ''],
  ['large', 1024, 1024, 1024, ''],
  ['tall', 16_384, 64, 64, ''],
  ['tall', 4096, 256, 256, 'right'],
  ['wide', 64, 64, 16_384, ''],
  ['wide', 256, 256, 4096, 'left'],
  ['short along the sum', 1024, 8, 1024, ''],
  ['short along the sum', 2048, 16, 2048, 'left'],
  ['long along the sum', 64, 16_384, 64, ''],
  ['long along the sum', 128, 8192, 128, 'left'],
  ['a step of an LSTM', 32, 256, 1024, 'right'],
  ['its gradient', 32, 1024, 256, ''],
  ['all steps of an LSTM', 1024, 256, 1024, 'right'],
  ['gradient of its weights', 1024, 1024, 256, 'left'],
  ['a layer', 128, 784, 512, 'right'],
  ['gradient of its weights', 512, 128, 784, 'left'],
]

describe.each(shapes)('%s: %i × %i · %i %s', (_, m, k, n, transposed) => {
  // For 16 threads most of these have one or two units each.
  test.each([
    [2, 0.95],
    [4, 0.9],
    [8, 0.85],
    [16, 0.5],
  ])('%i threads are busy for %d of the time', (threads, share) => {
    expect(balance(cut(m, k, n, transposed), threads)).toBeGreaterThanOrEqual(share)
  })
})

test('chunks are equally large, and not too many', () => {
  // 32 rows of 2560 operations each are two chunks, not one of 25 rows and one of 7.
  const grainOf = (units: number, grain: number): number => {
    const launch = { module: { key: '', write: () => {} }, entry: '', args: [], units, grain }
    const access = { slot: 0, dtype: 'int32', offset: 0, strides: [1] } as const
    const kernel = { kind: 'random', label: '', form: 'bits', count: 1, key: access, store: access } as const
    const slots = [{ kind: 'output', bytes: 64 }] as const
    const lowering = { launches: [launch], scratchBytes: 0, threadScratchBytes: 0 }
    return arrange({ slots, kernels: [kernel], arenaBytes: 0, values: 0 }, [lowering])[0]!.grain
  }
  expect(grainOf(32, 25)).toBe(16)
  expect(grainOf(10_000, 3)).toBe(157)
  expect(grainOf(1, 100)).toBe(1)
})
