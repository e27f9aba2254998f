import {
  commit,
  configure,
  GraphError,
  Parameter,
  relu,
  ShapeError,
  State,
  tensor,
  ValueError,
  VersionError,
  zeros,
  type Tensor,
} from '@badak/tensor'
import { BatchNorm1d, isModule, Linear, Module, ReLU, Sequential, type Member } from '@badak/layers'
import { beforeEach, describe, expect, test } from 'vitest'

beforeEach(() => configure({ backend: 'reference' }))

class Block extends Module {
  readonly conv1 = new Linear(2, 2, { bias: false })
  readonly batchNorm = new BatchNorm1d(2)

  forward(x: Tensor): Tensor {
    return relu(this.batchNorm.forward(this.conv1.forward(x)))
  }
}

class Network extends Module {
  readonly tokenScale = new Parameter(tensor([1, 2]))
  readonly blocks = [new Block(), new Block()]
  readonly heads = { left: new Linear(2, 1), right: new Linear(2, 1) }
  readonly seenSoFar = new State(tensor(0))
  readonly Aux_1 = new Linear(2, 1, { bias: false })
  readonly #hidden = new Linear(9, 9)
  readonly unrelated = { text: 'x', list: [1, 2], nothing: null, date: new Date(0) }

  forward(x: Tensor): Tensor {
    return this.#hidden.forward(x)
  }
}

const blockNames = (at: number): string[] => [
  `blocks.${at}.conv1.weight`,
  `blocks.${at}.batch_norm.weight`,
  `blocks.${at}.batch_norm.bias`,
  `blocks.${at}.batch_norm.running_mean`,
  `blocks.${at}.batch_norm.running_var`,
  `blocks.${at}.batch_norm.num_batches_tracked`,
]

