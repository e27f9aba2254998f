import { ModuleBuilder, type Target } from './assembler/index.ts'
import type { ModuleRecipe } from './launch.ts'

/** Modules that have been written, by the keys of their recipes. */
export class ModuleCache {
  readonly #target: Target
  readonly #add: (code: Uint8Array) => number
  readonly #known = new Map<string, { readonly number: number; readonly entries: readonly string[] }>()

  /** `add` gives a new module's number. */
  constructor(target: Target, add: (code: Uint8Array) => number) {
    this.#target = target
    this.#add = add
  }

  /** The number of a module and the position of a function among its exports; written if it is new. */
  place({ key, write }: ModuleRecipe, name: string): { readonly module: number; readonly entry: number } {
    let known = this.#known.get(key)
    if (known === undefined) {
      const builder = new ModuleBuilder(this.#target)
      write(builder)
      known = { number: this.#add(builder.bytes()), entries: builder.exportNames }
      this.#known.set(key, known)
    }
    const entry = known.entries.indexOf(name)
    if (entry < 0) throw new Error(`module ${key} exports no function ${name}`)
    return { module: known.number, entry }
  }
}
