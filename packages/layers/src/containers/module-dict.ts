import { IndexError } from '@badak/tensor'
import { Module } from '../module/module.ts'
import { checkEntry, noForward } from './entries.ts'

/**
 * Modules by name, that are called by the module that holds the dictionary. A plain object in a field does
 * the same; this one is checked.
 *
 * @example
 * ```ts
 * const heads = new ModuleDict({ boxes: new Linear(256, 4), classes: new Linear(256, 20) })
 * heads.get('boxes').forward(x)
 * ```
 */
export class ModuleDict<Modules extends Readonly<Record<string, Module>>> extends Module {
  readonly #modules: ReadonlyMap<string, Module>

  /** @throws ValueError when something is not a module, or a name is empty or has a dot in it */
  constructor(modules: Modules) {
    super()
    for (const [name, module] of Object.entries(modules)) checkEntry('ModuleDict', name, module)
    this.#modules = new Map(Object.entries(modules))
  }

  /** How many modules there are. */
  get size(): number {
    return this.#modules.size
  }

  /** The names, in the order in which they were given. */
  keys(): string[] {
    return [...this.#modules.keys()]
  }

  /** Whether there is a module of this name. */
  has(name: string): boolean {
    return this.#modules.has(name)
  }

  /** The module of a name. @throws IndexError when there is none */
  get<K extends keyof Modules & string>(name: K): Modules[K] {
    const module = this.#modules.get(name)
    if (module) return module as Modules[K]
    throw new IndexError(`ModuleDict.get: no module ${JSON.stringify(name)} among ${this.keys().join(', ')}`)
  }

  override members(): Iterable<readonly [string, Module]> {
    return this.#modules
  }

  /** @throws GraphError always: a dictionary does not say in which order its modules are applied, and to what */
  forward(): never {
    return noForward('ModuleDict')
  }

  override toString(): string {
    return 'ModuleDict'
  }
}
