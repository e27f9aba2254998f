import { bytesPerElement } from '../../dtype.ts'
import { accesses, type Chain, type Kernel, type Program } from '../../schedule/kernels.ts'
import type { Launch, Lowering } from './launch.ts'
import { alignUp } from './memory/allocator.ts'

/** How a launch goes on with the next one in memory. */
export const link = {
  /** All of it is done first. */
  barrier: 0,
  /** Each chunk goes on with the same chunk of the next one. */
  chained: 1,
  /** They need nothing of each other. */
  beside: 2,
} as const

/** A launch in its place among those of a program. */
export interface Placed extends Launch {
  readonly kernel: number
  readonly link: number
  /** Where the scratch memory of its kernel begins. */
  readonly scratch: number
  readonly own: OwnSlots | undefined
}

/** Temporaries of a chain that hold one chunk, in the memory of the thread that does it. */
export interface OwnSlots {
  readonly slots: ReadonlyMap<number, { readonly offset: number; readonly chunkBytes: number }>
  /** Bytes of all of them; what begins there holds the arguments of the launch that is under way. */
  readonly bytes: number
}

/**
 * The launches of a program in the order in which they run: those of a group together, the first of each
 * kernel, then the second. `apart` has them in the order of their kernels, one after the other.
 */
export function arrange(program: Program, lowered: readonly Lowering[], apart: boolean): Placed[] {
  const { kernels, chains = [], groups } = program
  const spans = (apart ? undefined : groups) ?? kernels.map((_, first) => ({ first, count: 1 }))
  const chainAt = new Map(apart ? [] : chains.map((chain) => [chain.first, chain]))
  const users = usersOf(kernels)
  const placed: Placed[] = []
  let next = 0
  for (const { first, count } of spans) {
    const members: Placed[][][] = []
    let scratch = 0
    for (; next < first + count; next += chainAt.get(next)?.count ?? 1) {
      const chain = chainAt.get(next)
      members.push(
        chain
          ? runsOf(chain, program, lowered, users)
          : launchesOf(next, lowered, scratch).map((each) => [each]),
      )
      scratch += alignUp(lowered[next].scratchBytes)
    }
    for (let step = 0; members.some(({ length }) => length > step); step++) {
      const runs = members.flatMap((runs) => runs.slice(step, step + 1))
      placed.push(...runs.flatMap((run, k) => linked(run, k < runs.length - 1)))
    }
  }
  return placed
}

function launchesOf(kernel: number, lowered: readonly Lowering[], scratch: number): Placed[] {
  const launches = lowered[kernel].launches.filter(({ units }) => units > 0)
  return launches.map((launch) => ({ ...launch, kernel, scratch, link: link.barrier, own: undefined }))
}

function linked(run: readonly Placed[], beside: boolean): Placed[] {
  const after = beside ? link.beside : link.barrier
  return run.map((launch, k) => ({ ...launch, link: k < run.length - 1 ? link.chained : after }))
}

/** Bytes of a chain's chunk: with what else is under way, they stay in a level 2 cache. */
const CHAIN_BYTES = 262_144
/** Chunks that a chain has at the least, for threads to share. */
const CHAIN_CHUNKS = 32

/** Runs of launches of a chain that have equally many units in each row; between them a barrier stays. */
function runsOf(
  chain: Chain,
  program: Program,
  lowered: readonly Lowering[],
  users: ReadonlyMap<number, number>,
): Placed[][] {
  const { first, count, rows, rowBytes } = chain
  const runs: Placed[][] = []
  let goesOn = false
  for (let kernel = first; kernel < first + count; kernel++) {
    const launches = launchesOf(kernel, lowered, 0)
    const fits = launches.length === 1 && launches[0].units % rows === 0
    if (fits && goesOn) runs.at(-1)!.push(...launches)
    else runs.push(...launches.map((launch) => [launch]))
    goesOn = fits
  }
  const grain = Math.max(1, Math.min(Math.floor(CHAIN_BYTES / rowBytes), Math.floor(rows / CHAIN_CHUNKS)))
  return runs.map((run) => {
    if (run.length === 1) return run
    const own = ownSlotsOf(run, { program, lowered, users, rows, grain })
    return run.map((launch) => ({ ...launch, grain: (launch.units / rows) * grain, own }))
  })
}

interface Cut {
  readonly program: Program
  readonly lowered: readonly Lowering[]
  readonly users: ReadonlyMap<number, number>
  readonly rows: number
  /** Rows to a chunk. */
  readonly grain: number
}

/** Temporaries that nobody else touches, row after row. */
function ownSlotsOf(
  run: readonly Placed[],
  { program, lowered, users, rows, grain }: Cut,
): OwnSlots | undefined {
  const kernels = run.map(({ kernel }) => program.kernels[kernel])
  const inside = usersOf(kernels)
  const found = new Map<number, { offset: number; chunkBytes: number }>()
  let bytes = Math.max(...run.map(({ kernel }) => lowered[kernel].threadScratchBytes))
  for (const { store } of kernels) {
    const { kind, bytes: all } = program.slots[store.slot]
    const rowBytes = store.strides[0] * bytesPerElement(store.dtype)
    const alone = kind === 'temporary' && inside.get(store.slot) === users.get(store.slot)
    if (!alone || alignUp(rowBytes * rows) !== all) continue
    found.set(store.slot, { offset: bytes, chunkBytes: rowBytes * grain })
    // Whole vectors may be stored past the last element.
    bytes += alignUp(rowBytes * grain) + 64
  }
  return found.size > 0 ? { slots: found, bytes } : undefined
}

/** How many kernels touch each slot. */
function usersOf(kernels: readonly Kernel[]): Map<number, number> {
  const users = new Map<number, number>()
  for (const kernel of kernels) {
    for (const slot of new Set(accesses(kernel).map((access) => access.slot)))
      users.set(slot, (users.get(slot) ?? 0) + 1)
  }
  return users
}