describe('what a module holds', () => {
  test('is found in fields, arrays and plain objects, and named as PyTorch would', () => {
    expect(Object.keys(new Network().stateDict())).toEqual([
      'token_scale',
      'seen_so_far',
      ...blockNames(0),
      ...blockNames(1),
      'heads.left.weight',
      'heads.left.bias',
      'heads.right.weight',
      'heads.right.bias',
      'Aux_1.weight',
    ])
  })

  test('parameters, states and modules each have their list', () => {
    const model = new Network()
    expect(model.namedParameters().map(([name]) => name)).toEqual([
      'token_scale',
      ...blockNames(0).slice(0, 3),
      ...blockNames(1).slice(0, 3),
      'heads.left.weight',
      'heads.left.bias',
      'heads.right.weight',
      'heads.right.bias',
      'Aux_1.weight',
    ])
    expect(model.states().map(([name]) => name)).toEqual([
      'seen_so_far',
      ...blockNames(0).slice(3),
      ...blockNames(1).slice(3),
    ])
    expect(model.namedModules().map(([name]) => name)).toEqual([
      '',
      'blocks.0',
      'blocks.0.conv1',
      'blocks.0.batch_norm',
      'blocks.1',
      'blocks.1.conv1',
      'blocks.1.batch_norm',
      'heads.left',
      'heads.right',
      'Aux_1',
    ])
    expect(model.modules()[0]).toBe(model)
  })

  test('what is shared is listed once, but has all its names in a state dictionary', () => {
    const layer = new Linear(2, 2)
    const model = new Sequential(layer, new ReLU(), layer)
    expect(model.parameters()).toHaveLength(2)
    expect(model.modules()).toHaveLength(3)
    expect(Object.keys(model.stateDict())).toEqual(['0.weight', '0.bias', '2.weight', '2.bias'])
  })

  test('errors call a cell by its path', () => {
    const model = new Network()
    model.blocks[0]!.parameters()
    const weight = model.blocks[0]!.conv1.weight
    expect(weight.name).toBe('conv1.weight')
    model.parameters()
    expect(weight.name).toBe('blocks.0.conv1.weight')
    expect(() => weight.assign(zeros([3]))).toThrow(
      'assign: blocks.0.conv1.weight has shape [2,2], the new value [3]',
    )
  })

  test('a module inside of itself is an error', () => {
    class Loop extends Module {
      next?: Loop
      forward(): void {}
    }
    const loop = new Loop()
    loop.next = loop
    expect(() => loop.parameters()).toThrow(new GraphError('Module: "next" is inside of itself'))
  })

  test('members can be named by the module itself', () => {
    class Renamed extends Module {
      readonly #inner = new Linear(1, 1, { bias: false })
      override members(): Iterable<readonly [string, Member]> {
        return [['legacy_name', this.#inner]]
      }
      forward(): void {}
    }
    expect(Object.keys(new Renamed().stateDict())).toEqual(['legacy_name.weight'])
  })

  test('a module of another copy of the package is one too', () => {
    expect(isModule(new ReLU())).toBe(true)
    expect(isModule({ [Symbol.for('badak.module')]: true })).toBe(true)
    expect(isModule({ forward: () => {} })).toBe(false)
  })
})

describe('modes', () => {
  test('train and eval reach everything inside', () => {
    const model = new Network()
    expect(model.training).toBe(true)
    expect(model.eval()).toBe(model)
    expect(model.modules().map(({ training }) => training)).not.toContain(true)
    model.train()
    expect(model.modules().map(({ training }) => training)).not.toContain(false)
  })

  test('apply visits inner modules before outer ones', () => {
    const seen: string[] = []
    new Sequential(new Sequential(new ReLU()), new Linear(1, 1)).apply((module) =>
      seen.push(module.toString()),
    )
    expect(seen).toEqual(['Linear(1, 1)', 'ReLU', 'Sequential', 'Sequential'])
  })

  test('requiresGrad freezes and unfreezes', () => {
    const model = new Sequential(new Linear(2, 2), new Linear(2, 1))
    model.at(0).requiresGrad(false)
    model
      .forward(tensor([[1, 2]]))
      .sum()
      .backward()
    expect(model.parameters().map(({ grad }) => grad?.shape)).toEqual([undefined, undefined, [1, 2], [1]])
  })
})

describe('loadStateDict', () => {
  const source = (): Record<string, Tensor> => ({ 'fc.weight': tensor([[1, 2, 3]]), 'fc.bias': tensor([4]) })
  const model = (): Sequential => new Sequential({ fc: new Linear(3, 1) })

  test('replaces values', async () => {
    const target = model()
    expect(target.loadStateDict(source())).toEqual({ missing: [], unexpected: [] })
    expect(await target.forward(tensor([[1, 1, 1]])).array()).toEqual([[10]])
  })

  test('converts types', async () => {
    const target = model()
    target.loadStateDict({ ...source(), 'fc.bias': tensor([4], { dtype: 'int32' }) })
    const { 'fc.bias': bias } = target.stateDict()
    expect(bias!.dtype).toBe('float32')
    expect(await bias!.array()).toEqual([4])
  })

  test('names what is missing and what was probably meant', () => {
    const { 'fc.weight': weight, ...rest } = source()
    expect(() => model().loadStateDict({ ...rest, 'fc.w': weight! })).toThrow(
      new ValueError('loadStateDict: missing "fc.weight"; unexpected "fc.w" (did you mean "fc.weight"?)'),
    )
    expect(() => model().loadStateDict({ ...source(), something: weight! })).toThrow(
      new ValueError('loadStateDict: unexpected "something"'),
    )
  })

  test('lists every shape that differs', () => {
    expect(() => model().loadStateDict({ 'fc.weight': zeros([1, 2]), 'fc.bias': zeros([]) })).toThrow(
      new ShapeError(
        'loadStateDict: "fc.weight" has shape [1,2], the model [1,3]; "fc.bias" has shape [], the model [1]',
      ),
    )
    expect(() => model().loadStateDict({ 'fc.weight': zeros([1, 2]) })).toThrow(
      new ValueError('loadStateDict: missing "fc.bias"; "fc.weight" has shape [1,2], the model [1,3]'),
    )
  })

  test('loads nothing when something is wrong', async () => {
    const target = model()
    const before = await target.parameters()[0]!.data()
    expect(() => target.loadStateDict({ 'fc.weight': tensor([[9, 9, 9]]) })).toThrow(ValueError)
    await commit()
    expect(await target.parameters()[0]!.data()).toEqual(before)
  })

  test('not strictly, loads what fits by name', async () => {
    const target = model()
    const { 'fc.bias': bias } = source()
    expect(target.loadStateDict({ 'fc.bias': bias!, other: bias! }, { strict: false })).toEqual({
      missing: ['fc.weight'],
      unexpected: ['other'],
    })
    expect(await target.stateDict()['fc.bias']!.array()).toEqual([4])
    expect(() => target.loadStateDict({ 'fc.bias': zeros([2]) }, { strict: false })).toThrow(ShapeError)
  })

  test('counts from 0 what was counted by none, as in dictionaries from before PyTorch 0.4.1', async () => {
    const target = new Sequential(new BatchNorm1d(2))
    target.states().at(-1)![1].assign(tensor(5, { dtype: 'int32' }))
    const { '0.num_batches_tracked': _, ...values } = new Sequential(new BatchNorm1d(2)).stateDict()
    expect(target.loadStateDict(values)).toEqual({ missing: [], unexpected: [] })
    expect(await target.stateDict()['0.num_batches_tracked']!.item()).toBe(0)
    expect(() => target.loadStateDict({})).toThrow(/missing .*"0.num_batches_tracked"$/)
  })

  test('takes what stateDict gives, also of shared parameters', async () => {
    const layer = new Linear(2, 2)
    const from = new Sequential(layer, layer)
    const to = new Sequential(new Linear(2, 2), new Linear(2, 2))
    to.loadStateDict(from.stateDict())
    const x = tensor([[1, -2]])
    expect(await to.forward(x).array()).toEqual(await from.forward(x).array())
  })
})

describe('stateDict', () => {
  test('gives values that the next assignment makes old, unless they are copied', async () => {
    const layer = new Linear(1, 1, { bias: false })
    layer.weight.assign(tensor([[1]]))
    const [present, copied] = [layer.stateDict(), layer.stateDict({ copy: true })]
    await commit()
    layer.weight.assign(tensor([[2]]))
    await commit()
    await expect(present['weight']!.data()).rejects.toThrow(VersionError)
    expect(await copied['weight']!.array()).toEqual([[1]])
    layer.loadStateDict(copied)
    expect(await layer.weight.array()).toEqual([[1]])
  })

  test('copies states, too, also when they have been computed long since', async () => {
    const layer = new BatchNorm1d(2)
    await commit()
    const copied = layer.stateDict({ copy: true })
    await commit()
    layer.runningMean!.assign(tensor([5, 6]))
    await commit()
    expect(await copied['running_mean']!.array()).toEqual([0, 0])
  })
})
