import { expect, test } from 'vitest'
import type { Kernel, MapKernel } from '../src/schedule/kernels.ts'
import type { UnplacedSlot } from '../src/schedule/lower.ts'
import { placeSlots } from '../src/schedule/memory.ts'

/** A kernel that reads some slots and writes one. */
function kernel(reads: readonly number[], writes: number): Kernel {
  const access = (slot: number) => ({ slot, dtype: 'float32', offset: 0, strides: [1] }) as const
  const map: MapKernel = {
    kind: 'map',
    label: 'test',
    shape: [16],
    body: { loads: reads.map(access), instructions: [{ op: 'value', dtype: 'float32', value: 0 }] },
    store: access(writes),
  }
  return map
}

const temporary = (bytes: number): UnplacedSlot => ({ kind: 'temporary', bytes })

test('a chain of temporaries needs the memory of two', () => {
  const slots = [...Array.from({ length: 10 }, () => temporary(64)), { kind: 'output', bytes: 64 } as const]
  const kernels = slots.map((_, k) => kernel(k === 0 ? [] : [k - 1], k))
  expect(placeSlots(slots, kernels).arenaBytes).toBe(128)
})

test('what is alive at the same time never overlaps', () => {
  let state = 7
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  for (let round = 0; round < 50; round++) {
    const slots = Array.from({ length: 30 }, () => temporary(64 * (1 + next(6))))
    const kernels = slots.map((_, k) => kernel(k === 0 ? [] : [next(k), next(k)], k)) as MapKernel[]
    const { slots: placed, arenaBytes } = placeSlots(slots, kernels)
    const last = slots.map((_, k) => kernels.reduce((at, { body }, position) => (body.loads.some(({ slot }) => slot === k) ? position : at), k))
    for (let a = 0; a < slots.length; a++) {
      const one = placed[a]!
      if (one.kind !== 'temporary') throw new Error('a temporary stays one')
      expect(one.offset % 64).toBe(0)
      expect(one.offset + one.bytes).toBeLessThanOrEqual(arenaBytes)
      for (let b = a + 1; b < slots.length; b++) {
        const other = placed[b]!
        if (other.kind !== 'temporary' || b > last[a]!) continue
        expect(one.offset + one.bytes <= other.offset || other.offset + other.bytes <= one.offset).toBe(true)
      }
    }
  }
})
