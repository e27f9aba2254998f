import { describe, expect, test } from 'vitest'
import { type EpiloguePass, lowerMatmul } from '../src/backends/wasm/contract/index.ts'
import type { Access, Body, MatmulKernel } from '../src/schedule/kernels.ts'
import {
  biasAndRelu,
  maskedWhere,
  relativeError,
  Runner,
  targets,
  twicePlusOne,
  uniform,
} from './wasm-contract-runner.ts'

// Expected values are plain loops in doubles.

const bare: Body = { loads: [], instructions: [{ op: 'accumulator', dtype: 'float32' }] }

interface Case {
  readonly batch?: readonly number[]
  readonly m: number
  readonly n: number
  readonly k: number
  readonly left?: readonly number[]
  readonly right?: readonly number[]
  readonly store?: readonly number[]
  readonly offset?: number
}

function dense(shape: readonly number[]): number[] {
  return shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1))
}

/** Elements that an access reaches. */
function extent(shape: readonly number[], strides: readonly number[]): number {
  return 1 + shape.reduce((sum, size, axis) => sum + Math.max(0, size - 1) * Math.abs(strides[axis]!), 0)
}

function* indices(shape: readonly number[]): Generator<number[]> {
  const count = shape.reduce((a, b) => a * b, 1)
  for (let flat = 0; flat < count; flat++) {
    let rest = flat
    yield shape
      .toReversed()
      .map((size) => {
        const index = rest % size
        rest = Math.floor(rest / size)
        return index
      })
      .toReversed()
  }
}

function at(access: Access, index: readonly number[]): number {
  return access.strides.reduce((sum, stride, axis) => sum + stride * index[axis]!, access.offset)
}

function makeKernel(runner: Runner, { batch = [], m, n, k, left, right, store, offset = 0 }: Case) {
  const values = (shape: number[], strides: readonly number[], seed: number) =>
    uniform(extent(shape, strides) + offset, seed)
  const leftStrides = left ?? dense([...batch, m, k])
  const rightStrides = right ?? dense([...batch, k, n])
  const [a, b] = [values([...batch, m, k], leftStrides, 1), values([...batch, k, n], rightStrides, 2)]
  const size = extent([...batch, m, n], store ?? dense([...batch, m, n])) + offset
  const access = (slot: number, strides: readonly number[]): Access => ({
    slot,
    dtype: 'float32',
    offset,
    strides,
  })
  const kernel: MatmulKernel = {
    kind: 'matmul',
    label: 'test',
    batch,
    m,
    n,
    k,
    epilogue: bare,
    left: access(runner.slot(a), leftStrides),
    right: access(runner.slot(b), rightStrides),
    store: access(runner.slot(size), store ?? dense([...batch, m, n])),
  }
  return { kernel, a, b, size }
}

function naive(
  { batch, m, n, k, left, right, store }: MatmulKernel,
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  actual: ArrayLike<number>,
) {
  const [expected, got]: [number[], number[]] = [[], []]
  for (const index of indices([...batch, m, n])) {
    const [outer, row, column] = [index.slice(0, -2), index.at(-2)!, index.at(-1)!]
    let sum = 0
    const [from, to] = [at(left, [...outer, row, 0]), at(right, [...outer, 0, column])]
    const [leftStep, rightStep] = [left.strides.at(-1)!, right.strides.at(-2)!]
    for (let step = 0; step < k; step++) sum += a[from + step * leftStep]! * b[to + step * rightStep]!
    expected.push(sum)
    got.push(actual[at(store, index)]!)
  }
  return { expected, got }
}

