import { describe, expect, test } from 'vitest'
import { BackendError, ValueError } from '../src/errors.ts'
import {
  block,
  br_if,
  type Code,
  i32,
  local,
  loop,
  ModuleBuilder,
  unreachable,
  when,
} from '../src/backends/wasm/assembler/index.ts'
import { createWasmBackend } from '../src/backends/wasm/index.ts'
import type { Program } from '../src/schedule/kernels.ts'
import { Heap } from '../src/backends/wasm/memory/heap.ts'
import { control, CONTROL_BYTES, LAUNCH_WORDS } from '../src/backends/wasm/pool/control.ts'
import { Pool } from '../src/backends/wasm/pool/pool.ts'

/** `i32.atomic.load`: kernels need no atomics, so the assembler has none. */
function atomicLoad(pointer: Code): Code {
  return [pointer, 0xfe, 0x10, 2, 0]
}

/**
 * `count` adds 1 to word u of a list for each unit u; `where` stores the thread's scratch address there;
 * `trap` traps at unit 500; `hang` never ends in a thread other than the first.
 */
function testModule(sharedMemory: boolean): Uint8Array {
  const module = new ModuleBuilder({ sharedMemory, relaxedSimd: false })
  const params = ['i32', 'i32', 'i32', 'i32'] as const
  module.func({ name: 'count', params }, (_, args, begin, end) =>
    loop((again) => {
      const place = i32.add(i32.load(args), i32.shl(begin, 2))
      return [
        i32.store(place, i32.add(i32.load(place), 1)),
        local.set(begin, i32.add(begin, 1)),
        br_if(again, i32.lt_u(begin, end)),
      ]
    }),
  )
  module.func({ name: 'where', params }, (_, args, begin, _end, scratch) =>
    i32.store(i32.add(i32.load(args), i32.shl(begin, 2)), scratch),
  )
  module.func({ name: 'trap', params }, (_, _args, begin, end) =>
    when(i32.and(i32.le_u(begin, 500), i32.gt_u(end, 500)), unreachable()),
  )
  module.func({ name: 'hang', params }, (_, args, _begin, _end, scratch) =>
    when(
      i32.ne(scratch, i32.load(args)),
      [i32.store(i32.load(args), 1), block(() => loop((again) => br_if(again, i32.const(1))))],
      block(() => loop((again) => br_if(again, i32.eqz(atomicLoad(i32.load(args)))))),
    ),
  )
  return module.bytes()
}

const functions = ['count', 'where', 'trap', 'hang']

/** A pool with launches of the test module ready in memory. */
function setUp(
  threads: number,
  launches: { name: string; units: number; grain: number }[],
  patience?: number,
) {
  const heap = new Heap({ shared: threads > 1, reserved: CONTROL_BYTES })
  const pool = new Pool(heap, { threads, blocking: true, ...(patience && { patience }) })
  const module = pool.addModule(testModule(threads > 1))
  const list = heap.allocate(4 * Math.max(...launches.map(({ units }) => units)))
  const args = heap.allocate(4)
  const scratch = heap.allocate(4096)
  const records = heap.allocate(4 * LAUNCH_WORDS * launches.length)
  heap.words[args >>> 2] = launches.some(({ name }) => name === 'hang') ? scratch : list
  launches.forEach(({ name, units, grain }, k) => {
    heap.words.set(
      [module, functions.indexOf(name), args, units, grain, scratch, 128, 1, units > grain ? 1 : 0, 1, 0],
      (records >>> 2) + LAUNCH_WORDS * k,
    )
  })
  const words = (): Int32Array => heap.words.slice(list >>> 2, (list >>> 2) + launches[0]!.units)
  return { heap, pool, scratch, words, run: () => pool.run(records, launches.length) as void }
}

const workersAreUp = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 200))

