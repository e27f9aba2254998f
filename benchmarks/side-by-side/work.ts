import type { Libraries, LibraryName } from './libraries.ts'

/** One measurement: plain data, so that it can be handed to a process in another language. */
export interface Case {
  readonly name: string
  /**
   * Arithmetic operations and bytes to move, of one result: the share of the machine's limits is told by
   * them.
   */
  readonly flops?: number
  readonly bytes?: number
  /** Results to an iteration; default 1. What takes microseconds is measured many at a time. */
  readonly repeat?: number
}

/** Does the work once and returns when it is done. */
export type Iteration = () => unknown

/** How a library does the work: prepares everything, and returns what is timed. */
export type Side<Library, C extends Case> = (library: Library, what: C) => Iteration | Promise<Iteration>

/** The same work in several libraries. PyTorch's sides are in `pytorch.py`, under the same name. */
export interface Work<C extends Case = Case> {
  readonly name: string
  readonly title: string
  /** What a result is called where its rate is told in results per second. */
  readonly unit?: string
  readonly cases: readonly C[]
  readonly sides: { readonly [L in LibraryName]?: Side<Libraries[L], C> }
  /** Whether PyTorch has a side, and whether the layout of images matters to it. */
  readonly torch: boolean | 'both layouts'
}

export function work<C extends Case>(definition: Work<C>): Work {
  return definition as unknown as Work
}

/** `count` numbers in [−scale, scale) that look random and are the same everywhere. */
export function numbers(count: number, scale = 1): Float32Array {
  const result = new Float32Array(count)
  let state = 12_345
  for (let k = 0; k < count; k++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    result[k] = (state / 2 ** 31 - 1) * scale
  }
  return result
}

export function product(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all * size, 1)
}
