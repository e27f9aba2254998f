import { afterAll, describe, expect, test } from 'vitest'
import {
  avgPool2d,
  backendInfo,
  type Configuration,
  configure,
  conv2d,
  cumsum,
  evaluate,
  grad,
  maxPool2d,
  randomBernoulli,
  randomNormal,
  randomUniform,
  seed,
  shutdown,
  sort,
  type Tensor,
} from '../src/index.ts'

afterAll(shutdown)

/** The bits of some tensors, computed from the same seed. */
async function bitsOf(configuration: Configuration, make: () => Tensor[]): Promise<string[]> {
  configure(configuration)
  seed(7)
  const tensors = make()
  await evaluate(...tensors)
  const data = await Promise.all(tensors.map((x) => x.data()))
  return data.map(({ buffer }) => Buffer.from(buffer).toString('hex'))
}

const work: Record<string, () => Tensor[]> = {
  matmul: () => [randomNormal([67, 300]).matmul(randomNormal([300, 131]))],
  'matmul in batches': () => [randomNormal([5, 33, 70]).matmul(randomNormal([5, 70, 41]))],
  'matmul with a long inside': () => [randomNormal([6, 5000]).matmul(randomNormal([5000, 9]))],
  'convolution and its gradients': () => {
    const [x, w] = [randomNormal([4, 6, 23, 21]), randomNormal([10, 6, 3, 3])]
    const gradients = grad((x: Tensor, w: Tensor) => conv2d(x, w, { padding: 1 }).square().sum(), {
      argnums: [0, 1],
    })(x, w)
    return [conv2d(x, w, { padding: 1 }), ...gradients]
  },
  'convolution of many tiles and its gradients': () => {
    const [x, w] = [randomNormal([31, 8, 17, 18]), randomNormal([12, 8, 3, 3])]
    return grad((x: Tensor, w: Tensor) => conv2d(x, w, { padding: 2 }).square().sum(), {
      argnums: [0, 1],
    })(x, w)
  },
  'strided convolution and its gradients': () => {
    const [x, w] = [randomNormal([4, 3, 28, 28]), randomNormal([9, 3, 5, 5])]
    return grad((x: Tensor, w: Tensor) => conv2d(x, w, { stride: 2, padding: 1 }).square().sum(), {
      argnums: [0, 1],
    })(x, w)
  },
  'strided convolution over phases and its gradients': () => {
    const [x, w] = [randomNormal([31, 8, 23, 26]), randomNormal([12, 8, 3, 3])]
    return grad((x: Tensor, w: Tensor) => conv2d(x, w, { stride: 2, padding: 1 }).square().sum(), {
      argnums: [0, 1],
    })(x, w)
  },
  'a first layer of 7×7': () =>
    [1, 31].map((images) =>
      conv2d(randomNormal([images, 3, 50, 47]), randomNormal([24, 3, 7, 7]), { stride: 2, padding: 3 }),
    ),
  'convolution of many channels over few pixels': () => [
    conv2d(randomNormal([1, 350, 7, 6]), randomNormal([40, 350, 3, 3]), { padding: 1 }),
  ],
  'pooling and its gradients': () => {
    const x = randomNormal([3, 7, 30, 31])
    const [max, average] = [
      (x: Tensor) => maxPool2d(x, { kernel: 2 }),
      (x: Tensor) => avgPool2d(x, { kernel: 3, stride: 2 }),
    ]
    return [max, average].flatMap((pool) => [pool(x), grad((x: Tensor) => pool(x).square().sum())(x)])
  },
  reductions: () => {
    const x = randomNormal([37, 2111])
    return [
      x.sum(),
      x.sum({ axis: 0 }),
      x.sum({ axis: 1 }),
      x.mean(),
      x.prod({ axis: 0 }),
      x.variance({ axis: 1 }),
      x.logsumexp({ axis: 0 }),
      x.max(),
    ]
  },
  'a long sum': () => [randomUniform([1_000_003]).sum()],
  'random numbers': () => [randomUniform([70_001]), randomNormal([70_001]), randomBernoulli([70_001], 0.3)],
  'running sums': () => [cumsum(randomNormal([9, 4001])), cumsum(randomNormal([4001, 9]), { axis: 0 })],
  'sorting and positions': () => {
    const { values, indices } = sort(randomNormal([8, 3001]))
    return [values, indices, randomNormal([8, 3001]).gather(indices, { axis: 1 })]
  },
  'scattered sums': () => {
    const index = randomUniform([5000, 7]).mul(50).cast('int32')
    return [randomNormal([50, 7]).scatterAdd(index, randomNormal([5000, 7]))]
  },
  softmax: () => [
    randomNormal([301, 77]).softmax(),
    grad((x: Tensor) => x.logSoftmax().square().sum())(randomNormal([301, 77])),
  ],
}

describe.each(Object.entries(work))('%s', (_, make) => {
  test.each([{ relaxedSimd: true }, { relaxedSimd: false }, { deterministic: true }])(
    '%o',
    async (options) => {
      const one = await bitsOf({ backend: 'wasm', threads: 1, ...options }, make)
      for (const threads of [1, 2, 3])
        expect(await bitsOf({ backend: 'wasm', threads, ...options }, make)).toEqual(one)
      expect(await bitsOf({ backend: 'wasm', threads: 1, sharedMemory: false, ...options }, make)).toEqual(
        one,
      )
    },
  )
})

test('random words are those of the reference, bit for bit', async () => {
  const make = () => [randomUniform([10_007]), randomBernoulli([10_007], 0.3)]
  expect(await bitsOf({ backend: 'wasm', threads: 2 }, make)).toEqual(
    await bitsOf({ backend: 'reference' }, make),
  )
})

test('deterministic forbids what a processor may round in its own way', () => {
  configure({ backend: 'wasm', deterministic: true })
  expect(backendInfo()).toMatchObject({ relaxedSimd: false })
})

test('another seed gives other numbers', async () => {
  const make = (other: number) => () => {
    seed(other)
    return [randomUniform([8])]
  }
  expect(await bitsOf({ backend: 'wasm' }, make(1))).not.toEqual(await bitsOf({ backend: 'wasm' }, make(2)))
})
