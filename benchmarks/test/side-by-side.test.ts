import { Worker } from 'node:worker_threads'
import { shutdown } from '@badak/tensor'
import { afterAll, describe, expect, test } from 'vitest'
import { open } from '../side-by-side/libraries.ts'
import { ask } from '../side-by-side/limits.ts'
import { markdownOf } from '../side-by-side/markdown.ts'
import { onnxModel } from '../side-by-side/onnx.ts'
import { parseOptions } from '../side-by-side/options.ts'
import { rowFrom } from '../side-by-side/report.ts'
import type { Result } from '../side-by-side/result.ts'
import { median } from '../side-by-side/timing.ts'
import type { Case, Side, Work } from '../side-by-side/work.ts'
import { works } from '../workloads/index.ts'

afterAll(shutdown)

describe("badak's side of each work runs", async () => {
  const library = await open['badak']!(1)
  const cheap = works.flatMap(({ name, cases, sides }) =>
    cases
      .filter(({ flops = 0, repeat = 1 }) => flops * repeat < 1e9)
      .map((what) => [`${name}: ${what.name}`, sides.badak as Side<unknown, Case>, what] as const),
  )

  test.each(cheap)('%s', async (_, side, what) => {
    const iterate = await side(library, what)
    await iterate()
    // Again: what the first one gave back must not be needed.
    await expect(Promise.resolve(iterate())).resolves.toBeUndefined()
  })
})

test('a result is compared to that of badak on the same case, and to the limit that binds', () => {
  const cases = [{ name: 'case', flops: 4e9, bytes: 1e6 }]
  const work: Work = { name: 'work', title: 'Work', cases, sides: {}, torch: false }
  const base = { work: 'work', case: 'case', threads: 2 }
  const results: Result[] = [
    { ...base, peer: 'badak', milliseconds: 50 },
    { ...base, peer: 'other', milliseconds: 125 },
    { ...base, peer: 'broken', error: 'no such operation' },
  ]
  const limits = [{ threads: 2, gigaflops: 100, gigabytes: 10 }]
  // 4 GFLOP in 50 ms are 80 GFLOP/s, in 125 ms 32; the limit is 100.
  expect(results.map((result) => rowFrom(result, { results, limits }, [work]))).toEqual([
    ['badak', '50.0 ms', '80.0 GFLOP/s', '80 %', ''],
    ['other', '125 ms', '32.0 GFLOP/s', '32 %', '2.50 ×'],
    ['broken', '—', 'no such operation', '', ''],
  ])
})

test('the page begins with a row for each case and number of threads', () => {
  const work: Work = { name: 'work', title: 'Work', cases: [{ name: 'case, 2 threads' }], sides: {}, torch: false }
  const of = (peer: string, threads: number, milliseconds: number): Result => ({
    work: 'work',
    case: 'case, 2 threads',
    peer,
    threads,
    milliseconds,
  })
  const results = [of('badak', 1, 50), of('other', 1, 100), of('badak', 2, 25), of('other', 2, 100)]
  const limits = [1, 2].map((threads) => ({ threads, gigaflops: 50, gigabytes: 10 }))
  const versions = {}
  const page = markdownOf({ date: 'today', machine: 'a machine', versions, limits, results }, [work])
  expect(page.match(/^[|] Work: .*$/gm)).toEqual([
    '| Work: case, 2 threads | 50.0 ms | 2.00 × |',
    '| Work: case, 2 threads | 25.0 ms | 4.00 × |',
  ])
  expect(page).toContain('|  | badak | other |\n|---|---:|---:|\n')
})

test('a thread that is asked for its limits again and again keeps no listener', async () => {
  const thread = new Worker(new URL('../side-by-side/limits-thread.ts', import.meta.url))
  for (let k = 0; k < 3; k++) expect(await ask(thread, 'multiply', 1)).toBeGreaterThan(0)
  expect(thread.listenerCount('error') + thread.listenerCount('message')).toBe(0)
  await thread.terminate()
})

test('the median is the middle, or between the two in the middle', () => {
  expect(median([5, 1, 3])).toBe(3)
  expect(median([4, 1, 3, 2])).toBe(2.5)
})

test('options name what they refuse', () => {
  const parse = (...args: string[]) => parseOptions(args, ['gemm', 'conv'], ['badak'])
  expect(parse('--only', 'gemm,conv', '--threads', '2', '--quick')).toMatchObject({
    only: ['gemm', 'conv'],
    threads: [2],
    quick: true,
  })
  expect(() => parse('--only', 'gem')).toThrow('--only: unknown "gem"; known: gemm, conv')
  expect(() => parse('--threads', '0')).toThrow('--threads: whole numbers from 1 to 64, such as 1,2: 0')
})

test('an ONNX model is the bytes that the protocol buffer says', () => {
  const model = onnxModel({
    nodes: [{ op: 'Relu', inputs: ['x'], output: 'y' }],
    inputs: { x: [300] },
    output: 'y',
  })
  const hex = [...model].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
  // By hand from onnx.proto: ir_version 8; a graph of 54 bytes: one node (x → y, Relu), named "benchmark",
  // with the input x: float[300] (300 is ac 02) and the output y: float; the default operator set, version
  // 17.
  expect(hex).toBe(
    '08 08 3a 36 ' +
      '0a 0c 0a 01 78 12 01 79 22 04 52 65 6c 75 ' +
      '12 09 62 65 6e 63 68 6d 61 72 6b ' +
      '5a 10 0a 01 78 12 0b 0a 09 08 01 12 05 0a 03 08 ac 02 ' +
      '62 09 0a 01 79 12 04 0a 02 08 01 ' +
      '42 04 0a 00 10 11',
  )
})