describe('pool', () => {
  test.each([1, 2, 4])(
    '%i threads do every unit once in each of many runs, before they are up and after',
    async (threads) => {
      const launches = [
        { name: 'count', units: 1000, grain: 7 },
        { name: 'count', units: 1000, grain: 1000 },
      ]
      const { pool, run, words } = setUp(threads, launches)
      for (let k = 0; k < 20; k++) run()
      await workersAreUp()
      for (let k = 0; k < 300; k++) run()
      expect(words().every((count) => count === 2 * 320)).toBe(true)
      pool.dispose()
    },
  )

  test('threads are started by the first launch of more units than one takes', () => {
    const small = { name: 'count', units: 10, grain: 10 }
    const alone = setUp(3, [small, small])
    alone.run()
    expect(alone.pool.helpers).toBe(0)
    alone.pool.dispose()
    const { pool, run, words } = setUp(3, [small, { ...small, grain: 9 }])
    expect(pool.helpers).toBe(0)
    run()
    expect(pool.helpers).toBe(2)
    run()
    expect(pool.helpers).toBe(2)
    expect(words().every((count) => count === 4)).toBe(true)
    pool.dispose()
  })

  test('helpers take part, each with scratch of its own', async () => {
    const { pool, run, words, scratch } = setUp(3, [{ name: 'where', units: 20_000, grain: 1 }])
    const seen = new Set<number>()
    // On a busy machine a thread may take its time to come up.
    for (const end = Date.now() + 10_000; seen.size < 3 && Date.now() < end; await workersAreUp()) {
      for (let k = 0; k < 20; k++) {
        run()
        for (const address of words()) seen.add(address)
      }
    }
    expect([...seen].toSorted((a, b) => a - b)).toEqual([scratch, scratch + 128, scratch + 256])
    pool.dispose()
  })

  test.each([1, 2])(
    'a trap on %i threads is a BackendError, after which the pool still works',
    async (threads) => {
      const { heap, pool, run } = setUp(threads, [{ name: 'trap', units: 1000, grain: 10 }])
      await workersAreUp()
      for (let k = 0; k < 20; k++) {
        expect(run).toThrow(BackendError)
        expect(run).toThrow(/run: a kernel failed: .*unreachable/)
      }
      expect(heap.words[control.error]).toBe(0)
      pool.dispose()
    },
  )

  test('a thread that stops answering is a BackendError, now and at every later run', async () => {
    const { pool, run } = setUp(2, [{ name: 'hang', units: 2, grain: 1 }], 100)
    await workersAreUp()
    expect(run).toThrow('a thread has not answered for 100 ms: it has ended or hangs')
    expect(run).toThrow('run: the backend has failed before')
    pool.dispose()
  })

  test('dispose ends the threads; nothing runs after it', () => {
    const { pool, run } = setUp(2, [{ name: 'count', units: 10, grain: 1 }])
    pool.dispose()
    expect(pool.helpers).toBe(0)
    expect(run).toThrow('run: the backend has failed before: it was disposed')
  })
})

describe('createWasmBackend', () => {
  test('says what it uses, and keeps to what it is told', () => {
    const backend = createWasmBackend({ threads: 2, deterministic: true })
    expect(backend.details).toEqual({ threads: 2, relaxedSimd: false, sharedMemory: true })
    backend.dispose()
    const alone = createWasmBackend({ sharedMemory: false, relaxedSimd: false, threads: 4 })
    expect(alone.details).toEqual({ threads: 1, relaxedSimd: false, sharedMemory: false })
    alone.dispose()
  })

  test('refuses what makes no sense', () => {
    expect(() => createWasmBackend({ threads: 0 })).toThrow(ValueError)
    expect(() => createWasmBackend({ threads: 1.5 })).toThrow(
      'wasm: threads must be a whole number from 1 to 64: 1.5',
    )
    expect(() => createWasmBackend({ relaxedSimd: true, deterministic: true })).toThrow(
      'wasm: deterministic and relaxedSimd exclude each other',
    )
  })

  test('memory in use returns to where it was, and giving back twice is an error', () => {
    const backend = createWasmBackend({ threads: 1 })
    const before = backend.memory().used
    const buffers = [10, 1000, 100_000].map((bytes) => backend.allocate(bytes))
    expect(backend.memory().used).toBe(before + 64 + 1024 + 100_032)
    for (const buffer of buffers) backend.free(buffer)
    expect(backend.memory().used).toBe(before)
    expect(() => backend.free(buffers[0]!)).toThrow('free: the memory has been given back already')
    expect(() => backend.upload(backend.allocate(64), new Uint8Array(65))).toThrow(
      'upload: the memory is too small: 65 bytes into 64',
    )
  })

  test('what is in memory can still be read when nothing runs any more', () => {
    const backend = createWasmBackend({ threads: 2 })
    const buffer = backend.allocate(64)
    backend.upload(buffer, Uint8Array.of(1, 2, 3))
    const executable = backend.compile({ slots: [], kernels: [], arenaBytes: 0, values: 0 })
    backend.dispose()
    expect(() => backend.run(executable, [], [])).toThrow(BackendError)
    expect(backend.download(buffer, 3)).toEqual(Uint8Array.of(1, 2, 3))
  })

  test('ten thousand runs and a thousand programs hold no more memory than one', () => {
    const backend = createWasmBackend({ threads: 1 })
    const load = { slot: 0, dtype: 'float32', offset: 0, strides: [1] } as const
    const program: Program = {
      slots: [
        { kind: 'input', bytes: 4096 },
        { kind: 'output', bytes: 4096 },
      ],
      kernels: [
        {
          kind: 'map',
          label: 'copy',
          shape: [1000],
          body: { loads: [load], instructions: [{ op: 'load', dtype: 'float32', load: 0 }] },
          store: { ...load, slot: 1 },
        },
      ],
      arenaBytes: 0,
      values: 0,
    }
    const cycle = (): void => {
      const buffers = [backend.allocate(4096), backend.allocate(4096)]
      const executable = backend.compile(program)
      for (let k = 0; k < 10; k++) void backend.run(executable, buffers, [])
      backend.release(executable)
      for (const buffer of buffers) backend.free(buffer)
    }
    cycle()
    const before = backend.memory()
    for (let k = 0; k < 1000; k++) cycle()
    expect(backend.memory()).toEqual(before)
  })
})
