import { afterAll, describe, expect, test } from 'vitest'
import { createReferenceBackend } from '../src/backends/reference/index.ts'
import { createWasmBackend } from '../src/backends/wasm/index.ts'
import type { Backend } from '../src/backends/backend.ts'
import { grad, shutdown, sin, tensor, type Tensor, where } from '../src/index.ts'
import { planChains } from '../src/schedule/chain.ts'
import { type Access, accesses, type MapKernel } from '../src/schedule/kernels.ts'
import { apart, bitsOf, outputsOf, plan, x } from './program-runner.ts'

/** On threads that share memory, and on one that shares none. */
const backendsOf = (deterministic: boolean): Backend[] => [
  createWasmBackend({ threads: 1, sharedMemory: false, deterministic }),
  ...[1, 2, 3].map((threads) => createWasmBackend({ threads, deterministic })),
]
const arithmetics = { 'deterministic SIMD': backendsOf(true), 'relaxed SIMD': backendsOf(false) }
const reference = createReferenceBackend()

afterAll(() => {
  for (const backend of Object.values(arithmetics).flat()) backend.dispose()
  shutdown()
})

function batchNorm(x: Tensor): Tensor {
  const axis = x.shape.map((_, a) => a).filter((a) => a !== 1)
  const centred = x.sub(x.mean({ axis, keepDims: true }))
  const variance = centred.mul(centred).mean({ axis, keepDims: true })
  return centred.mul(variance.add(1e-5).sqrt().reciprocal())
}

/** What is chained, and how many kernels of it at the least. */
const chained: Record<string, { results: () => Tensor[]; count: number }> = {
  softmax: { results: () => [x(67, 1031).softmax()], count: 4 },
  'log-softmax and its gradient': {
    results: () => [grad((x: Tensor) => x.logSoftmax().square().sum())(x(131, 515))],
    count: 4,
  },
  'softmax of three axes': {
    results: () => [x(40, 33, 65).softmax()],
    count: 4,
  },
  'softmax of scores, scaled and masked, of heads that lie apart': {
    results: () => {
      const scores = x(60, 5, 4, 97).permute([0, 2, 1, 3])
      return [where(x(1, 1, 5, 97).less(1), scores.mul(0.3), -Infinity).softmax()]
    },
    count: 4,
  },
  'softmax and its gradient': {
    results: () => {
      const y = x(70, 1003).softmax()
      const g = x(70, 1003)
      return [y.mul(g.sub(y.mul(g).sum({ axis: 1, keepDims: true })))]
    },
    count: 5,
  },
  'a row of its least, its product and its greatest': {
    results: () => {
      const y = x(70, 1029).mul(0.1)
      const keep = { axis: 1, keepDims: true }
      return [y.sub(y.min(keep)).mul(y.mul(0.1).add(1).prod(keep)).div(y.max(keep))]
    },
    count: 4,
  },
  'layer normalisation': {
    results: () => {
      const y = x(70, 1003)
      const centred = y.sub(y.mean({ axis: 1, keepDims: true }))
      return [centred.mul(centred.square().mean({ axis: 1, keepDims: true }).add(1e-5).sqrt().reciprocal())]
    },
    count: 3,
  },
  'batch normalisation': { results: () => [batchNorm(x(9, 37, 13, 19))], count: 3 },
  'batch normalisation and its gradient': {
    results: () => {
      const input = x(9, 40, 17, 23)
      return [batchNorm(input), grad((x: Tensor) => sin(batchNorm(x)).sum())(input)]
    },
    count: 5,
  },
  'a sum that shares nothing with what comes before it': {
    results: () => {
      const [y, g] = [x(9, 40, 17, 23), x(9, 40, 17, 23)]
      const options = { axis: [0, 2, 3], keepDims: true }
      const centred = y.sub(y.mean(options))
      const scale = centred.mul(g).sum(options).add(g.sum(options))
      return [centred.mul(scale).add(g)]
    },
    count: 4,
  },
  'an update with two moments': {
    results: () => {
      const [w, g, m, v] = [x(99, 701), x(99, 701), x(99, 701), x(99, 701)]
      const mean = m.mul(0.9).add(g.mul(0.1))
      const square = v.mul(0.99).add(g.square().mul(0.01))
      return [mean, square, w.sub(mean.div(square.abs().sqrt().add(0.1)))]
    },
    count: 3,
  },
}

describe.each(Object.entries(chained))('%s', (_, { results, count }) => {
  test('is a chain', () => {
    const { chains = [] } = plan(results()).program
    expect(Math.max(...chains.map((chain) => chain.count))).toBeGreaterThanOrEqual(count)
  })

  test.each(Object.entries(arithmetics))(
    'has the bits of kernels that run one after the other, on any number of threads, with %s',
    (_, backends) => {
      const planned = plan(results())
      const want = bitsOf(backends[0]!, apart(planned))
      for (const backend of backends) {
        for (let round = 0; round < 3; round++) {
          expect(bitsOf(backend, planned).every((bits, k) => bits === want[k])).toBe(true)
        }
      }
    },
  )

  test('is what the reference computes', () => {
    const planned = plan(results())
    const got = outputsOf(arithmetics['deterministic SIMD'][1]!, planned)
    outputsOf(reference, planned).forEach((want, output) => {
      const scale = want.reduce((most, value) => Math.max(most, Math.abs(value)), 1)
      const wrong = want.findIndex((value, k) => !(Math.abs(value - got[output]![k]!) <= 1e-5 * scale))
      expect(wrong, `${got[output]![wrong]}, not ${want[wrong]}`).toBe(-1)
    })
  })

  test('its slots share no memory', () => {
    const { slots, kernels, chains = [] } = plan(results()).program
    const overlaps = chains.flatMap(({ first, count }) => {
      const touched = new Set(kernels.slice(first, first + count).flatMap(accesses).map(({ slot }) => slot))
      const temporaries = [...touched].flatMap((slot) => {
        const found = slots[slot]!
        return found.kind === 'temporary' ? [found] : []
      })
      temporaries.sort((a, b) => a.offset - b.offset)
      return temporaries.filter((each, k) => each.offset + each.bytes > (temporaries[k + 1]?.offset ?? Infinity))
    })
    expect(overlaps).toEqual([])
  })
})