const cases: Record<string, Case> = {
  'one tile': { m: 6, n: 8, k: 16 },
  'one element': { m: 1, n: 1, k: 1 },
  'odd sizes': { m: 17, n: 19, k: 23 },
  'a row by a matrix': { m: 1, n: 37, k: 41 },
  'a matrix by a column': { m: 37, n: 1, k: 41 },
  'a row by a transposed matrix': { m: 1, n: 137, k: 43, right: [1, 43] },
  'a strided row by a matrix': { m: 1, n: 137, k: 42, left: [1, 3] },
  'a strided row by a transposed matrix': { m: 1, n: 21, k: 43, left: [1, 3], right: [1, 43] },
  'a transposed matrix by a column': { m: 300, n: 1, k: 41, left: [1, 300] },
  'a row to a column': { m: 1, n: 13, k: 5, store: [1, 7] },
  'a batch of rows, each with its matrix': { batch: [3, 2], m: 1, n: 150, k: 9 },
  'a batch of columns': { batch: [3], m: 13, n: 1, k: 9 },
  'one number': { m: 1, n: 1, k: 1000 },
  'an outer product': { m: 13, n: 21, k: 1 },
  'several blocks': { m: 67, n: 93, k: 300 },
  'three blocks of steps': { m: 20, n: 33, k: 1051 },
  'left transposed': { m: 70, n: 80, k: 90, left: [1, 70] },
  'right transposed': { m: 70, n: 83, k: 91, right: [1, 91] },
  'both transposed': { m: 70, n: 80, k: 90, left: [1, 70], right: [1, 90] },
  'columns apart': { m: 9, n: 10, k: 11, left: [33, 3], right: [40, 4] },
  'wide, right read in place': { m: 5, n: 1037, k: 33 },
  'wide, right packed': { m: 13, n: 1037, k: 33 },
  'left read in place, transposed and wide': { m: 260, n: 7, k: 300, left: [1, 260] },
  'left packed, transposed and wide': { m: 267, n: 21, k: 300, left: [1, 267] },
  'left packed by its blocks': { m: 397, n: 43, k: 401, left: [1, 397] },
  'right packed by its blocks': { m: 203, n: 43, k: 401, right: [1, 401] },
  'both packed by their blocks': { m: 397, n: 37, k: 411, left: [1, 397], right: [1, 411] },
  'left packed before, for many columns': { m: 263, n: 4111, k: 11, left: [1, 263] },
  'right packed before, for many rows': { m: 1613, n: 19, k: 11, right: [1, 11] },
  'one right matrix for a batch, packed before': {
    batch: [5],
    m: 31,
    n: 23,
    k: 11,
    left: [1000, 1, 31],
    right: [0, 1, 11],
  },
  'one left matrix for a batch, packed before': { batch: [5], m: 263, n: 23, k: 11, left: [0, 1, 263] },
  'both packed, a batch': { batch: [2], m: 267, n: 301, k: 20, left: [5340, 1, 267] },
  'both packed, many small ones': { batch: [5], m: 9, n: 11, k: 7, left: [200, 3, 22], right: [300, 4, 30] },
  'inner products': { m: 23, n: 11, k: 303, right: [1, 303] },
  'inner products, large': { m: 67, n: 93, k: 259, right: [1, 300] },
  'inner products, a batch of small ones': { batch: [5], m: 7, n: 9, k: 30, right: [270, 1, 30] },
  'inner products added to a stride': { m: 31, n: 10, k: 514, right: [1, 514], store: [13, 1] },
  'left expanded along its steps': { m: 13, n: 21, k: 17, left: [1, 0] },
  'left expanded along its rows': { m: 13, n: 21, k: 17, left: [0, 1] },
  'right expanded': { m: 13, n: 21, k: 17, right: [0, 1] },
  'result transposed': { m: 70, n: 80, k: 90, store: [1, 70] },
  'result in the columns of something wider': { m: 7, n: 9, k: 5, store: [20, 1] },
  'rows backwards': { m: 12, n: 9, k: 5, left: [-5, 1], offset: 100 },
  offsets: { m: 12, n: 9, k: 5, offset: 3 },
  'a batch': { batch: [5], m: 7, n: 9, k: 10 },
  'a batch of several blocks': { batch: [2], m: 67, n: 93, k: 300 },
  'one right matrix for a batch': { batch: [4], m: 30, n: 40, k: 50, right: [0, 40, 1] },
  'one left matrix for a batch': { batch: [3], m: 67, n: 93, k: 300, left: [0, 300, 1] },
  'rows of a batch': { batch: [50], m: 1, n: 40, k: 30, right: [0, 40, 1] },
  'batch axes in any order': {
    batch: [2, 3],
    m: 7,
    n: 9,
    k: 10,
    left: [70, 140, 10, 1],
    right: [0, 90, 9, 1],
  },
  'five batch axes': { batch: [2, 2, 2, 2, 2], m: 3, n: 4, k: 2, left: [6, 12, 24, 48, 96, 2, 1] },
}

