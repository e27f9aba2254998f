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
  readonly chain: Chain | undefined
  readonly isLarge: boolean
}

/** Kernels in an order in which they may run. */
interface Ordered {
  readonly kernels: readonly Kernel[]
  readonly chains: readonly Chain[]
}

/**
 * Moves kernels that need nothing of each other together: the updates of all parameters, the parts of a
 * concatenation, the gradient of a bias and that of its weight. At most one of a group is large.
 *
 * What writes to the same slot are parts of it that share no element, and nothing is written again after it was
 * read: all that a kernel waits for is what it reads.
 */
export function planGroups(
  { kernels, chains }: Ordered,
  slots: readonly UnplacedSlot[],
): Ordered & { readonly groups: readonly Span[] } {
  const groups: Member[][] = []
  /** The last group that writes to each slot. */
  const written: number[] = []
  let lastLarge = -1
  for (let next = 0; next < kernels.length;) {
    const chain = chains.find(({ first }) => first === next)
    const own = kernels.slice(next, next + (chain?.count ?? 1))
    next += own.length
    const reads = own.flatMap((kernel) => accesses(kernel).slice(1))
    const isLarge = own.reduce((sum, kernel) => sum + elementsOf(kernel), 0) > SMALL
    // What fills a part of something large would keep all of it alive for longer.
    const isPart = !isLarge && own.some(({ store }) => slots[store.slot]!.bytes > 4 * SMALL)
    const group = Math.max(
      ...reads.map(({ slot }) => (written[slot] ?? -1) + 1),
      groups.length - (isPart ? 1 : WINDOW),
      isLarge ? lastLarge + 1 : 0,
    )
    if (isLarge) lastLarge = group
    ;(groups[group] ??= []).push({ kernels: own, chain, isLarge })
    for (const { store } of own) written[store.slot] = Math.max(group, written[store.slot] ?? 0)
  }
  return inOrder(groups)
}

function inOrder(groups: readonly (readonly Member[])[]): ReturnType<typeof planGroups> {
  const kernels: Kernel[] = []
  const chains: Chain[] = []
  const spans = groups.map((members): Span => {
    const first = kernels.length
    // A large one comes last: its many pieces even out what the threads have left to do.
    for (const { chain, kernels: own } of members.toSorted((a, b) => +a.isLarge - +b.isLarge)) {
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