test('the updates of several parameters are a chain each', () => {
  const updates = [x(64, 2048), x(96, 1024), x(33, 4096)].flatMap((w) => {
    const m = x(...w.shape).mul(0.9).add(w)
    return [m, w.sub(m.abs().sqrt())]
  })
  expect(plan(updates).program.chains!.map(({ rows }) => rows).toSorted((a, b) => a - b)).toEqual([33, 64, 96])
})

test('NaN and infinities stay in their rows, wherever they stand', async () => {
  const [rows, width] = [160, 517]
  const values = Float32Array.from({ length: rows * width }, (_, k) => Math.sin(k))
  // One in each row: at the places of four vectors side by side, of a single one, and past the last.
  for (let row = 0; row < rows; row++) values[row * width + ((row * 37) % width)] = [NaN, -Infinity][row % 2]!
  values.fill(-Infinity, 3 * width, 4 * width)
  values[5 * width] = Infinity
  const input = tensor(values, { shape: [rows, width] })
  const [softmax, logSoftmax] = [await input.softmax().data(), await input.logSoftmax().data()]
  for (let row = 0; row < rows; row++) {
    const isBad = row % 2 === 0 || row === 3 || row === 5
    const of = (data: ArrayLike<number>) => Array.from({ length: width }, (_, k) => data[row * width + k] as number)
    expect(of(softmax as Float32Array).every((value) => Number.isNaN(value) === isBad)).toBe(true)
    expect(of(logSoftmax as Float32Array).every((value) => Number.isNaN(value) === isBad)).toBe(true)
    if (isBad) continue
    expect(softmax[row * width + ((row * 37) % width)]).toBe(0)
    expect(of(softmax as Float32Array).reduce((sum, value) => sum + value)).toBeCloseTo(1, 5)
  }
})

test('memory of a thread that lies where there was none before holds what only a chain reads', () => {
  const planned = plan([x(4096, 257).softmax()])
  for (const threads of [1, 2]) {
    const backend = createWasmBackend({ threads, sharedMemory: true, deterministic: true })
    const want = bitsOf(backend, apart(planned))
    const { reserved } = backend.memory()
    const fill = (): void => {
      while (backend.memory().reserved === reserved) backend.allocate(65_536)
    }
    expect(bitsOf(backend, planned, fill).every((bits, k) => bits === want[k])).toBe(true)
    backend.dispose()
  }
})

describe('two kernels over [128, 1024]', () => {
  const shape = [128, 1024]
  const map = (read: Omit<Access, 'dtype'>, write: number, axes: readonly number[] = shape): MapKernel => ({
    kind: 'map',
    label: `into ${write}`,
    shape: axes,
    body: { loads: [{ ...read, dtype: 'float32' }], instructions: [{ op: 'load', dtype: 'float32', load: 0 }] },
    store: { slot: write, dtype: 'float32', offset: 0, strides: [axes[1]!, 1] },
  })
  const slots = [0, 1, 2].map(() => ({ kind: 'output', bytes: 4 * 128 * 1024 }) as const)
  const chainsOf = (read: { offset: number; strides: number[] }, axes?: readonly number[]) =>
    planChains([map({ slot: 0, offset: 0, strides: [1024, 1] }, 1), map({ slot: 1, ...read }, 2, axes)], slots).chains

  test('are chained if the second reads the row that it writes', () => {
    const chain = { first: 0, count: 2, rows: 128, rowBytes: 3 * 4096 }
    expect(chainsOf({ offset: 0, strides: [1024, 1] })).toEqual([chain])
    expect(chainsOf({ offset: 0, strides: [1024, 2] }, [128, 512])).toEqual([chain])
  })

  test.each([
    ['from another place', { offset: 1024, strides: [1024, 1] }],
    ['from the last to the first', { offset: 127 * 1024, strides: [-1024, 1] }],
    ['each row from its end', { offset: 1023, strides: [1024, -1] }],
    ['two rows further each time', { offset: 0, strides: [2048, 1] }],
    ['the same row each time', { offset: 0, strides: [0, 1] }],
    ['columns', { offset: 0, strides: [1, 1024] }],
  ])('are not if it reads %s', (_, read) => expect(chainsOf(read)).toEqual([]))

  test('are not if it reads past the end of a row', () =>
    expect(chainsOf({ offset: 0, strides: [1024, 1] }, [128, 1025])).toEqual([]))
})
