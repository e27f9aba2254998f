import { concatenate } from './byte-source.ts'

/** Takes exact numbers of bytes out of pieces of any size. Holds what has come, never what was announced. */
export class PendingBytes {
  readonly #chunks: AsyncIterator<Uint8Array>
  #rest = new Uint8Array(0) as Uint8Array

  constructor(chunks: AsyncIterator<Uint8Array>) {
    this.#chunks = chunks
  }

  /** The next `count` bytes; `short(held)` throws when fewer come. */
  async take(count: number, short: (held: number) => never): Promise<Uint8Array<ArrayBuffer>> {
    const parts: Uint8Array[] = [this.#rest]
    let held = this.#rest.length
    while (held < count) {
      const { done, value } = await this.#chunks.next()
      if (done) return short(held)
      parts.push(value)
      held += value.length
    }
    const last = parts.at(-1)!
    const used = last.length - (held - count)
    parts[parts.length - 1] = last.subarray(0, used)
    this.#rest = last.subarray(used)
    return concatenate(parts)
  }

  /** Leaves out the next `count` bytes; `short(held)` throws when fewer come. */
  async skip(count: number, short: (held: number) => never): Promise<void> {
    let left = count - this.#rest.length
    this.#rest = this.#rest.subarray(Math.min(count, this.#rest.length))
    while (left > 0) {
      const { done, value } = await this.#chunks.next()
      if (done) return short(count - left)
      this.#rest = value.subarray(Math.min(left, value.length))
      left -= value.length
    }
  }

  async ended(): Promise<boolean> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#chunks.next()
      if (done) return true
      this.#rest = value
    }
    return false
  }

  async close(): Promise<void> {
    await this.#chunks.return?.()
  }
}
