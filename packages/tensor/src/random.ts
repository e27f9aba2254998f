import { ValueError } from './errors.ts'
import { isTracing } from './graph/build.ts'
import { checkInteger, show } from './shape.ts'
import { live, tensor } from './ops/create.ts'
import type { Tensor } from './tensor.ts'

const MASK = 0xffffffffffffffffn

/** Where a stream of random numbers stands, as decimal text, so that JSON can hold it. */
export interface GeneratorState {
  /** 64 bits that choose the stream. */
  readonly key: string
  /** How many blocks of four 32-bit words have been used; 64 bits. */
  readonly offset: string
}

/**
 * Block `counter` of the stream that `key` chooses: Philox 4×32-10, ten rounds of multiplications and
 * exclusive ors.
 *
 * @see Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3",
 *   doi:10.1145/2063384.2063405
 */
export function philox(counter: readonly number[], key: readonly number[]): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter as [number, number, number, number]
  let [k0, k1] = key as [number, number]
  for (let round = 0; round < 10; round++) {
    const [high0, low0] = product(0xd2511f53, c0)
    const [high1, low1] = product(0xcd9e8d57, c2)
    ;[c0, c1, c2, c3] = [high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0]
    k0 = (k0 + 0x9e3779b9) | 0
    k1 = (k1 + 0xbb67ae85) | 0
  }
  return [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0]
}

/** High and low word of the 64-bit product of two 32-bit words. */
function product(a: number, b: number): [number, number] {
  // No product of 16 and 32 bits is rounded.
  const upper = (a >>> 16) * (b >>> 0) + Math.floor(((a & 0xffff) * (b >>> 0)) / 0x10000)
  return [Math.floor(upper / 0x10000), Math.imul(a, b)]
}

/**
 * A stream of random numbers: a seed chooses it, a counter says how far it has been used. The same seed
 * gives the same random bits on every backend, and tensors of any size take theirs without waiting for each
 * other.
 *
 * @example
 * ```ts
 * const generator = new Generator(7)
 * randomNormal([2, 3], { generator })
 * generator.integers(6) // a die
 * ```
 */
export class Generator {
  #key: bigint
  #offset = 0n

  /** @param seed an integer; without it, the stream is another one each time */
  constructor(seed?: number | bigint) {
    this.#key = seed === undefined ? entropy() : checkSeed(seed)
  }

  /** Starts the stream that `value` chooses. @throws ValueError unless it is an integer */
  seed(value: number | bigint): void {
    this.#key = checkSeed(value)
    this.#offset = 0n
  }

  /**
   * Where the stream stands; setting it continues from there.
   *
   * @throws ValueError when a part is no 64-bit integer
   */
  get state(): GeneratorState {
    return { key: String(this.#key), offset: String(this.#offset) }
  }

  set state(state: { readonly key: string | bigint; readonly offset: string | bigint }) {
    const key = word64('key', state.key)
    this.#offset = word64('offset', state.offset)
    this.#key = key
  }

  /** A number in [0, 1), with 53 random bits. */
  uniform(): number {
    const [a, b] = this.#block()
    return ((a >>> 5) * 2 ** 26 + (b >>> 6)) * 2 ** -53
  }

  /**
   * An integer from 0 to n − 1, all equally likely.
   *
   * @throws ValueError unless n is an integer from 1 to 2³²
   */
  integers(n: number): number {
    checkInteger('integers', 'n', n, 1, 2 ** 32)
    return this.#integer(n, [])
  }

  /**
   * Puts `items` in random order, in place, all orders equally likely.
   *
   * @see Fisher & Yates 1938; Durstenfeld 1964
   */
  shuffle<T extends Int32Array | unknown[]>(items: T): T {
    const words: number[] = []
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.#integer(i + 1, words)
      const item = items[i]
      items[i] = items[j]
      items[j] = item
    }
    return items
  }

  /** 0 … n − 1 in random order. @throws ValueError unless n is an integer ≥ 0 */
  permutation(n: number): Int32Array {
    checkInteger('permutation', 'n', n, 0, 2 ** 31 - 1)
    return this.shuffle(Int32Array.from({ length: n }, (_, i) => i))
  }

  /**
   * Key and offset as four words, for `count` elements that a kernel draws; the stream moves past them.
   * @internal
   */
  take(count: number): Int32Array {
    const words = [this.#key, this.#key >> 32n, this.#offset, this.#offset >> 32n]
    this.#offset = (this.#offset + BigInt(Math.ceil(count / 4))) & MASK
    return Int32Array.from(words, (word) => Number(BigInt.asIntN(32, word)))
  }

  /** An integer below `n` from the words left of the last block, and from new blocks. */
  #integer(n: number, words: number[]): number {
    // Words past the last multiple of n would favour small results.
    const limit = 2 ** 32 - (2 ** 32 % n)
    for (;;) {
      if (words.length === 0) words.push(...this.#block())
      const word = words.shift()!
      if (word < limit) return word % n
    }
  }

  #block(): [number, number, number, number] {
    const [k0, k1, c0, c1] = this.take(4)
    return philox([c0!, c1!, 0, 0], [k0!, k1!])
  }
}

function checkSeed(seed: number | bigint): bigint {
  if (typeof seed === 'bigint' || Number.isSafeInteger(seed)) return BigInt.asUintN(64, BigInt(seed))
  throw new ValueError(`seed: expected an integer: ${String(seed)}`)
}

function word64(what: string, value: string | bigint): bigint {
  const valid = typeof value === 'bigint' || /^\d+$/.test(value)
  const word = valid ? BigInt(value) : -1n
  if (word >= 0n && word <= MASK) return word
  throw new ValueError(`generator state: ${what} must be a 64-bit integer: ${show([value])}`)
}

/** 64 bits that differ from process to process. No secret: Node.js would load its cryptography, 6 ms, for one. */
function entropy(): bigint {
  const word = (): bigint => BigInt(Math.floor(Math.random() * 2 ** 32))
  return (word() << 32n) | word()
}

/** The stream that random operations use unless they are given another. */
export const defaultGenerator: Generator = new Generator()

/**
 * Starts the stream of `defaultGenerator` anew: the same seed gives the same random bits, on any backend and
 * number of threads.
 *
 * @throws ValueError unless `value` is an integer
 */
export function seed(value: number | bigint): void {
  defaultGenerator.seed(value)
}

/** The key of a draw of `count` elements; a compiled function draws anew at each run. */
export function keyTensor(generator: Generator, count: number): Tensor {
  if (isTracing()) return live([4], 'int32', () => generator.take(count))
  return tensor(generator.take(count))
}
