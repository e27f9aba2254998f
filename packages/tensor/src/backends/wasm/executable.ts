import type { Chain, Kernel, Program } from '../../schedule/kernels.ts'
import type { Executable } from '../backend.ts'
import type { Launch, Lowering, Word } from './launch.ts'
import { lower, type LoweringContext } from './lower.ts'
import type { Heap } from './memory/heap.ts'
import type { ModuleCache } from './module-cache.ts'
import { LAUNCH_WORDS } from './pool/control.ts'

/** What all kernels of a program are lowered for. */
export type ProgramContext = Omit<LoweringContext, 'position' | 'rows'>

/** Where the pieces of memory that all programs share lie at a run. */
export interface Regions {
  readonly arena: number
  readonly scratch: number
  readonly threadScratch: number
}

/** A word that depends on what is bound at a run: `words[at] = base + offset`. */
interface Patch {
  readonly at: number
  readonly index: number
  readonly offset: number
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
  /** How many launches each kernel is, in the order in which they lie. */
  readonly launchesOfKernel: readonly number[]
  readonly #slots: Patch[] = []
  readonly #temporaries: Patch[] = []
  readonly #scratch: Patch[] = []
  readonly #values: (Patch & { readonly as: 'f32' | 'i32' })[] = []
  readonly #float = new Float32Array(1)
  readonly #bits = new Int32Array(this.#float.buffer)

  constructor(program: Program, heap: Heap, modules: ModuleCache, context: ProgramContext) {
    this.program = program
    const lowered = lowerAll(program, context)
    this.scratchBytes = Math.max(0, ...lowered.map(({ scratchBytes }) => scratchBytes))
    // Threads that write to neighbouring cache lines still disturb each other: processors fetch them in
    // pairs.
    this.threadScratchBytes =
      Math.ceil(Math.max(0, ...lowered.map((each) => each.threadScratchBytes)) / 128) * 128
    const perKernel = lowered.map((lowering): Linked[] => {
      const launches = lowering.launches.filter(({ units }) => units > 0)
      return launches.map((launch) => ({ ...launch, chained: false }))
    })
    for (const chain of program.chains ?? []) linkChain(perKernel, chain)
    const launches = perKernel.flat()
    this.launches = launches.length
    this.launchesOfKernel = perKernel.map(({ length }) => length)
    const words = launches.reduce((sum, { args }) => sum + args.length, LAUNCH_WORDS * launches.length)
    // Modules are written to memory too, so that all of them come first.
    const places = launches.map(({ module, entry }) => modules.place(module, entry))
    this.address = heap.allocate(4 * words)
    this.#write(heap.words, launches, places)
  }

  #write(
    words: Int32Array,
    launches: readonly Linked[],
    places: readonly { module: number; entry: number }[],
  ): void {
    const record = this.address >>> 2
    let args = record + LAUNCH_WORDS * launches.length
    launches.forEach(({ args: argumentWords, units, grain, chained }, k) => {
      const { module, entry } = places[k]
      words.set(
        [module, entry, args * 4, units, grain, 0, this.threadScratchBytes, chained ? 1 : 0],
        record + LAUNCH_WORDS * k,
      )
      argumentWords.forEach((word, position) => this.#writeWord(words, args + position, word))
      args += argumentWords.length
    })
  }

  #writeWord(words: Int32Array, at: number, word: Word): void {
    switch (word.kind) {
      case 'i32':
        words[at] = word.value
        break
      case 'slot': {
        const slot = this.program.slots[word.slot]
        if (slot.kind === 'temporary')
          this.#temporaries.push({ at, index: 0, offset: slot.offset + word.offset })
        else this.#slots.push({ at, index: word.slot, offset: word.offset })
        break
      }
      case 'scratch':
        this.#scratch.push({ at, index: 0, offset: word.offset })
        break
      case 'value':
        this.#values.push({ at, index: word.value, offset: 0, as: word.as })
        break
    }
  }

  /** Fills in what this run is bound to; `addresses[s]` is where slot s lies. */
  bind(words: Int32Array, regions: Regions, addresses: readonly number[], values: ArrayLike<number>): void {
    for (const { at, index, offset } of this.#slots) words[at] = addresses[index] + offset
    for (const { at, offset } of this.#temporaries) words[at] = regions.arena + offset
    for (const { at, offset } of this.#scratch) words[at] = regions.scratch + offset
    for (const { at, index, as } of this.#values) {
      words[at] = as === 'i32' ? values[index] : this.#bitsOf(values[index])
    }
    const record = this.address >>> 2
    for (let k = 0; k < this.launches; k++) words[record + LAUNCH_WORDS * k + 5] = regions.threadScratch
  }

  #bitsOf(value: number): number {
    this.#float[0] = value
    return this.#bits[0]
  }
}

/** A launch, and whether the next one goes on with each chunk of it. */
type Linked = Launch & { readonly chained: boolean }

function lowerAll({ kernels, chains = [] }: Program, context: ProgramContext): Lowering[] {
  const rows = new Set(chains.flatMap(({ first, count }) => Array.from({ length: count }, (_, k) => first + k)))
  return kernels.map((kernel, position) => lowerNamed(kernel, { ...context, position, rows: rows.has(position) }))
}

/** Bytes of a chain's chunk: with what else is under way, they stay in a level 2 cache. */
const CHAIN_BYTES = 131_072
/** Chunks that a chain has at the least, for threads to share. */
const CHAIN_CHUNKS = 32

/** Links launches of a chain that have equally many units in each row; elsewhere a barrier stays. */
function linkChain(perKernel: Linked[][], { first, count, rows, rowBytes }: Chain): void {
  const grain = Math.max(1, Math.min(Math.floor(CHAIN_BYTES / rowBytes), Math.floor(rows / CHAIN_CHUNKS)))
  const fits = (kernel: number): boolean => {
    const launches = perKernel[kernel]
    return launches.length === 1 && launches[0].units % rows === 0
  }
  for (let kernel = first; kernel < first + count; kernel++) {
    const before = kernel > first && fits(kernel - 1)
    const after = kernel + 1 < first + count && fits(kernel + 1)
    if (!fits(kernel) || !(before || after)) continue
    const [launch] = perKernel[kernel]
    perKernel[kernel] = [{ ...launch, grain: (launch.units / rows) * grain, chained: after }]
  }
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
