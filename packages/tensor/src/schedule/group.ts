import { accesses, type Chain, type Kernel, type Span } from './kernels.ts'
import type { UnplacedSlot } from './lower.ts'
import { sizeOf } from '../shape.ts'

/** Elements that a kernel goes through at the most for it to be done beside others; more keep all threads busy. */
const SMALL = 131_072
/** How many groups a kernel may come forward, so that what it leaves lives little longer. */
const WINDOW = 8

/** A kernel, or a chain of them. */
interface Member {
  readonly kernels: readonly Kernel[]
  readonly chain?: Chain
}

/**
 * Moves kernels that need nothing of each other together: the updates of all parameters, the parts of a
 * concatenation, the gradient of a bias and that of its weight. At most one of a group is large.
 *
 * What writes to the same slot are parts of it that share no element, and nothing is written again after it was
 * read: all that a kernel waits for is what it reads.
 */
export function planGroups(
  kernels: readonly Kernel[],
  chains: readonly Chain[],
  slots: readonly UnplacedSlot[],
): {
  readonly kernels: readonly Kernel[]
  readonly chains: readonly Chain[]
  readonly groups: readonly Span[]
} {
  const groups: Member[][] = []
  /** The last group that writes to each slot. */
  const written = new Map<number, number>()
  let lastLarge = -1
  for (const member of membersOf(kernels, chains)) {
    const reads = member.kernels.flatMap((kernel) => accesses(kernel).slice(1))
    const ready = reads.reduce((most, { slot }) => Math.max(most, (written.get(slot) ?? -1) + 1), 0)
    const isLarge = member.kernels.reduce((sum, kernel) => sum + elementsOf(kernel), 0) > SMALL
    // What fills a part of something large would keep all of it alive for longer.
    const isPart = member.kernels.some(({ store }) => slots[store.slot]!.bytes > 4 * SMALL)
    const earliest = Math.max(ready, groups.length - (isPart && !isLarge ? 1 : WINDOW))
    const group = isLarge ? Math.max(earliest, lastLarge + 1) : earliest
    if (isLarge) {
      lastLarge = group
      ;(groups[group] ??= []).push(member)
    } else {
      // The large one comes last, where its many pieces even out what the threads have left to do.
      ;(groups[group] ??= []).unshift(member)
    }
    for (const { store } of member.kernels)
      written.set(store.slot, Math.max(group, written.get(store.slot) ?? 0))
  }
  return inOrder(groups)
}

function membersOf(kernels: readonly Kernel[], chains: readonly Chain[]): Member[] {
  const members: Member[] = []
  let next = 0
  for (const chain of chains) {
    for (const kernel of kernels.slice(next, chain.first)) members.push({ kernels: [kernel] })
    next = chain.first + chain.count
    members.push({ kernels: kernels.slice(chain.first, next), chain })
  }
  for (const kernel of kernels.slice(next)) members.push({ kernels: [kernel] })
  return members
}

function inOrder(groups: readonly Member[][]): ReturnType<typeof planGroups> {
  const kernels: Kernel[] = []
  const chains: Chain[] = []
  const spans = groups.map((members): Span => {
    const first = kernels.length
    for (const { chain, kernels: own } of members) {
      if (chain) chains.push({ ...chain, first: kernels.length })
      kernels.push(...own)
    }
    return { first, count: kernels.length - first }
  })
  return { kernels, chains, groups: spans }
}

/** Elements that a kernel goes through; infinitely many where what it does for each of them is not told by that. */
function elementsOf(kernel: Kernel): number {
  switch (kernel.kind) {
    case 'map':
    case 'gather':
      return sizeOf(kernel.shape)
    case 'reduce':
      return sizeOf(kernel.shape) * sizeOf(kernel.reduced)
    case 'matmul':
      return sizeOf(kernel.batch) * kernel.m * kernel.n * kernel.k
    default:
      return Infinity
  }
}
