import { accesses, type Kernel, type Slot, type Span } from './kernels.ts'
import type { UnplacedSlot } from './lower.ts'

/**
 * Where each temporary lies in the arena: two share memory only if one is dead before the other is born. The
 * kernels of a group count as one.
 */
export function placeSlots(
  unplaced: readonly UnplacedSlot[],
  kernels: readonly Kernel[],
  groups: readonly Span[] = [],
): { readonly slots: Slot[]; readonly arenaBytes: number } {
  const lives = lifetimes(unplaced.length, kernels, groups)
  const placed: { offset: number; end: number; first: number; last: number }[] = []
  let arenaBytes = 0
  const slots = unplaced.map((slot): Slot => ({ ...slot, offset: 0 }))
  // Large ones first: what is small fits in the gaps.
  const temporaries = unplaced
    .map((slot, index) => ({ ...slot, index }))
    .filter(({ kind }) => kind === 'temporary')
    .sort((a, b) => b.bytes - a.bytes || a.index - b.index)
  for (const { bytes, index } of temporaries) {
    const { first, last } = lives[index]!
    const neighbours = placed
      .filter((other) => other.first <= last && first <= other.last)
      .sort((a, b) => a.offset - b.offset)
    let offset = 0
    for (const other of neighbours) {
      if (offset + bytes <= other.offset) break
      offset = Math.max(offset, other.end)
    }
    placed.push({ offset, end: offset + bytes, first, last })
    arenaBytes = Math.max(arenaBytes, offset + bytes)
    slots[index] = { kind: 'temporary', bytes, offset }
  }
  return {
    slots: slots.map((slot) => (slot.kind === 'temporary' ? slot : { kind: slot.kind, bytes: slot.bytes })),
    arenaBytes,
  }
}

/** From the first to the last kernel that touches each slot; a group is over when all of it is. */
function lifetimes(
  count: number,
  kernels: readonly Kernel[],
  groups: readonly Span[],
): { first: number; last: number }[] {
  const begins = kernels.map((_, position) => position)
  for (const { first, count } of groups) begins.fill(first, first, first + count)
  const lives = Array.from({ length: count }, () => ({ first: Infinity, last: -1 }))
  kernels.forEach((kernel, position) => {
    for (const { slot } of accesses(kernel)) {
      lives[slot]!.first = Math.min(lives[slot]!.first, begins[position]!)
      lives[slot]!.last = begins[position]!
    }
  })
  return lives
}
