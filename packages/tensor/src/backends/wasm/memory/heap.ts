import { MemoryError } from '../../../errors.ts'
import { MAXIMUM_PAGES } from '../assembler/index.ts'
import { alignUp, Allocator } from './allocator.ts'

const PAGE = 65_536
/** Growing costs a system call and, in some engines, a copy: never by less than this. */
const STEP_PAGES = 256
/**
 * Kernels may read a few whole vectors past the last element of anything; the end of memory must not be that
 * close.
 */
const GUARD = 4096

/**
 * The memory that all threads compute in: one WebAssembly.Memory that grows by steps, and the allocator of
 * its addresses.
 */
export class Heap {
  readonly memory: WebAssembly.Memory
  readonly #allocator: Allocator
  readonly #maximumPages: number
  #bytes: Uint8Array
  #words: Int32Array

  /** `reserved` bytes at the start are never allocated. */
  constructor({ shared, reserved }: { shared: boolean; reserved: number }) {
    const { memory, maximum } = createMemory(shared)
    this.memory = memory
    this.#maximumPages = maximum
    this.#allocator = new Allocator(reserved)
    this.#bytes = new Uint8Array(memory.buffer)
    this.#words = new Int32Array(memory.buffer)
    this.#allocator.extend(this.reserved - GUARD)
  }

  get used(): number {
    return this.#allocator.used
  }

  /** Bytes had from the system. */
  get reserved(): number {
    return this.memory.buffer.byteLength
  }

  /** All memory as bytes; valid until the next `allocate`. */
  get bytes(): Uint8Array {
    this.#refresh()
    return this.#bytes
  }

  /** All memory as 32-bit words; valid until the next `allocate`. */
  get words(): Int32Array {
    this.#refresh()
    return this.#words
  }

  /** Address of `bytes` bytes. @throws MemoryError when the system or the 32-bit address space has no more */
  allocate(bytes: number): number {
    const address = this.#allocator.allocate(bytes)
    if (address !== undefined) return address
    this.#grow(bytes)
    return this.#allocator.allocate(bytes)!
  }

  free(address: number): void {
    this.#allocator.free(address)
  }

  #refresh(): void {
    if (this.#bytes.buffer === this.memory.buffer) return
    this.#bytes = new Uint8Array(this.memory.buffer)
    this.#words = new Int32Array(this.memory.buffer)
  }

  #grow(bytes: number): void {
    const pages = this.reserved / PAGE
    const needed = Math.ceil((this.#allocator.end + this.#allocator.missing(bytes) + GUARD) / PAGE) - pages
    // A quarter more, so that the number of steps stays logarithmic.
    const wanted = Math.max(needed, STEP_PAGES, pages >> 2)
    const possible = Math.min(wanted, this.#maximumPages - pages)
    if (possible < needed || !(this.#tryGrow(possible) || this.#tryGrow(needed))) {
      throw new MemoryError(
        `allocate: ${alignUp(bytes)} bytes do not fit: ${this.used} bytes are in use, ${this.reserved} of at most ` +
          `${this.#maximumPages * PAGE} bytes are reserved`,
      )
    }
    this.#allocator.extend(this.reserved - GUARD)
  }

  #tryGrow(pages: number): boolean {
    try {
      this.memory.grow(pages)
      return true
    } catch {
      return false
    }
  }
}

/** A small memory with the largest maximum that the system agrees to: phones refuse to reserve 4 GiB. */
function createMemory(shared: boolean): { memory: WebAssembly.Memory; maximum: number } {
  for (let maximum = MAXIMUM_PAGES; ; maximum >>= 1) {
    try {
      return { memory: new WebAssembly.Memory({ initial: STEP_PAGES >> 2, maximum, shared }), maximum }
    } catch (error) {
      if (maximum <= STEP_PAGES) {
        throw new MemoryError(
          `allocate: no WebAssembly memory of ${maximum * PAGE} bytes could be reserved`,
          {
            cause: error,
          },
        )
      }
    }
  }
}
