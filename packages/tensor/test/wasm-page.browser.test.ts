import { describe, expect, test } from 'vitest'
import { createWasmBackend } from '../src/backends/wasm/index.ts'
import type { Backend, DeviceBuffer } from '../src/backends/backend.ts'
import type { Access, GatherKernel, Kernel, MapKernel, Program } from '../src/schedule/kernels.ts'

// The main thread of a page may not block: there a run is a promise, and others compute.

const access = (slot: number): Access => ({ slot, dtype: 'float32', offset: 0, strides: [1] })

/** `y = a · x + 1` on `length` elements, `times` times over. */
function scale(length: number, times = 1): Program {
  const kernel: MapKernel = {
    kind: 'map',
    label: 'scale',
    shape: [length],
    body: {
      loads: [access(0)],
      instructions: [
        { op: 'load', dtype: 'float32', load: 0 },
        { op: 'value', dtype: 'float32', value: 0 },
        { op: 'mul', dtype: 'float32', args: [0, 1] },
        { op: 'value', dtype: 'float32', value: 1 },
        { op: 'add', dtype: 'float32', args: [2, 3] },
      ],
    },
    store: access(1),
  }
  return program(
    length,
    Array.from({ length: times }, () => kernel),
  )
}

function program(length: number, kernels: Kernel[]): Program {
  const bytes = Math.ceil((4 * length) / 64) * 64
  return {
    slots: [
      { kind: 'input', bytes },
      { kind: 'output', bytes },
    ],
    kernels,
    arenaBytes: 0,
    values: 2,
  }
}

function filled(backend: Backend, length: number, value: number): DeviceBuffer {
  const buffer = backend.allocate(Math.ceil((4 * length) / 64) * 64)
  backend.upload(buffer, new Uint8Array(new Float32Array(length).fill(value).buffer))
  return buffer
}

async function floats(backend: Backend, buffer: DeviceBuffer, length: number): Promise<Float32Array> {
  const bytes = await backend.download(buffer, 4 * length)
  return new Float32Array(bytes.buffer, bytes.byteOffset, length)
}

describe('on a page', () => {
  test('the page is isolated, so memory is shared and others compute', () => {
    expect(globalThis.crossOriginIsolated).toBe(true)
    const backend = createWasmBackend({ threads: 2 })
    expect(backend.details.sharedMemory).toBe(true)
    backend.dispose()
  })

  test.each([1, 3])('runs on %i threads are promises, carried out in order', async (threads) => {
    const backend = createWasmBackend({ threads })
    const length = 300_000
    const [x, y, z] = [2, 0, 0].map((value) => filled(backend, length, value)) as [
      DeviceBuffer,
      DeviceBuffer,
      DeviceBuffer,
    ]
    const executable = backend.compile(scale(length, 3))
    const values = [3, 1]
    const first = backend.run(executable, [x, y], values)
    expect(first).toBeInstanceOf(Promise)
    // The numbers were read when the run was asked for.
    values[0] = 100
    const second = backend.run(executable, [y, z], [10, -1])
    const before = backend.memory().used
    // Given back only when the runs that use it are over.
    backend.free(x)
    expect(backend.memory().used).toBe(before)
    const result = floats(backend, z, length)
    expect(await first).toBeUndefined()
    expect(await second).toBeUndefined()
    expect((await result).every((value) => value === (2 * 3 + 1) * 10 - 1)).toBe(true)
    expect(backend.memory().used).toBe(before - x.bytes)
    // Nothing is under way any more: at once again.
    expect(backend.download(y, 4)).toBeInstanceOf(Uint8Array)
    backend.dispose()
  })

  test('a fault is what the run resolves to, and later runs go on', async () => {
    const backend = createWasmBackend({ threads: 2 })
    const gather: GatherKernel = {
      kind: 'gather',
      label: 'gather',
      shape: [4],
      axis: 0,
      size: 4,
      source: access(0),
      index: { ...access(0), dtype: 'int32' },
      store: access(1),
    }
    const [x, y] = [filled(backend, 4, 1), filled(backend, 4, 0)]
    const bad = backend.run(backend.compile(program(4, [gather])), [x, y], [0, 0])
    const good = backend.run(backend.compile(scale(4)), [x, y], [2, 0])
    expect(await bad).toEqual({ kernel: 0 })
    expect(await good).toBeUndefined()
    expect([...(await floats(backend, y, 4))]).toEqual([2, 2, 2, 2])
    backend.dispose()
  })

  test('what is under way when the backend is disposed is rejected', async () => {
    const backend = createWasmBackend({ threads: 2 })
    const length = 1_000_000
    const [x, y] = [filled(backend, length, 1), filled(backend, length, 0)]
    const run = backend.run(backend.compile(scale(length, 50)), [x, y], [1, 1])
    backend.dispose()
    await expect(run).rejects.toThrow('run: the backend was disposed')
    expect(() => backend.run(backend.compile(scale(4)), [x, y], [1, 1])).toThrow('it was disposed')
  })

  test('without shared memory the calling thread computes', async () => {
    const backend = createWasmBackend({ sharedMemory: false })
    const [x, y] = [filled(backend, 4, 1), filled(backend, 4, 0)]
    expect(backend.run(backend.compile(scale(4)), [x, y], [2, 5])).toBeUndefined()
    expect([...(await floats(backend, y, 4))]).toEqual([7, 7, 7, 7])
    backend.dispose()
  })
})
