import type { ModuleBuilder } from './assembler/index.ts'

/**
 * What a kernel becomes: passes over work units, run by compiled functions.
 *
 * Every function has the signature `(args, begin, end, threadScratch: i32) → ()` and does the units in
 * [begin, end). `args` points at the argument block, one 32-bit word after the other. Threads take chunks of
 * `grain` units off an atomic counter (or one thread takes all units in one call), so no result may depend on
 * who does a unit, in which order, or on where one chunk ends and the next begins. There is a barrier between
 * two launches, unless they are linked. Modules import `env.memory` only.
 */
export interface Launch {
  readonly module: ModuleRecipe
  /** The exported function. */
  readonly entry: string
  readonly args: readonly Word[]
  readonly units: number
  /** Units to a chunk: a function of the sizes, never of the number of threads. */
  readonly grain: number
}

/** How to write a module. Recipes with equal keys write equal code, so the compiled module is shared. */
export interface ModuleRecipe {
  readonly key: string
  readonly write: (builder: ModuleBuilder) => void
}

/** A word of the argument block. Addresses are known when the program is bound; values when it is run. */
export type Word =
  | { readonly kind: 'i32'; readonly value: number }
  /** The address of a slot plus `offset` bytes. */
  | { readonly kind: 'slot'; readonly slot: number; readonly offset: number }
  /** The address of the kernel's scratch memory plus `offset` bytes. */
  | { readonly kind: 'scratch'; readonly offset: number }
  /** The run-time number `values[value]`, as a float32 or as an int32. */
  | { readonly kind: 'value'; readonly value: number; readonly as: 'f32' | 'i32' }

/** A kernel ready to be bound and run. */
export interface Lowering {
  /** They run in order. */
  readonly launches: readonly Launch[]
  /**
   * Memory that all threads share while the kernel runs, aligned to 64, with any contents. Of a part of a kernel
   * that takes a `scratchOffset`, it reaches from there on, and what lies before is counted even if it takes none.
   */
  readonly scratchBytes: number
  /** Memory that each thread has to itself, aligned to 64, with any contents at the start of each call. */
  readonly threadScratchBytes: number
}

export function int(value: number): Word {
  return { kind: 'i32', value }
}

export function slotAddress(slot: number, offset: number): Word {
  return { kind: 'slot', slot, offset }
}

export function scratchAddress(offset: number): Word {
  return { kind: 'scratch', offset }
}

export function runTimeValue(value: number, as: 'f32' | 'i32'): Word {
  return { kind: 'value', value, as }
}
