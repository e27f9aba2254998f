import { IndexError } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import type { Layer } from '../module/layer.ts'
import { isModule, Module } from '../module/module.ts'
import { checkEntry } from './entries.ts'

/**
 * Layers one after the other.
 *
 * Their names are their positions, `0.weight`, or the keys of a record, `hidden.weight`.
 *
 * @example
 * ```ts
 * new Sequential(new Linear(784, 50), new ReLU(), new Linear(50, 10))
 * new Sequential({ hidden: new Linear(784, 50), activation: new ReLU(), output: new Linear(50, 10) })
 * ```
 */
export class Sequential extends Module implements Iterable<Layer> {
  readonly #layers: ReadonlyMap<string, Layer>

  /** @throws ValueError when something is not a module */
  constructor(layers: Readonly<Record<string, Layer>>)
  constructor(...layers: Layer[])
  constructor(...layers: (Layer | Readonly<Record<string, Layer>>)[]) {
    super()
    const [first] = layers
    const record = layers.length === 1 && !isModule(first) && typeof first === 'object' && first !== null
    this.#layers = new Map(Object.entries(record ? first : (layers as Layer[])))
    for (const [name, layer] of this.#layers) checkEntry('Sequential', name, layer)
  }

  /** How many layers there are. */
  get length(): number {
    return this.#layers.size
  }

  /**
   * The layer at a position, counted from the end if negative, or of a name.
   *
   * @throws IndexError when there is none
   */
  at(key: number | string): Layer {
    const layer = typeof key === 'string' ? this.#layers.get(key) : [...this].at(key)
    if (layer) return layer
    throw new IndexError(
      `Sequential.at: no layer ${JSON.stringify(key)} among ${[...this.#layers.keys()].join(', ')}`,
    )
  }

  /** The layers, first to last. */
  [Symbol.iterator](): Iterator<Layer> {
    return this.#layers.values()
  }

  override members(): Iterable<readonly [string, Layer]> {
    return this.#layers
  }

  forward(x: Tensor): Tensor {
    let output = x
    for (const layer of this) output = layer.forward(output)
    return output
  }

  override toString(): string {
    return 'Sequential'
  }
}
