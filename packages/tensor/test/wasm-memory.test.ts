import { describe, expect, test } from 'vitest'
import { MemoryError } from '../src/errors.ts'
import { configure, evaluate, ones, Parameter, tensor } from '../src/index.ts'
import { ALIGNMENT, Allocator } from '../src/backends/wasm/memory/allocator.ts'
import { Heap } from '../src/backends/wasm/memory/heap.ts'
import { randomNumbers } from './wasm-kernel-runner.ts'

describe('allocator', () => {
  test('blocks are aligned, inside of the range, and never overlap; everything freed is one block again', () => {
    const random = randomNumbers(1)
    const end = 4096 + 64 * 10_000
    const allocator = new Allocator(4000)
    allocator.extend(4096 + 64 * 5000)
    allocator.extend(end)
    const held = new Map<number, number>()
    const problems: string[] = []
    for (let step = 0; step < 20_000; step++) {
      if (held.size > 0 && random() < 0.5) {
        const address = [...held.keys()][Math.floor(random() * held.size)]!
        allocator.free(address)
        held.delete(address)
      } else {
        const bytes = Math.floor(2 ** (random() * 15))
        const address = allocator.allocate(bytes)
        if (address === undefined) continue
        const overlaps = [...held].some(([other, size]) => address < other + size && other < address + bytes)
        const inside = address >= 4000 && address + bytes <= end
        if (overlaps || !inside || address % ALIGNMENT !== 0) problems.push(`${bytes} bytes at ${address}`)
        held.set(address, bytes)
      }
    }
    expect(problems).toEqual([])
    for (const address of held.keys()) allocator.free(address)
    expect(allocator.used).toBe(0)
    expect(allocator.allocate(end - 4032)).toBe(4032)
  })

  test('the same calls give the same addresses', () => {
    const run = (): (number | undefined)[] => {
      const random = randomNumbers(2)
      const allocator = new Allocator(0)
      allocator.extend(1 << 20)
      const addresses: (number | undefined)[] = []
      for (let step = 0; step < 500; step++) {
        addresses.push(allocator.allocate(random() * 4000))
        const old = addresses[Math.floor(random() * addresses.length)]
        if (old !== undefined && random() < 0.6) {
          allocator.free(old)
          addresses[addresses.lastIndexOf(old)] = undefined
        }
      }
      return addresses
    }
    expect(run()).toEqual(run())
  })

  test('ten thousand steps that hold the same sizes in another order need no more room', () => {
    const random = randomNumbers(3)
    const sizes = Array.from({ length: 40 }, () => 64 * Math.ceil(random() * 200))
    const allocator = new Allocator(0)
    const total = sizes.reduce((a, b) => a + b, 0)
    allocator.extend(1.5 * total)
    let held: (number | undefined)[] = []
    for (let step = 0; step < 10_000; step++) {
      for (const address of held) allocator.free(address!)
      const order = sizes.toSorted(() => random() - 0.5)
      held = order.map((size) => allocator.allocate(size))
      expect(held, `step ${step}`).not.toContain(undefined)
    }
    expect(allocator.used).toBe(total)
  })

  test('freeing what is not allocated is an error', () => {
    expect(() => new Allocator(0).free(64)).toThrow('free: nothing is allocated at 64')
  })
})

describe('heap', () => {
  test.each([true, false])('grows by steps, and keeps what is in it (shared: %s)', (shared) => {
    const heap = new Heap({ shared, reserved: 4096 })
    const first = heap.allocate(64)
    heap.bytes.fill(7, first, first + 64)
    const second = heap.allocate(50_000_000)
    expect(heap.reserved).toBeGreaterThan(50_000_000)
    expect(heap.bytes.subarray(first, first + 64).every((byte) => byte === 7)).toBe(true)
    heap.free(second)
    expect(heap.used).toBe(64)
    expect(heap.allocate(40_000_000)).toBe(second)
  })

  test('what cannot be had is a MemoryError that names the sizes, and nothing is lost by it', () => {
    const heap = new Heap({ shared: false, reserved: 4096 })
    expect(() => heap.allocate(5e9)).toThrow(MemoryError)
    expect(() => heap.allocate(5e9)).toThrow(
      'allocate: 5000000000 bytes do not fit: 0 bytes are in use, 4194304 of at most 4294967296 bytes are reserved',
    )
    expect(heap.allocate(64)).toBe(4096)
  })
})

describe('a program that asks for more memory than there is', () => {
  test.each([true, false])(
    'gets a MemoryError; what was evaluated before can still be read and computed with (shared: %s)',
    async (sharedMemory) => {
      configure({ backend: 'wasm', sharedMemory })
      const kept = tensor([1, 2, 3]).mul(2)
      const weight = new Parameter(tensor([5, 7]))
      await evaluate(kept)
      // 19.6 GB: more than a memory with addresses of 32 bits can hold.
      const huge = ones([70_000, 1]).add(ones([1, 70_000]))
      await expect(huge.data()).rejects.toThrow(MemoryError)
      await expect(huge.data()).rejects.toThrow(/^allocate: 19600000000 bytes do not fit: \d+ bytes are in use/)
      expect([...(await kept.data())]).toEqual([2, 4, 6])
      expect([...(await weight.mul(kept.sum()).data())]).toEqual([60, 84])
      configure({ backend: 'wasm' })
    },
  )
})
