import { IndexError } from '@badak/tensor'
import type { Layer } from '../module/layer.ts'
import { Module } from '../module/module.ts'
import { checkEntry, noForward } from './entries.ts'

/**
 * Modules in a row, named by their positions, that are called by the module that holds the list. An array in
 * a field does the same; this one can be checked and grows by `push`.
 *
 * @example
 * ```ts
 * class Network extends Module {
 *   readonly hidden = new ModuleList(new Linear(8, 8), new Linear(8, 8))
 *
 *   forward(x: Tensor): Tensor {
 *     return [...this.hidden].reduce((y, layer) => relu(layer.forward(y)), x)
 *   }
 * }
 * ```
 */
export class ModuleList<M extends Module = Layer> extends Module implements Iterable<M> {
  readonly #modules: M[] = []

  /** @throws ValueError when something is not a module */
  constructor(...modules: M[]) {
    super()
    this.push(...modules)
  }

  /** How many modules there are. */
  get length(): number {
    return this.#modules.length
  }

  /** The module at a position, counted from the end if negative. @throws IndexError when there is none */
  at(position: number): M {
    const module = this.#modules.at(position)
    if (module) return module
    throw new IndexError(`ModuleList.at: no module ${position} among ${this.length}`)
  }

  /**
   * Adds modules at the end. An optimizer that was made before does not know their parameters.
   *
   * @throws ValueError when something is not a module
   */
  push(...modules: M[]): this {
    for (const [i, module] of modules.entries()) checkEntry('ModuleList', String(this.length + i), module)
    this.#modules.push(...modules)
    return this
  }

  /** The modules, first to last. */
  [Symbol.iterator](): Iterator<M> {
    return this.#modules.values()
  }

  override members(): Iterable<readonly [string, M]> {
    return this.#modules.map((module, i) => [String(i), module] as const)
  }

  /** @throws GraphError always: a list does not say in which order its modules are applied, and to what */
  forward(): never {
    return noForward('ModuleList')
  }

  override toString(): string {
    return 'ModuleList'
  }
}
