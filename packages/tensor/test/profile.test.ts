import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import type { Access, Kernel, Program } from '../src/schedule/kernels.ts'
import { kernelWork } from '../src/schedule/kernel-work.ts'
import { linearize } from '../src/schedule/linearize.ts'
import { makeProgram } from '../src/schedule/plan.ts'
import {
  configure, conv2d, evaluate, gather, GraphError, maxPool2d, profile, randomUniform, shutdown, tensor, type Tensor,
} from '../src/index.ts'

/**
 * The work of each kernel that a plan for these tensors would have; the hand calculations are beside each
 * test.
 */
function workOf(...tensors: Tensor[]): { flops: number; bytes: number }[] {
  const { program } = makeProgram(linearize(tensors.map(({ node }) => node), () => {}), true)
  return program.kernels.map((kernel) => kernelWork(kernel, program))
}

const values = (shape: number[]): Tensor =>
  tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)), { shape })

afterAll(shutdown)
afterEach(() => configure())

describe('work of a kernel', () => {
  test('a Map: its operations, its distinct inputs, its result', () => {
    const [x, row] = [values([100, 64]), values([64])]
    // x · row + x: two operations on 6,400 elements; 6,400 + 64 read, 6,400 written.
    expect(workOf(x.mul(row).add(x))).toEqual([{ flops: 12_800, bytes: 4 * (6400 + 64 + 6400) }])
  })

  test('a padded Map reads what is inside', () => {
    expect(workOf(values([16, 16]).pad([[8, 8], [0, 0]]))).toEqual([{ flops: 0, bytes: 4 * (256 + 512) }])
  })

  test('a Reduce: prologue and sum on each element, epilogue on each result', () => {
    // exp and + on 32 · 50 elements, log on 32.
    expect(workOf(values([32, 50]).exp().sum({ axis: 1 }).log())).toEqual([
      { flops: 2 * 1600 + 32, bytes: 4 * (1600 + 32) },
    ])
  })

  test('a matrix product: 2mnk and its epilogue', () => {
    const product = values([4, 16, 32]).matmul(values([4, 32, 48])).add(values([48])).relu()
    expect(workOf(product)).toEqual([
      { flops: (2 * 32 + 2) * 4 * 16 * 48, bytes: 4 * (4 * 16 * 32 + 4 * 32 * 48 + 48 + 4 * 16 * 48) },
    ])
  })

  test('a convolution and its gradients have the operations of the direct one', () => {
    const geometry = {
      batch: 2, groups: 2, inputChannels: 4, outputChannels: 6, inputHeight: 8, inputWidth: 8, kernelHeight: 3,
      kernelWidth: 3, outputHeight: 8, outputWidth: 8, strideHeight: 1, strideWidth: 1, dilationHeight: 1,
      dilationWidth: 1, paddingTop: 1, paddingLeft: 1,
    }
    const elements = { input: 2 * 4 * 64, weight: 6 * 2 * 9, output: 2 * 6 * 64 }
    const access = (slot: number): Access => ({ slot, dtype: 'float32', offset: 0, strides: [] })
    const slots = (sizes: number[]): Program['slots'] => sizes.map((size) => ({ kind: 'input', bytes: 4 * size }))
    const { input, weight, output } = elements
    for (const [mode, sizes] of [
      ['forward', [input, weight, output]],
      ['inputGradient', [output, weight, input]],
      ['weightGradient', [input, output, weight]],
    ] as const) {
      const kernel: Kernel = {
        kind: 'convolution', label: mode, mode, geometry, left: access(0), right: access(1), store: access(2),
        epilogue: { loads: [], instructions: [{ op: 'accumulator', dtype: 'float32' }] },
      }
      const program: Program = { slots: slots([...sizes]), kernels: [kernel], arenaBytes: 0, values: 0 }
      // Each of 2 · 6 · 8 · 8 results is a sum over 2 channels of 9 taps.
      expect(kernelWork(kernel, program).flops).toBe(2 * 768 * 18)
    }
    const forward = conv2d(values([2, 4, 8, 8]), values([6, 2, 3, 3]), { padding: 1, groups: 2 })
    expect(workOf(forward)).toEqual([{ flops: 2 * 768 * 18, bytes: 4 * (input + weight + output) }])
  })

  test('a window: one operation for each tap', () => {
    expect(workOf(maxPool2d(values([1, 2, 8, 8]), { kernel: 2 }))).toEqual([
      { flops: 2 * 16 * 4, bytes: 4 * (2 * 64 + 2 * 16) },
    ])
  })

  test('overlapping reads of a slot count it once', () => {
    const kernel: Kernel = {
      kind: 'map', label: 'windows', shape: [30, 3],
      body: {
        loads: [{ slot: 0, dtype: 'float32', offset: 0, strides: [1, 1] }],
        instructions: [{ op: 'load', dtype: 'float32', load: 0 }],
      },
      store: { slot: 1, dtype: 'float32', offset: 0, strides: [3, 1] },
    }
    const slots = [{ kind: 'input', bytes: 128 }, { kind: 'output', bytes: 384 }] as const
    expect(kernelWork(kernel, { slots, kernels: [kernel], arenaBytes: 0, values: 0 })).toEqual({ flops: 0, bytes: 128 + 360 })
  })

  test('a gather moves, and computes nothing', () => {
    const index = tensor(new Int32Array(12), { shape: [3, 4] })
    expect(workOf(gather(values([3, 4]), index, { axis: 0 }))).toEqual([{ flops: 0, bytes: 4 * 36 }])
  })
})

