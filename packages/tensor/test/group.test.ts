import { afterAll, describe, expect, test } from 'vitest'
import type { Backend } from '../src/backends/backend.ts'
import { createWasmBackend } from '../src/backends/wasm/index.ts'
import { concat, grad, shutdown, sin, type Tensor } from '../src/index.ts'
import { planGroups } from '../src/schedule/group.ts'
import { accesses, type MapKernel } from '../src/schedule/kernels.ts'
import { placeSlots } from '../src/schedule/memory.ts'
import { apart, bitsOf, plan, x } from './program-runner.ts'

const backendsOf = (deterministic: boolean): Backend[] => [
  createWasmBackend({ threads: 1, sharedMemory: false, deterministic }),
  ...[1, 2, 3].map((threads) => createWasmBackend({ threads, deterministic })),
]
const arithmetics = { 'deterministic SIMD': backendsOf(true), 'relaxed SIMD': backendsOf(false) }

afterAll(() => {
  for (const backend of Object.values(arithmetics).flat()) backend.dispose()
  shutdown()
})

/** What Adam does to a parameter. */
function adam(w: Tensor, gradient: Tensor): Tensor[] {
  const mean = x(...w.shape)
    .mul(0.9)
    .add(gradient.mul(0.1))
  const square = x(...w.shape)
    .mul(0.99)
    .add(gradient.square().mul(0.01))
  return [mean, square, w.sub(mean.div(square.abs().sqrt().add(0.1)))]
}

function lstm(sequence: Tensor, weight: Tensor, steps: number): Tensor {
  let [h, c] = [x(8, 16), x(8, 16)]
  const outputs = sequence.split(steps, { axis: 0 }).map((part) => {
    const gates = part.reshape([8, 64]).add(h.matmul(weight))
    const [i, f, g, o] = gates.split(4, { axis: 1 }) as [Tensor, Tensor, Tensor, Tensor]
    c = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()))
    h = o.sigmoid().mul(c.tanh())
    return h
  })
  return concat(outputs).square().sum()
}

/** What is grouped, and how many kernels of it there are at the least in one group. */
const grouped: Record<string, { results: () => Tensor[]; count: number }> = {
  'the updates of parameters of many sizes': {
    results: () =>
      [[300, 200], [300], [16, 3, 3, 3], [1], [700, 199], [199]].flatMap((shape) =>
        adam(x(...shape), x(...shape)),
      ),
    count: 8,
  },
  'the parts of a concatenation': {
    results: () => [concat([x(33, 70).exp(), sin(x(33, 5)), x(33, 301)], { axis: 1 })],
    count: 3,
  },
  'the gradients of weights and biases': {
    results: () =>
      grad(
        (w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor) =>
          x(50, 300).matmul(w1).add(b1).tanh().matmul(w2).add(b2).square().sum(),
        { argnums: [0, 1, 2, 3] },
      )(x(300, 130), x(130), x(130, 10), x(10)),
    count: 2,
  },
  'an LSTM and its gradients': {
    results: () => grad((x: Tensor, w: Tensor) => lstm(x, w, 5), { argnums: [0, 1] })(x(40, 64), x(16, 64)),
    count: 4,
  },
}

describe.each(Object.entries(grouped))('%s', (_, { results, count }) => {
  test('are a group', () => {
    const { groups = [] } = plan(results()).program
    expect(Math.max(...groups.map((group) => group.count))).toBeGreaterThanOrEqual(count)
  })

  test.each(Object.entries(arithmetics))(
    'have the bits of kernels that run one after the other, on any number of threads, with %s',
    (_, backends) => {
      const planned = plan(results())
      const want = bitsOf(backends[0]!, apart(planned))
      for (const backend of backends) {
        for (let round = 0; round < 5; round++) {
          expect(bitsOf(backend, planned).every((bits, k) => bits === want[k])).toBe(true)
        }
      }
    },
  )

  test('each kernel is in one group, after what it reads was written', () => {
    const { kernels, groups = [], chains = [] } = plan(results()).program
    expect(groups.reduce((next, { first, count }) => (first === next ? next + count : NaN), 0)).toBe(
      kernels.length,
    )
    const unit = kernels.map((_, k) =>
      chains.findIndex(({ first, count }) => first <= k && k < first + count),
    )
    for (const { first, count } of groups) {
      for (let k = first; k < first + count; k++) {
        const reads = new Set(
          accesses(kernels[k]!)
            .slice(1)
            .map(({ slot }) => slot),
        )
        const sources = kernels.flatMap(({ store }, other) => (reads.has(store.slot) ? [other] : []))
        for (const other of sources)
          expect(other).toBeLessThan(unit[k] !== -1 && unit[k] === unit[other] ? k : first)
      }
    }
  })

  test('take hardly more memory than kernels that run one after the other', () => {
    const { slots, kernels, arenaBytes } = plan(results()).program
    expect(arenaBytes).toBeLessThanOrEqual(1.25 * placeSlots(slots, kernels).arenaBytes + 65_536)
  })
})

describe('kernels over', () => {
  const map = (elements: number, read: number, write: number): MapKernel => ({
    kind: 'map',
    label: `from ${read} to ${write}`,
    shape: [elements],
    body: {
      loads: [{ slot: read, dtype: 'float32', offset: 0, strides: [1] }],
      instructions: [{ op: 'load', dtype: 'float32', load: 0 }],
    },
    store: { slot: write, dtype: 'float32', offset: 0, strides: [1] },
  })
  const groupsOf = (sizes: readonly number[], reads: readonly number[]): string[][] => {
    const kernels = sizes.map((size, k) => map(size, reads[k]!, k + 1))
    const slots = [0, ...sizes].map((size) => ({ kind: 'temporary', bytes: 4 * size }) as const)
    const planned = planGroups({ kernels, chains: [] }, slots)
    return planned.groups.map(({ first, count }) =>
      planned.kernels.slice(first, first + count).map(({ label }) => label),
    )
  }

  test('little data are done together, and before what reads their results', () =>
    expect(groupsOf([100, 200, 300], [0, 0, 1])).toEqual([['from 0 to 1', 'from 0 to 2'], ['from 1 to 3']]))

  test('much data are done one after the other, with little beside them', () =>
    expect(groupsOf([1e6, 1e6, 100, 100], [0, 0, 0, 1])).toEqual([
      ['from 0 to 3', 'from 0 to 1'],
      ['from 1 to 4', 'from 0 to 2'],
    ]))

  test('what they wait for come forward a few groups, no more', () => {
    const line = Array.from({ length: 20 }, (_, k) => k)
    const groups = groupsOf([...line.map(() => 1e6), 100], [...line, 0])
    expect(groups.findIndex((group) => group.includes('from 0 to 21'))).toBe(12)
  })
})
