/** Starts and sizes of all blocks are multiples of this: a cache line. */
export const ALIGNMENT = 64

export function alignUp(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT
}

class Block {
  readonly start: number
  size: number
  free = true
  before: Block | undefined
  after: Block | undefined = undefined

  constructor(start: number, size: number, before: Block | undefined) {
    this.start = start
    this.size = size
    this.before = before
  }
}

/**
 * Hands out pieces of one range of addresses: best fit, lowest address among equals, neighbours that are free
 * become one. The same calls always give the same addresses. It only counts; the memory is someone else's.
 */
export class Allocator {
  readonly #start: number
  /** Free blocks, smallest first, then lowest address. */
  readonly #free: Block[] = []
  readonly #blocks = new Map<number, Block>()
  #last: Block | undefined
  #end: number
  #used = 0

  /** Takes addresses from `start` on; `extend` must be called before anything can be allocated. */
  constructor(start: number) {
    this.#start = alignUp(start)
    this.#end = this.#start
  }

  /** Bytes handed out. */
  get used(): number {
    return this.#used
  }

  /** Address after the last one managed. */
  get end(): number {
    return this.#end
  }

  /** Bytes missing at the end before `bytes` would fit there. */
  missing(bytes: number): number {
    const tail = this.#last?.free ? this.#last.size : 0
    return Math.max(0, alignUp(bytes) - tail)
  }

  /** The range now reaches to `end`. */
  extend(end: number): void {
    const size = Math.floor((end - this.#end) / ALIGNMENT) * ALIGNMENT
    if (size <= 0) return
    const block = new Block(this.#end, size, this.#last)
    if (this.#last) this.#last.after = block
    this.#last = block
    this.#end += size
    this.#release(block)
  }

  /** Address of `bytes` bytes (at least one cache line), or undefined if no free block is large enough. */
  allocate(bytes: number): number | undefined {
    const size = Math.max(ALIGNMENT, alignUp(bytes))
    const position = this.#position(size, 0)
    const block = this.#free[position]
    if (block === undefined) return undefined
    this.#free.splice(position, 1)
    block.free = false
    if (block.size > size) this.#split(block, size)
    this.#blocks.set(block.start, block)
    this.#used += size
    return block.start
  }

  /** Takes back what `allocate` gave. */
  free(address: number): void {
    const block = this.#blocks.get(address)
    if (block === undefined) throw new RangeError(`free: nothing is allocated at ${address}`)
    this.#blocks.delete(address)
    this.#used -= block.size
    this.#release(block)
  }

  #split(block: Block, size: number): void {
    const rest = new Block(block.start + size, block.size - size, block)
    rest.after = block.after
    if (block.after) block.after.before = rest
    else this.#last = rest
    block.after = rest
    block.size = size
    this.#insert(rest)
  }

  /** Joins the block with free neighbours and lists the result. */
  #release(block: Block): void {
    const { before, after } = block
    if (after?.free) {
      this.#remove(after)
      this.#absorb(block, after)
    }
    if (before?.free) {
      this.#remove(before)
      this.#absorb(before, block)
    }
    const whole = before?.free ? before : block
    whole.free = true
    this.#insert(whole)
  }

  #absorb(block: Block, next: Block): void {
    block.size += next.size
    block.after = next.after
    if (next.after) next.after.before = block
    else this.#last = block
    // The one that is gone, perhaps in the old generation by now, must not keep its neighbours alive.
    next.before = undefined
    next.after = undefined
  }

  #insert(block: Block): void {
    this.#free.splice(this.#position(block.size, block.start), 0, block)
  }

  #remove(block: Block): void {
    this.#free.splice(this.#position(block.size, block.start), 1)
  }

  /** First position in the free list whose block is not before (size, start). */
  #position(size: number, start: number): number {
    let low = 0
    let high = this.#free.length
    while (low < high) {
      const middle = (low + high) >> 1
      const block = this.#free[middle]
      if (block.size < size || (block.size === size && block.start < start)) low = middle + 1
      else high = middle
    }
    return low
  }
}
