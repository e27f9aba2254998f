// Averages of weights as PyTorch's swa_utils give them.
import {
  commit,
  compile,
  configure,
  GraphError,
  Parameter,
  ShapeError,
  State,
  type Tensor,
  tensor,
  ValueError,
} from '@badak/tensor'
import {
  Adam,
  ExponentialMovingAverage,
  SGD,
  StochasticWeightAverage,
  type WeightAverage,
} from '@badak/optimizers'
import { beforeEach, describe, expect, test } from 'vitest'
import { deviation, readCases } from './recorded.ts'

interface Case {
  readonly name: 'ExponentialMovingAverage' | 'StochasticWeightAverage'
  readonly decay?: number
  readonly values: readonly (readonly number[])[]
}

const [{ weights }, ...cases] = readCases('averages') as [{ weights: readonly number[][] }, ...Case[]]
const [first, ...rest] = weights as [number[], ...number[][]]

function averageOf({ name, decay }: Pick<Case, 'name' | 'decay'>, cells: Parameter[]): WeightAverage {
  return name === 'ExponentialMovingAverage'
    ? new ExponentialMovingAverage(cells, { decay: decay! })
    : new StochasticWeightAverage(cells)
}

describe.each(['reference', 'wasm'] as const)('on %s', (backend) => {
  beforeEach(() => configure({ backend }))

  test.each(cases)('$name $decay', async (c) => {
    const w = new Parameter(tensor(first))
    const average = averageOf(c, [w])
    for (const [n, next] of rest.entries()) {
      w.assign(tensor(next))
      average.update()
      expect(await deviation(average.values, c.values[n]!)).toBeLessThan(1e-6)
    }
    expect(average.updates).toBe(10)
  })

  // By hand: decays 1/10 and 2/11, then 0.2, which is less than 3/12.
  test('the decay warms up', async () => {
    const w = new Parameter(tensor(1))
    const average = new ExponentialMovingAverage([w], { decay: 0.2, warmUp: true })
    let expected = 1
    for (const [value, decay] of [
      [10, 1 / 10],
      [20, 2 / 11],
      [30, 0.2],
      [40, 0.2],
    ] as const) {
      w.assign(tensor(value))
      average.update()
      expected = decay * expected + (1 - decay) * value
      expect(await average.values[0]!.item()).toBeCloseTo(expected, 4)
    }
  })

  test('a compiled step counts its updates', async () => {
    const run = async (compiled: boolean): Promise<unknown[]> => {
      const w = new Parameter(tensor([2, -1]))
      const optimizer = new Adam([w], { lr: 0.1 })
      const average = new ExponentialMovingAverage([w], { decay: 0.5, warmUp: true })
      const body = (): void => {
        w.square().sum().backward()
        void optimizer.step()
        average.update()
      }
      const step = compiled ? compile(body) : body
      for (let i = 0; i < 8; i++) step()
      expect(average.updates).toBe(8)
      return [await average.values[0]!.data(), await w.data()]
    }
    expect(await run(true)).toEqual(await run(false))
  })

  test.each(cases)('$name $decay goes on bit for bit from its state', async (c) => {
    const w = new Parameter(tensor(first))
    const average = averageOf(c, [w])
    const follow = (next: number[], to: WeightAverage): void => {
      w.assign(tensor(next))
      to.update()
    }
    for (const next of rest.slice(0, 5)) follow(next, average)
    const { tensors, updates } = average.stateDict()
    const resumed = averageOf(c, [w])
    resumed.loadStateDict({
      tensors: { 0: tensor(await tensors['0']!.data()) },
      updates: JSON.parse(JSON.stringify(updates)) as number,
    })
    for (const next of rest.slice(5)) follow(next, average)
    for (const next of rest.slice(5)) follow(next, resumed)
    expect(await resumed.values[0]!.data()).toEqual(await average.values[0]!.data())
  })

  test('changes places with the weights, and back', async () => {
    const [w, counter] = [new Parameter(tensor([1, 2])), new State(tensor([5], { dtype: 'int32' }))]
    const optimizer = new SGD([w], { lr: 1 })
    const average = new ExponentialMovingAverage([w, counter], { decay: 0.75 })
    const loss = (): Tensor => w.mul(tensor([4, 8])).sum()
    loss().backward()
    optimizer.step()
    counter.assign(tensor([6], { dtype: 'int32' }))
    average.update()
    // w is (−3, −6), the average ¾·(1, 2) + ¼·(−3, −6).
    average.apply()
    average.apply()
    expect(await loss().item()).toBe(0)
    expect([...(await w.data()), ...(await counter.data())]).toEqual([0, 0, 6])
    average.restore()
    expect([...(await w.data()), ...(await counter.data())]).toEqual([-3, -6, 6])
    // Training goes on as if nothing had been.
    loss().backward()
    optimizer.step()
    expect([...(await w.data())]).toEqual([-7, -14])
  })

  test('is copied into a second model', async () => {
    const average = new StochasticWeightAverage([new Parameter(tensor([1, 2]))])
    const other = new Parameter(tensor([0, 0]))
    average.copyTo([other])
    expect([...(await other.data())]).toEqual([1, 2])
  })
})

describe('what is wrong', () => {
  beforeEach(() => configure({ backend: 'reference' }))
  const make = (): ExponentialMovingAverage => new ExponentialMovingAverage([new Parameter(tensor([1, 2]))])

  test('is known by its error', async () => {
    expect(() => new ExponentialMovingAverage([])).toThrow(
      new ValueError('ExponentialMovingAverage: there are no parameters to average'),
    )
    expect(() => new ExponentialMovingAverage([new Parameter(tensor(1))], { decay: 1 })).toThrow(
      new ValueError('ExponentialMovingAverage: decay is not in [0, 1): 1'),
    )
    expect(() => make().restore()).toThrow(
      new GraphError('ExponentialMovingAverage.restore: the averages are not applied'),
    )
    const applied = make()
    applied.apply()
    expect(() => applied.update()).toThrow(
      new GraphError('ExponentialMovingAverage.update: the averages are applied: restore() first'),
    )
    expect(() => make().copyTo([new Parameter(tensor([1]))])).toThrow(
      new ShapeError('ExponentialMovingAverage.copyTo: the averages have shapes [2]: got [1]'),
    )
    await commit()
  })

  test('is a state of something else', () => {
    const average = make()
    const load = (tensors: Record<string, Tensor>, updates: number) => () =>
      average.loadStateDict({ tensors, updates })
    expect(load({}, 0)).toThrow(
      new ValueError('ExponentialMovingAverage.loadStateDict: averages ; expected 0'),
    )
    expect(load({ 0: tensor([1]) }, 0)).toThrow(
      new ShapeError('ExponentialMovingAverage.loadStateDict: "0" has shape [1], expected [2]'),
    )
    expect(load({ 0: tensor([1, 2]) }, -1)).toThrow(
      new ValueError('ExponentialMovingAverage.loadStateDict: updates is not an integer ≥ 0: -1'),
    )
    expect(average.updates).toBe(0)
  })
})
