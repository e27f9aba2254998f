import type { Heap } from './heap.ts'

/** A piece of memory that grows to the largest size ever asked for; what is in it does not survive that. */
export class Region {
  readonly #heap: Heap
  #address = 0
  #bytes = 0

  constructor(heap: Heap) {
    this.#heap = heap
  }

  /** Address of at least `bytes` bytes. @throws MemoryError */
  reach(bytes: number): number {
    if (bytes <= this.#bytes) return this.#address
    if (this.#bytes > 0) this.#heap.free(this.#address)
    this.#bytes = 0
    this.#address = this.#heap.allocate(bytes)
    this.#bytes = bytes
    return this.#address
  }
}
