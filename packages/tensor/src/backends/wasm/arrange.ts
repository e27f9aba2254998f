import { bytesPerElement } from '../../dtype.ts'
import {
  accesses,
  type Chain,
  type Kernel,
  type MapKernel,
  type Program,
  type ReduceKernel,
} from '../../schedule/kernels.ts'
import { lowerRowChain } from './kernels/row-chain.ts'
import type { Launch, Lowering } from './launch.ts'
import { alignUp } from './memory/allocator.ts'

interface Member extends Launch {
  readonly kernel: number
  /** Where the scratch memory of its kernel begins. */
  readonly scratch: number
  readonly own?: OwnSlots
}

/** Launches that go on with each chunk where the one before has left it. */
type Run = readonly Member[]

/** A launch in its place among those of a program. */
export interface Placed extends Member {
  /** How many launches have no barrier between them. */
  readonly open: number
  /** Whether those are more work than one thread takes at a time. */
  readonly shared: boolean
  /** How many of those are its chain. */
  readonly chain: number
}

interface OwnSlot {
  readonly offset: number
  readonly chunkBytes: number
}

/**
 * Temporaries that only a chain touches, row after row: they hold one chunk, in the memory of the thread that does
 * it.
 */
interface OwnSlots {
  readonly slots: ReadonlyMap<number, OwnSlot>
  /** Bytes of all of them; what begins there holds the arguments of the launch that is under way. */
  readonly bytes: number
}

/** The launches of a program, between barriers: the first ones of all kernels of a group, then the second ones. */
export function arrange(program: Program, lowered: readonly Lowering[]): Placed[] {
  const { kernels, chains = [], groups = kernels.map((_, first) => ({ first, count: 1 })) } = program
  const uses = usesOf(kernels)
  const placed: Placed[] = []
  let next = 0
  for (const { first, count } of groups) {
    const members: Run[][] = []
    let scratch = 0
    while (next < first + count) {
      const chain = chains.find((each) => each.first === next)
      const launches: Member[][] = []
      for (const end = next + (chain?.count ?? 1); next < end; next++) {
        launches.push(launchesOf(next, lowered, scratch))
        scratch += alignUp(lowered[next].scratchBytes)
      }
      members.push(
        chain && launches.every((each) => fits(each, chain))
          ? [chained(launches.flat(), chain, program, uses)]
          : launches.flat().map((launch) => [launch]),
      )
    }
    const steps = Math.max(0, ...members.map(({ length }) => length))
    for (let step = 0; step < steps; step++)
      placed.push(...opened(members.flatMap((runs) => runs.slice(step, step + 1))))
  }
  return placed
}

function launchesOf(kernel: number, lowered: readonly Lowering[], scratch: number): Member[] {
  const launches = lowered[kernel].launches.filter(({ units }) => units > 0)
  return launches.map((launch) => ({ ...launch, grain: evenGrain(launch), kernel, scratch }))
}

/**
 * Chunks of a launch at the most: enough for 16 threads to end together. With small chunks one thread works right
 * beside another, and what the processor fetches ahead at the end of one is what the other is just writing:
 * measured, two threads take up to twice as long with 640 chunks as with 64.
 */
const MOST_CHUNKS = 64

/** Not too many chunks, and equally large ones: 32 units are 16 + 16, not 25 + 7. */
function evenGrain({ units, grain }: Launch): number {
  return Math.ceil(units / Math.min(MOST_CHUNKS, Math.ceil(units / grain)))
}

function opened(runs: readonly Run[]): Placed[] {
  const open = runs.flat().length
  const shared = runs.reduce((chunks, [{ units, grain }]) => chunks + units / grain, 0) > 1
  return runs.flatMap((run) => run.map((launch) => ({ ...launch, open, shared, chain: run.length })))
}

/** Whether a kernel of a chain is one launch, of equally many units in each row. */
function fits({ length, 0: launch }: Run, { rows }: Chain): boolean {
  return length === 1 && launch.units % rows === 0
}

/** Bytes of a chain's chunk: with what else is under way, they stay in a level 2 cache. */
const CHAIN_BYTES = 262_144
/** Chunks that a chain has at the least, for threads to share. */
const CHAIN_CHUNKS = 32

function chained(run: Run, { rows, rowBytes }: Chain, program: Program, uses: readonly number[]): Run {
  const kernels = run.map(({ kernel }) => program.kernels[kernel])
  const inside = usesOf(kernels)
  const isOwn = (slot: number): boolean =>
    program.slots[slot].kind === 'temporary' && inside[slot] === uses[slot]
  const whole = lowerRowChain(kernels as (MapKernel | ReduceKernel)[], isOwn)
  if (whole) {
    const own = { slots: new Map<number, OwnSlot>(), bytes: whole.threadBytes }
    return [{ ...run[0], ...whole.launch, own }]
  }
  const grain = Math.max(1, Math.floor(Math.min(CHAIN_BYTES / rowBytes, rows / CHAIN_CHUNKS)))
  const slots = new Map<number, OwnSlot>()
  let bytes = 0
  for (const { store } of kernels) {
    const { slot } = store
    const rowBytes = store.strides[0] * bytesPerElement(store.dtype)
    if (!isOwn(slot) || alignUp(rowBytes * rows) !== program.slots[slot].bytes) continue
    slots.set(slot, { offset: bytes, chunkBytes: rowBytes * grain })
    // Whole vectors may be stored past the last element.
    bytes += alignUp(rowBytes * grain) + 64
  }
  const own = { slots, bytes }
  return run.map((launch) => ({ ...launch, grain: (launch.units / rows) * grain, own }))
}

/** How often kernels touch each slot. */
function usesOf(kernels: readonly Kernel[]): number[] {
  const uses: number[] = []
  for (const { slot } of kernels.flatMap(accesses)) uses[slot] = (uses[slot] ?? 0) + 1
  return uses
}
