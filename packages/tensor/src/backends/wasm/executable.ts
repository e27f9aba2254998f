import type { Kernel, Program } from '../../schedule/kernels.ts'
import type { Executable } from '../backend.ts'
import { arrange, type Placed } from './arrange.ts'
import type { Lowering, Word } from './launch.ts'
import { lower, type LoweringContext } from './lower.ts'
import type { Heap } from './memory/heap.ts'
import type { ModuleCache } from './module-cache.ts'
import { LAUNCH_WORDS } from './pool/control.ts'

/** What all kernels of a program are lowered for. */
export type ProgramContext = Omit<LoweringContext, 'position' | 'rows'>

// Where the addresses at a run hold those of the pieces of memory that all programs share, and that of slot 0.
const ARENA = 0
const SCRATCH = 1
const THREAD_SCRATCH = 2
const SLOTS = 3

/** A word that depends on what is bound at a run: `words[at] = addresses[index] + offset`. */
interface Patch {
  readonly at: number
  readonly index: number
  readonly offset: number
}

/** A word that is a number which may change with each run: `words[at] = values[index]`. */
interface ValuePatch {
  readonly at: number
  readonly index: number
  readonly as: 'f32' | 'i32'
}

/**
 * A program made ready to run: one block of memory with the records of its launches, then their arguments. A
 * run fills in addresses and values; nothing else is left to do.
 */
export class WasmExecutable implements Executable {
  readonly program: Program
  readonly scratchBytes: number
  readonly threadScratchBytes: number
  /** Where the block lies. */
  readonly address: number
  readonly launches: number
  /** How many launches each kernel is; without groups they lie in the order of the kernels. */
  readonly launchesOfKernel: number[]
  /** The same program without groups and chains, once somebody has watched its kernels. */
  apart?: WasmExecutable
  readonly #patches: Patch[] = []
  readonly #values: ValuePatch[] = []

  constructor(program: Program, heap: Heap, modules: ModuleCache, context: ProgramContext) {
    this.program = program
    const lowered = lowerAll(program, context)
    const launches = arrange(program, lowered)
    this.launches = launches.length
    this.launchesOfKernel = program.kernels.map(() => 0)
    for (const { kernel } of launches) this.launchesOfKernel[kernel]++
    this.scratchBytes = largest(launches.map(({ kernel, scratch }) => scratch + lowered[kernel].scratchBytes))
    const threadBytes = launches.map(
      ({ kernel, own, args }) => lowered[kernel].threadScratchBytes + (own ? own.bytes + 4 * args.length : 0),
    )
    // Threads that write to neighbouring cache lines still disturb each other: processors fetch them in
    // pairs.
    this.threadScratchBytes = Math.ceil(largest(threadBytes) / 128) * 128
    // Modules are written to memory too, so that all of them come first.
    const places = launches.map(({ module, entry }) => modules.place(module, entry))
    const owned = launches.map(ownWords)
    const records = LAUNCH_WORDS * launches.length
    const words = launches.reduce((sum, { args }, k) => sum + args.length + owned[k].length, records)
    this.address = heap.allocate(4 * words)
    let at = this.address >>> 2
    let args = at + records
    launches.forEach((launch, k) => {
      const { module, entry } = places[k]
      const { units, grain, open, shared, chain } = launch
      const own = args + launch.args.length
      const ownAddress = owned[k].length > 0 ? 4 * own : 0
      heap.words.set(
        [module, entry, 4 * args, units, grain, 0, this.threadScratchBytes, open, +shared, chain, ownAddress],
        at,
      )
      this.#patches.push({ at: at + 5, index: THREAD_SCRATCH, offset: 0 })
      launch.args.forEach((word, k) => this.#writeWord(heap.words, args + k, word, launch.scratch))
      heap.words.set(owned[k], own)
      at += LAUNCH_WORDS
      args = own + owned[k].length
    })
  }

  #writeWord(words: Int32Array, at: number, word: Word, scratch: number): void {
    switch (word.kind) {
      case 'i32':
        words[at] = word.value
        break
      case 'slot': {
        const slot = this.program.slots[word.slot]
        const place =
          slot.kind === 'temporary'
            ? { index: ARENA, offset: slot.offset + word.offset }
            : { index: SLOTS + word.slot, offset: word.offset }
        this.#patches.push({ at, ...place })
        break
      }
      case 'scratch':
        this.#patches.push({ at, index: SCRATCH, offset: scratch + word.offset })
        break
      case 'value':
        this.#values.push({ at, index: word.value, as: word.as })
        break
    }
  }

  /**
   * Fills in what this run is bound to: the addresses of the arena, of scratch memory, of that of threads, then
   * those of all slots.
   */
  bind(words: Int32Array, addresses: readonly number[], values: ArrayLike<number>): void {
    const floats = new Float32Array(words.buffer)
    for (const { at, index, offset } of this.#patches) words[at] = addresses[index] + offset
    for (const { at, index, as } of this.#values) (as === 'i32' ? words : floats)[at] = values[index]
  }
}

function largest(sizes: readonly number[]): number {
  return Math.max(0, ...sizes)
}

/** What `pool/control.ts` says of the slots in a thread's own memory. */
function ownWords({ args, own }: Placed): number[] {
  const patches = args.flatMap((word, position) => {
    const slot = word.kind === 'slot' && own?.slots.get(word.slot)
    return slot ? [position, slot.offset + word.offset, slot.chunkBytes] : []
  })
  return patches.length > 0 ? [own!.bytes, args.length, patches.length, ...patches] : []
}

function lowerAll({ kernels, chains = [] }: Program, context: ProgramContext): Lowering[] {
  const rows = new Set(
    chains.flatMap(({ first, count }) => Array.from({ length: count }, (_, k) => first + k)),
  )
  return kernels.map((kernel, position) =>
    lowerNamed(kernel, { ...context, position, rows: rows.has(position) }),
  )
}

/** @throws what `lower` throws, naming the kernel */
function lowerNamed(kernel: Kernel, context: LoweringContext): Lowering {
  try {
    return lower(kernel, context)
  } catch (error) {
    if (error instanceof Error && !error.message.includes(kernel.label))
      error.message += ` (in ${kernel.label})`
    throw error
  }
}
