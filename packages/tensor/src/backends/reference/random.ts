import type { RandomKernel } from '../../schedule/kernels.ts'
import type { Memory } from './memory.ts'

/**
 * Random words from a counter: element e is word `e mod 4` of block `offset + ⌊e / 4⌋`, so that any element
 * can be had without those before it.
 */
export function runRandom(kernel: RandomKernel, memory: Memory): void {
  const read = memory.elements(kernel.key)
  const [keyLow, keyHigh, offsetLow, offsetHigh] = [0, 1, 2, 3].map((word) => BigInt(read(word) >>> 0))
  const offset = offsetLow | (offsetHigh << 32n)
  const write = memory.writer({ ...kernel.store, strides: [1] })
  let block: number[] = []
  for (let e = 0; e < kernel.count; e++) {
    if (e % 4 === 0) block = philox(BigInt.asUintN(64, offset + BigInt(e / 4)), keyLow, keyHigh)
    const word = block[e % 4]
    // 24 bits are what a float32 in [0, 1) can hold.
    write([e], kernel.form === 'bits' ? word | 0 : (word >>> 8) * 2 ** -24)
  }
}

/**
 * Philox 4×32 with ten rounds, as the paper writes it: `(high, low)` are the halves of a 64-bit product.
 *
 * @see Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3",
 * doi:10.1145/2063384.2063405
 */
function philox(counter: bigint, keyLow: bigint, keyHigh: bigint): number[] {
  const word = (x: bigint): bigint => BigInt.asUintN(32, x)
  let [c0, c1, c2, c3] = [word(counter), counter >> 32n, 0n, 0n]
  let [k0, k1] = [keyLow, keyHigh]
  for (let round = 0; round < 10; round++) {
    const first = 0xd2511f53n * c0
    const second = 0xcd9e8d57n * c2
    ;[c0, c1, c2, c3] = [(second >> 32n) ^ c1 ^ k0, word(second), (first >> 32n) ^ c3 ^ k1, word(first)]
    k0 = word(k0 + 0x9e3779b9n)
    k1 = word(k1 + 0xbb67ae85n)
  }
  return [c0, c1, c2, c3].map(Number)
}
