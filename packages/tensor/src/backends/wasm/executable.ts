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
  readonly launchesOfKernel: number[]
  readonly #slots: Patch[] = []
  readonly #temporaries: Patch[] = []
  readonly #scratch: Patch[] = []
  readonly #values: (Patch & { readonly as: 'f32' | 'i32' })[] = []
  readonly #float = new Float32Array(1)
  readonly #bits = new Int32Array(this.#float.buffer)

  /** `apart` leaves a barrier after every launch, in the order of the kernels. */
  constructor(program: Program, heap: Heap, modules: ModuleCache, context: ProgramContext, apart = false) {
    this.program = program
    const lowered = lowerAll(program, context)
    const launches = arrange(program, lowered, apart)
    this.launches = launches.length
    this.launchesOfKernel = program.kernels.map(() => 0)
    for (const { kernel } of launches) this.launchesOfKernel[kernel]++
    this.scratchBytes = Math.max(
      0,
      ...launches.map(({ kernel, scratch }) => scratch + lowered[kernel].scratchBytes),
    )
    // Threads that write to neighbouring cache lines still disturb each other: processors fetch them in
    // pairs.
    const threadBytes = launches.map(({ kernel, own, args }) =>
      own ? own.bytes + 4 * args.length : lowered[kernel].threadScratchBytes,
    )
    this.threadScratchBytes = Math.ceil(Math.max(0, ...threadBytes) / 128) * 128
    const owned = launches.map(ownWords)
    const words = launches.reduce(
      (sum, { args }, k) => sum + args.length + owned[k].length,
      LAUNCH_WORDS * launches.length,
    )
    // Modules are written to memory too, so that all of them come first.
    const places = launches.map(({ module, entry }) => modules.place(module, entry))
    this.address = heap.allocate(4 * words)
    this.#write(heap.words, launches, places, owned)
  }

  #write(
    words: Int32Array,
    launches: readonly Placed[],
    places: readonly { module: number; entry: number }[],
    owned: readonly (readonly number[])[],
  ): void {
    const record = this.address >>> 2
    let args = record + LAUNCH_WORDS * launches.length
    launches.forEach((launch, k) => {
      const { module, entry } = places[k]
      const own = args + launch.args.length
      launch.args.forEach((word, position) => this.#writeWord(words, args + position, word, launch.scratch))
      words.set(owned[k], own)
      words.set(
        [
          module,
          entry,
          args * 4,
          launch.units,
          launch.grain,
          0,
          this.threadScratchBytes,
          launch.link,
          owned[k].length > 0 ? own * 4 : 0,
        ],
        record + LAUNCH_WORDS * k,
      )
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
        if (slot.kind === 'temporary')
          this.#temporaries.push({ at, index: 0, offset: slot.offset + word.offset })
        else this.#slots.push({ at, index: word.slot, offset: word.offset })
        break
      }
      case 'scratch':
        this.#scratch.push({ at, index: 0, offset: scratch + word.offset })
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

/** What `pool/control.ts` says of the slots in a thread's own memory. */
function ownWords({ args, own }: Placed): number[] {
  if (!own) return []
  const patches = args.flatMap((word, position) => {
    const slot = word.kind === 'slot' ? own.slots.get(word.slot) : undefined
    return slot && word.kind === 'slot' ? [position, slot.offset + word.offset, slot.chunkBytes] : []
  })
  return [own.bytes, args.length, patches.length, ...patches]
}

function lowerAll({ kernels, chains = [] }: Program, context: ProgramContext): Lowering[] {
  const rows = new Set(chains.flatMap(({ first, count }) => Array.from({ length: count }, (_, k) => first + k)))
  return kernels.map((kernel, position) => lowerNamed(kernel, { ...context, position, rows: rows.has(position) }))
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
