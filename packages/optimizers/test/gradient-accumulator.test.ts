import {
  commit,
  compile,
  configure,
  GraphError,
  memory,
  Parameter,
  randomNormal,
  seed,
  type Tensor,
  tensor,
  ValueError,
} from '@badak/tensor'
import { Adam, clipGradNorm, GradientAccumulator, SGD } from '@badak/optimizers'
import { beforeEach, describe, expect, test } from 'vitest'

const backends = ['reference', 'wasm'] as const

/** The mean over a batch of (x·w − 1)², for x of shape [batch, features]. */
const lossOf = (w: Parameter, x: Tensor): Tensor => x.matmul(w).sub(1).square().mean()

describe.each(backends)('on %s', (backend) => {
  beforeEach(() => configure({ backend }))

  const batches = [
    [
      [1, 2],
      [3, -1],
    ],
    [
      [0, 1],
      [2, 2],
    ],
    [
      [-1, 0.5],
      [1, 1],
    ],
  ]

  // The mean of the means of equal parts is the mean of the whole.
  test('micro-batches step as the whole batch does', async () => {
    const [one, many] = [new Parameter(tensor([[0.5], [-0.5]])), new Parameter(tensor([[0.5], [-0.5]]))]
    const whole = new Adam([one], { lr: 0.1 })
    const parts = new Adam([many], { lr: 0.1 })
    const accumulator = new GradientAccumulator([many], 3)
    for (let step = 0; step < 4; step++) {
      lossOf(one, tensor(batches.flat())).backward()
      whole.step()
      const complete = batches.map((rows) => accumulator.add(lossOf(many, tensor(rows))))
      expect(complete).toEqual([false, false, true])
      parts.step()
    }
    const [expected, actual] = [await one.data(), await many.data()]
    for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 5)
  })

  test('backward() adds up by itself, whether or not anything is evaluated in between', async () => {
    for (const evaluated of [false, true]) {
      const w = new Parameter(tensor([[0.5], [-0.5]]))
      for (const rows of batches) {
        const loss = lossOf(w, tensor(rows))
        loss.div(3).backward()
        if (evaluated) await loss.item()
      }
      const whole = new Parameter(tensor([[0.5], [-0.5]]))
      lossOf(whole, tensor(batches.flat())).backward()
      const [expected, actual] = [await whole.grad!.data(), await w.grad!.data()]
      for (const [i, value] of expected.entries()) expect(actual[i]).toBeCloseTo(value, 5)
      const optimizer = new SGD([w])
      optimizer.zeroGrad()
      expect(w.grad).toBeUndefined()
    }
  })

  // By hand: d/da a·x = x, averaged over two; b has a gradient in one of them.
  test('a parameter may be without a gradient in some', async () => {
    const [a, b, c] = [1, 2, 3].map((value) => new Parameter(tensor(value))) as [
      Parameter,
      Parameter,
      Parameter,
    ]
    const accumulator = new GradientAccumulator([a, b, c], 2)
    accumulator.add(a.mul(4).add(b.mul(3)))
    expect(a.grad).toBeUndefined()
    expect(accumulator.count).toBe(1)
    expect(accumulator.add(a.mul(2))).toBe(true)
    expect([await a.grad!.item(), await b.grad!.item(), c.grad]).toEqual([3, 1.5, undefined])
    // The next round begins at nothing.
    new SGD([a, b, c]).zeroGrad()
    accumulator.add(b.mul(2))
    accumulator.add(b.mul(2))
    expect([a.grad, await b.grad!.item()]).toEqual([undefined, 2])
  })

  test('reset forgets what has been added', async () => {
    const a = new Parameter(tensor(1))
    const accumulator = new GradientAccumulator([a], 2)
    accumulator.add(a.mul(100))
    accumulator.reset()
    accumulator.add(a.mul(4))
    accumulator.add(a.mul(2))
    expect(await a.grad!.item()).toBe(3)
  })
})

test('memory does not grow with the number of micro-batches', async () => {
  configure({ backend: 'wasm' })
  seed(1)
  const w = new Parameter(randomNormal([64, 64]))
  const x = randomNormal([256, 64])
  const optimizer = new SGD([w], { lr: 1e-3 })
  const accumulator = new GradientAccumulator([w], 20)
  await commit()
  const used: number[] = []
  for (let i = 0; i < 60; i++) {
    const loss = x.matmul(w).tanh().square().mean()
    if (accumulator.add(loss)) {
      const norm = clipGradNorm([w], 1)
      optimizer.step()
      norm.dispose()
    }
    await loss.item()
    used.push(memory().used)
  }
  // From the second round on each micro-batch leaves no more than the one a round before; less, if by chance
  // something is collected.
  expect(used.slice(40).filter((bytes, i) => bytes > used[20 + i]!)).toEqual([])
})

describe('what is wrong', () => {
  test('is a number of micro-batches that is none', () => {
    expect(() => new GradientAccumulator([], 0)).toThrow(
      new ValueError('GradientAccumulator: microBatches is not an integer ≥ 1: 0'),
    )
  })

  test('is counting in a compiled function', () => {
    const w = new Parameter(tensor(1))
    const accumulator = new GradientAccumulator([w], 2)
    expect(compile(() => void accumulator.add(w.mul(2)))).toThrow(
      new GraphError(
        'GradientAccumulator.add: it counts, and cannot be replayed: compile a loop over the micro-batches instead',
      ),
    )
  })
})
