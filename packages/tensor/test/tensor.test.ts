import { inspect } from 'node:util'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import {
  arange, cast, configure, evaluate, eye, full, GraphError, isTensor, keep, linspace, live, ones, Parameter, shutdown, State,
  tensor, zeros,
} from '../src/index.ts'

beforeEach(() => configure({ backend: 'reference' }))
afterAll(shutdown)

describe('a tensor', () => {
  test('knows its shape, rank, size and type before anything runs', () => {
    const x = zeros([2, 3]).matmul(zeros([3, 4]))
    expect([x.shape, x.rank, x.size, x.dtype]).toEqual([[2, 4], 2, 8, 'float32'])
  })

  test('shows its shape and type', () => {
    expect(String(zeros([2, 3]))).toBe('Tensor [2,3] float32')
    expect(inspect(new State(tensor(true)))).toBe('State [] bool')
  })

  test('is recognised by its marker', () => {
    expect([tensor(1), new Parameter(tensor(1)), 1, null, {}].map(isTensor)).toEqual([true, true, false, false, false])
  })

  test('gives its elements as data, lists and a number', async () => {
    const x = tensor([[1, 2], [3, 4]], { dtype: 'int32' })
    expect(await x.data()).toEqual(Int32Array.of(1, 2, 3, 4))
    expect(await x.array()).toEqual([[1, 2], [3, 4]])
    expect(await tensor(5).array()).toBe(5)
    expect(await zeros([2, 0]).array()).toEqual([[], []])
    expect(await tensor([[[7]]]).item()).toBe(7)
    expect(await tensor(true).item()).toBe(1)
  })

  test('copies the data it is made of, and gives copies', async () => {
    const source = Float32Array.of(1, 2)
    const x = tensor(source)
    source[0] = 9
    const given = await x.data()
    given[1] = 9
    expect(await x.array()).toEqual([1, 2])
  })

  test('takes typed arrays under a shape', async () => {
    expect(await tensor(Uint8Array.of(1, 2, 3, 4), { shape: [2, 2], dtype: 'float32' }).array()).toEqual([[1, 2], [3, 4]])
    expect(await tensor(Float32Array.of(1.9, -1.9), { dtype: 'int32' }).array()).toEqual([1, -1])
    expect(await tensor([0, 2, Number.NaN], { dtype: 'bool' }).array()).toEqual([0, 1, 1])
  })

  test('can be disposed, and then its values are gone', async () => {
    const x = ones([2]).add(1)
    await evaluate(x)
    x.dispose()
    await expect(x.data()).rejects.toThrow(new GraphError('data: the tensor was disposed: Tensor [2] float32'))
  })

  test('is disposed at the end of a block by `using`', async () => {
    let outside: ReturnType<typeof ones>
    {
      using x = ones([2]).add(1)
      await evaluate(x)
      outside = x
    }
    await expect(outside.data()).rejects.toThrow(GraphError)
  })
})

describe('float16', () => {
  // NumPy 2.2: np.array([…], np.float16).view(np.uint16). The last but one rounds to even, the last
  // overflows.
  const numbers = [0, -0, 1, -2, 65504, 6.103515625e-5, 5.960464477539063e-8, 0.333251953125, 2049, 65520]
  const patterns = [0, 0x8000, 0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x3555, 0x6800, 0x7c00]

  test('is stored as 16-bit patterns', async () => {
    expect(await tensor(numbers, { dtype: 'float16' }).data()).toEqual(Uint16Array.from(patterns))
    expect(await cast(tensor(numbers), 'float16').data()).toEqual(Uint16Array.from(patterns))
  })

  test('comes from patterns, and is read as numbers', async () => {
    const x = tensor(Uint16Array.from(patterns), { dtype: 'float16' })
    expect(x.dtype).toBe('float16')
    expect(await x.array()).toEqual([...numbers.slice(0, -2), 2048, Infinity])
    expect(await tensor(Uint16Array.of(0x3c00), { dtype: 'float16' }).item()).toBe(1)
    expect(await x.cast('float32').array()).toEqual([...numbers.slice(0, -2), 2048, Infinity])
  })
})

describe('creation', () => {
  test('counts, steps and diagonals', async () => {
    expect(await arange(3).array()).toEqual([0, 1, 2])
    expect(await arange(5, 0, -2, { dtype: 'int32' }).array()).toEqual([5, 3, 1])
    expect(await arange(2, 2).array()).toEqual([])
    expect(await linspace(0, 1, 5).array()).toEqual([0, 0.25, 0.5, 0.75, 1])
    expect(await linspace(3, 9, 1).array()).toEqual([3])
    expect(await eye(2, 3).array()).toEqual([[1, 0, 0], [0, 1, 0]])
    expect(await full([2], 2.9, { dtype: 'int32' }).array()).toEqual([2, 2])
    expect(await full([], true).array()).toBe(1)
  })

  test('live values are read anew by each plan', async () => {
    let rate = 1
    const x = live([], 'float32', () => [rate])
    expect(await x.mul(2).item()).toBe(2)
    rate = 5
    expect(await x.mul(2).item()).toBe(10)
  })

  test('a live tensor that gives another number of values is refused', async () => {
    await expect(live([2], 'float32', () => [1]).data()).rejects.toThrow('live: shape [2] has 2 elements, got 1')
  })
})

test('keep computes a tensor along with the next evaluation', async () => {
  const w = new Parameter(tensor([2]))
  const kept = keep(w.mul(3))
  w.assign(tensor([10]))
  await evaluate(w.add(0))
  expect(await kept.array()).toEqual([6])
})