describe.each(targets)('matmul, $name', (target) => {
  test.each(Object.entries(cases))('%s', (_, shape) => {
    const runner = new Runner(target)
    const { kernel, a, b, size } = makeKernel(runner, shape)
    runner.run(lowerMatmul(kernel, target, () => []))
    const { expected, got } = naive(kernel, a, b, runner.floats(kernel.store.slot, size))
    expect(relativeError(got, expected)).toBeLessThan(2e-6)
  })

  test.each([2, 3, 4, 5, 6, 7, 13])('inner products of %i rows', (m) => {
    const runner = new Runner(target)
    const { kernel, a, b, size } = makeKernel(runner, { m, n: 3, k: 263, right: [1, 263] })
    runner.run(lowerMatmul(kernel, target, () => []))
    const { expected, got } = naive(kernel, a, b, runner.floats(kernel.store.slot, size))
    expect(relativeError(got, expected)).toBeLessThan(2e-6)
  })

  test.each([
    { m: 3, n: 5, k: 0 },
    { m: 60, n: 130, k: 0 },
  ])('a sum of nothing is 0: $m × $n', (shape) => {
    const runner = new Runner(target)
    const { kernel, size } = makeKernel(runner, shape)
    runner.run(lowerMatmul(kernel, target, () => []))
    expect(runner.floats(kernel.store.slot, size).every((value) => value === 0)).toBe(true)
  })

  test.each([
    [0, 4, 5],
    [4, 0, 5],
  ])('nothing to do for %i × %i', (m, n, k) => {
    const { kernel } = makeKernel(new Runner(target), { m: 1, n: 1, k: 1 })
    expect(lowerMatmul({ ...kernel, m, n, k }, target, twicePlusOne).launches).toEqual([])
  })

  test.each([
    { name: 'square', m: 1024, n: 1024, k: 1024, least: 64 },
    { name: 'tall', m: 16384, n: 64, k: 64, least: 64 },
    { name: 'wide', m: 64, n: 16384, k: 64, least: 64 },
    { name: 'short', m: 512, n: 784, k: 16, least: 16 },
    { name: 'deep', m: 64, n: 64, k: 16384, least: 4 },
    { name: 'small', m: 64, n: 64, k: 64, least: 2 },
  ])('enough units for many threads: $name', ({ m, n, k, least }) => {
    const { kernel } = makeKernel(new Runner(target), { m: 1, n: 1, k: 1 })
    const [left, right, store] = [
      { ...kernel.left, strides: [k, 1] },
      { ...kernel.right, strides: [n, 1] },
      { ...kernel.store, strides: [n, 1] },
    ]
    const { launches } = lowerMatmul({ ...kernel, m, n, k, left, right, store }, target, () => [])
    const { units, grain } = launches.at(-1)!
    expect(Math.ceil(units / grain)).toBeGreaterThanOrEqual(least)
  })

  test('only what lies outside of a matrix is left alone', () => {
    const runner = new Runner(target)
    const { kernel, size } = makeKernel(runner, { m: 7, n: 9, k: 5, store: [20, 1] })
    runner.run(lowerMatmul(kernel, target, () => []))
    const result = runner.floats(kernel.store.slot, size)
    expect(
      [...result.keys()].filter((index) => Number.isNaN(result[index]!)).every((index) => index % 20 >= 9),
    ).toBe(true)
    expect(result.filter(Number.isNaN).length).toBe(6 * 11)
  })

  test('a result with no contiguous axis goes through scratch', () => {
    const runner = new Runner(target)
    const { kernel } = makeKernel(runner, { m: 7, n: 9, k: 5, store: [40, 2] })
    const passes: EpiloguePass[] = []
    const { scratchBytes } = lowerMatmul(kernel, target, (pass) => (passes.push(pass), []))
    expect(passes).toEqual([
      {
        shape: [7, 9],
        body: bare,
        store: kernel.store,
        accumulator: { dtype: 'float32', address: { kind: 'scratch', offset: 0 }, strides: [9, 1] },
      },
    ])
    expect(scratchBytes).toBe(256)
  })

  test('so does one whose axes are contiguous only by their size', () => {
    const { kernel } = makeKernel(new Runner(target), {
      batch: [4],
      m: 1,
      n: 9,
      k: 5,
      right: [0, 9, 1],
      store: [40, 1, 4],
    })
    expect(lowerMatmul(kernel, target, () => []).scratchBytes).toBe(192)
  })

  test('an epilogue works on the stored result', () => {
    const runner = new Runner(target)
    const { kernel, a, b, size } = makeKernel(runner, { m: 30, n: 40, k: 20 })
    const epilogue: Body = {
      loads: [],
      instructions: [
        { op: 'accumulator', dtype: 'float32' },
        { op: 'add', dtype: 'float32', args: [0, 0] },
      ],
    }
    runner.run(lowerMatmul({ ...kernel, epilogue }, target, twicePlusOne))
    const { expected, got } = naive(kernel, a, b, runner.floats(kernel.store.slot, size))
    expect(
      relativeError(
        got,
        expected.map((value) => 2 * value + 1),
      ),
    ).toBeLessThan(2e-6)
  })

  const refuse = (): never => {
    throw new Error('a pass of its own')
  }

  test.each(Object.entries(cases).filter(([, { store }]) => store?.at(-2) !== 1))(
    'bias, relu and its gradient are done on the way: %s',
    (_, shape) => {
      const runner = new Runner(target)
      const { kernel, a, b, size } = makeKernel(runner, shape)
      const [bias, mask] = [uniform(kernel.n, 3), uniform(size, 4)]
      const strides = kernel.store.strides.map((_stride, axis) =>
        axis === kernel.store.strides.length - 1 ? 1 : 0,
      )
      runner.run(
        lowerMatmul({ ...kernel, epilogue: biasAndRelu(runner.slot(bias), strides) }, target, refuse),
      )
      const plain = naive(kernel, a, b, runner.floats(kernel.store.slot, size))
      const activated = plain.expected.map((value, index) => Math.max(0, value + bias[index % kernel.n]!))
      expect(relativeError(plain.got, activated)).toBeLessThan(2e-6)

      runner.run(
        lowerMatmul(
          { ...kernel, epilogue: maskedWhere(runner.slot(mask), kernel.store.strides) },
          target,
          refuse,
        ),
      )
      const { expected, got } = naive(kernel, a, b, runner.floats(kernel.store.slot, size))
      const masks = naive({ ...kernel, store: { ...kernel.store, offset: 0 } }, a, b, mask).got
      expect(
        relativeError(
          got,
          expected.map((value, index) => (masks[index]! <= 0.25 ? -3 : value)),
        ),
      ).toBeLessThan(2e-6)
    },
  )

  test('a shortcut is added on the way', () => {
    const runner = new Runner(target)
    const { kernel, a, b, size } = makeKernel(runner, { m: 7, n: 9, k: 5 })
    const [bias, residual] = [uniform(kernel.n, 3), uniform(size, 4)]
    const { loads, instructions } = biasAndRelu(runner.slot(bias), [0, 1])
    const epilogue: Body = {
      loads: [
        ...loads,
        { slot: runner.slot(residual), dtype: 'float32', offset: 0, strides: kernel.store.strides },
      ],
      instructions: [
        ...instructions.slice(0, 3),
        { op: 'load', dtype: 'float32', load: 1 },
        { op: 'add', dtype: 'float32', args: [3, 2] },
        { op: 'relu', dtype: 'float32', args: [4] },
      ],
    }
    runner.run(lowerMatmul({ ...kernel, epilogue }, target, refuse))
    const { expected, got } = naive(kernel, a, b, runner.floats(kernel.store.slot, size))
    const shortcut = naive({ ...kernel, store: { ...kernel.store, offset: 0 } }, a, b, residual).got
    expect(
      relativeError(
        got,
        expected.map((value, index) => Math.max(0, value + bias[index % kernel.n]! + shortcut[index]!)),
      ),
    ).toBeLessThan(2e-6)
  })

  test('a step of gradient descent with weight decay is taken on the way', () => {
    const runner = new Runner(target)
    const { kernel, a, b, size } = makeKernel(runner, { m: 7, n: 9, k: 5 })
    const weight = uniform(size, 3)
    const [decay, rate] = [0.25, -0.125]
    const load = (slot: number, strides: readonly number[]) =>
      ({ slot, dtype: 'float32', offset: 0, strides }) as const
    const number = (value: number) => load(runner.slot(Float32Array.of(value)), [0, 0])
    const epilogue: Body = {
      loads: [load(runner.slot(weight), kernel.store.strides), number(decay), number(rate)],
      instructions: [
        { op: 'load', dtype: 'float32', load: 0 },
        { op: 'accumulator', dtype: 'float32' },
        { op: 'load', dtype: 'float32', load: 1 },
        { op: 'mul', dtype: 'float32', args: [0, 2] },
        { op: 'add', dtype: 'float32', args: [1, 3] },
        { op: 'load', dtype: 'float32', load: 2 },
        { op: 'mul', dtype: 'float32', args: [4, 5] },
        { op: 'add', dtype: 'float32', args: [0, 6] },
      ],
    }
    runner.run(lowerMatmul({ ...kernel, epilogue }, target, refuse))
    const { expected, got } = naive(kernel, a, b, runner.floats(kernel.store.slot, size))
    const stepped = expected.map((sum, index) => weight[index]! + rate * (sum + decay * weight[index]!))
    expect(relativeError(got, stepped)).toBeLessThan(2e-6)
  })

  test('a bias along the rows is a pass of its own', () => {
    const runner = new Runner(target)
    const { kernel } = makeKernel(runner, { m: 7, n: 9, k: 5 })
    const epilogue = biasAndRelu(runner.slot(7), [1, 0])
    expect(() => lowerMatmul({ ...kernel, epilogue }, target, refuse)).toThrow('a pass of its own')
  })

  test('NaN passes through a relu', () => {
    const runner = new Runner(target)
    const { kernel, size } = makeKernel(runner, { m: 7, n: 9, k: 5 })
    const bias = new Float32Array(9).fill(Number.NaN)
    runner.run(lowerMatmul({ ...kernel, epilogue: biasAndRelu(runner.slot(bias), [0, 1]) }, target, refuse))
    expect(runner.floats(kernel.store.slot, size).every(Number.isNaN)).toBe(true)
  })

  test.each([
    'several blocks',
    'three blocks of steps',
    'left packed by its blocks',
    'both packed by their blocks',
    'right packed before, for many rows',
    'a batch',
    'a row by a matrix',
  ])('chunks do not change a bit: %s', (name) => {
    const runner = new Runner(target)
    const { kernel, size } = makeKernel(runner, cases[name]!)
    const lowering = lowerMatmul(kernel, target, refuse)
    const [chunked, whole] = runner.bothWays(lowering, kernel.store.slot, size)
    expect(chunked).toEqual(whole)
  })

  test('infinities stay in their row and column', () => {
    const runner = new Runner(target)
    const { kernel, a, b, size } = makeKernel(runner, { m: 20, n: 21, k: 22 })
    a[5 * 22 + 3] = Number.POSITIVE_INFINITY
    b[4 * 21 + 20] = Number.NaN
    const [left, right] = [
      { ...kernel.left, slot: runner.slot(a) },
      { ...kernel.right, slot: runner.slot(b) },
    ]
    runner.run(lowerMatmul({ ...kernel, left, right }, target, () => []))
    const result = runner.floats(kernel.store.slot, size)
    const kinds = Array.from(result, (value) =>
      Number.isFinite(value) ? 'finite' : Number.isNaN(value) ? 'NaN' : 'infinite',
    )
    expect(kinds).toEqual(
      [...indices([20, 21])].map(([row, column]) =>
        column === 20 ? 'NaN' : row === 5 ? 'infinite' : 'finite',
      ),
    )
  })
})