describe.each([
  ['reference', () => configure({ backend: 'reference' })],
  ['wasm, one thread', () => configure({ threads: 1 })],
  ['wasm, two threads', () => configure({ threads: 2 })],
])('profile on %s', (_, choose) => {
  test('sums up the kernels that fn ran, by label', async () => {
    choose()
    const [a, b] = [values([8, 4]), values([4, 8])]
    const seen = await profile(async () => {
      for (let k = 0; k < 3; k++) await evaluate(a.matmul(b))
      await evaluate(a.exp())
      return 'done'
    })
    expect(seen.result).toBe('done')
    expect(seen.events).toHaveLength(4)
    const product = seen.kernels.find(({ kind }) => kind === 'matmul')!
    expect(product).toMatchObject({ count: 3, flops: 3 * 2 * 8 * 4 * 8, bytes: 3 * 4 * (32 + 32 + 64) })
    expect(product.gigaflops).toBeCloseTo(product.flops / product.milliseconds / 1e6, 9)
    expect(product.gigabytes).toBeCloseTo(product.bytes / product.milliseconds / 1e6, 9)
    const inKernels = seen.kernels.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
    expect(inKernels).toBeGreaterThan(0)
    expect(inKernels).toBeLessThanOrEqual(seen.milliseconds)
  })

  test('evaluates a tensor that fn returns', async () => {
    choose()
    const { kernels, result } = await profile(() => values([4]).add(1))
    expect(kernels.map(({ kind }) => kind)).toEqual(['map'])
    expect([...(await result.data())]).toEqual([1, 1, 1, 1])
  })

  test('changes no result', async () => {
    choose()
    const x = randomUniform([64, 64])
    await evaluate(x)
    const plain = await x.matmul(x).softmax().data()
    const watched = await profile(() => x.matmul(x).softmax().data())
    expect(watched.result).toEqual(plain)
  })

  test('records nothing before and after', async () => {
    choose()
    const x = values([4])
    await evaluate(x.add(1))
    const first = await profile(() => {})
    expect(first.events).toEqual([])
    await evaluate(x.add(2))
    expect(first.events).toEqual([])
    await expect(profile(() => Promise.reject(new Error('boom')))).rejects.toThrow('boom')
    await evaluate(x.add(3))
    expect((await profile(() => x.sub(1))).events).toHaveLength(1)
  })
})

test('a trace has one complete event for each kernel, in the order of time', async () => {
  const profiled = await profile(async () => {
    await evaluate(values([4, 4]).matmul(values([4, 4])))
    await evaluate(values([4]).add(1))
  })
  const { traceEvents } = JSON.parse(profiled.trace()) as { traceEvents: Record<string, unknown>[] }
  expect(traceEvents.map(({ cat, ph }) => [cat, ph])).toEqual([['matmul', 'X'], ['map', 'X']])
  const [first, second] = profiled.events
  // Microseconds.
  expect(traceEvents[0]).toMatchObject({
    name: first!.label, ts: first!.start * 1000, dur: first!.milliseconds * 1000, args: { flops: 128, bytes: 192 },
  })
  expect(second!.start).toBeGreaterThanOrEqual(first!.start + first!.milliseconds)
})

test('the table has a line for each label and one for what is not a kernel', async () => {
  const profiled = await profile(() => values([4]).add(1))
  const lines = profiled.toString().split('\n')
  expect(lines).toHaveLength(3)
  expect(lines[0]).toContain('GFLOP/s')
  expect(lines[1]).toContain(profiled.kernels[0]!.label)
  expect(lines[2]).toContain('(outside of kernels)')
})

test('follows a change of the backend', async () => {
  const { events } = await profile(async () => {
    configure({ backend: 'reference' })
    await evaluate(values([4]).add(1))
    configure({ threads: 1 })
    await evaluate(values([4]).add(1))
  })
  expect(events).toHaveLength(2)
})

test('one profile at a time', async () => {
  await expect(profile(() => profile(() => {}))).rejects.toThrow(
    new GraphError('profile: another profile has not ended yet: await it first'),
  )
})

/** Runs a small program in a process of its own. */
function runProgram(env: Record<string, string>) {
  const program = `import { tensor } from '@badak/tensor'; await tensor([1, 2]).add(1).data(); process.exit()`
  const flags = ['--conditions=@badak/source', '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', program]
  return spawnSync(process.execPath, flags, { cwd: import.meta.dirname, encoding: 'utf8', env: { ...process.env, ...env } })
}

test('BADAK_PROFILE=1 prints what a program ran when it ends, and a program without it prints nothing', () => {
  expect(runProgram({ BADAK_PROFILE: '1' }).stderr).toMatch(/GFLOP\/s[^]*add/)
  expect(runProgram({ BADAK_PROFILE: '' }).stderr).toBe('')
})

test('BADAK_PROFILE=trace.json also writes the trace to that file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'badak-profile-'))
  try {
    const file = join(folder, 'trace.json')
    expect(runProgram({ BADAK_PROFILE: file }).stderr).toMatch(/GFLOP\/s[^]*add/)
    const { traceEvents } = JSON.parse(readFileSync(file, 'utf8')) as { traceEvents: Record<string, unknown>[] }
    expect(traceEvents).toEqual([
      expect.objectContaining({ name: 'add [2]', cat: 'map', ph: 'X', args: { flops: 2, bytes: 16 } }),
    ])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
