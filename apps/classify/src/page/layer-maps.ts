import { paint } from './paint.ts'
import type { LayerPainting } from './protocol.ts'

/** The feature maps of the layers, each layer a canvas. */
export class LayerMaps {
  readonly #parent: HTMLElement
  #layers = new Map<string, Layer>()

  constructor(parent: HTMLElement) {
    this.#parent = parent
  }

  show(layers: readonly LayerPainting[]): void {
    const same = layers.length === this.#layers.size && layers.every(({ name }) => this.#layers.has(name))
    if (!same) {
      this.#layers = new Map(layers.map(({ name }, i) => [name, new Layer(i + 1)]))
      this.#parent.replaceChildren(...[...this.#layers.values()].map(({ figure }) => figure))
    }
    for (const layer of layers) this.#layers.get(layer.name)!.show(layer)
  }

  /** Forgets the layers of a network that is no longer open. */
  reset(): void {
    this.#layers.clear()
    this.#parent.replaceChildren()
  }

  /** Leaves the places of the layers as they are, empty. */
  clear(): void {
    for (const layer of this.#layers.values()) layer.clear()
  }
}

class Layer {
  readonly figure = document.createElement('figure')
  readonly #size = document.createElement('span')
  readonly #canvas = document.createElement('canvas')
  readonly #number: number

  /** @param number from 1 */
  constructor(number: number) {
    this.#number = number
    this.figure.className = 'layer'
    const heading = document.createElement('h3')
    heading.append(`Convolution ${number}`, this.#size)
    this.#canvas.setAttribute('role', 'img')
    this.figure.append(heading, this.#canvas)
  }

  show(layer: LayerPainting): void {
    const { channels, mapWidth, mapHeight } = layer
    const size = `${channels} maps of ${mapWidth} × ${mapHeight}`
    if (this.#size.textContent !== size) {
      this.#size.textContent = size
      this.#canvas.setAttribute('aria-label', `Feature maps of convolution ${this.#number}: ${size}`)
    }
    paint(this.#canvas, layer)
  }

  clear(): void {
    this.#canvas.getContext('2d')!.clearRect(0, 0, this.#canvas.width, this.#canvas.height)
  }
}
