import {
  commit,
  compile,
  configure,
  gather,
  GraphError,
  IndexError,
  ones,
  Parameter,
  ShapeError,
  tensor,
  ValueError,
  type Tensor,
} from '@badak/tensor'
import { AdaGrad, Adam, SGD } from '@badak/optimizers'
import { beforeEach, describe, expect, test } from 'vitest'

beforeEach(() => configure({ backend: 'reference' }))

const scalar = (value: number): Parameter => new Parameter(tensor(value))

/** p² / 2, whose gradient is p. */
const bowl = (p: Tensor): Tensor => p.mul(p).mul(0.5)

describe('a step', () => {
  // By hand: w ← w − lr·w.
  test('moves against the gradient, then forgets it', async () => {
    const w = scalar(8)
    const optimizer = new SGD([w], { lr: 0.5 })
    bowl(w).backward()
    optimizer.step()
    expect(w.grad).toBeUndefined()
    expect(await w.item()).toBe(4)
  })

  test('uses gradients that have been added up', async () => {
    const w = scalar(8)
    const optimizer = new SGD([w], { lr: 0.25 })
    bowl(w).backward()
    bowl(w).backward()
    optimizer.step()
    expect(await w.item()).toBe(4)
  })

  test('takes the learning rate as it is set, in each group', async () => {
    const [a, b] = [scalar(1), scalar(1)]
    const optimizer = new SGD([{ parameters: [a], lr: 0.5 }, { parameters: [b] }], { lr: 0.25 })
    expect(optimizer.lr).toBe(0.5)
    a.add(b).backward()
    optimizer.step()
    expect([await a.item(), await b.item()]).toEqual([0.5, 0.75])
    optimizer.lr = 1
    a.add(b).backward()
    optimizer.step()
    expect([await a.item(), await b.item()]).toEqual([-0.5, -0.25])
    optimizer.groups[1]!.lr = 0.25
    a.add(b).backward()
    optimizer.step()
    expect([await a.item(), await b.item()]).toEqual([-1.5, -0.5])
  })

  test('leaves what has no gradient alone', async () => {
    const [used, unused] = [scalar(1), scalar(1)]
    const optimizer = new Adam([used, unused], { lr: 0.1, weightDecay: 1 })
    bowl(used).backward()
    optimizer.step()
    expect(await unused.item()).toBe(1)
    expect(optimizer.stateDict().groups[0]!['steps']).toEqual([1, 0])
  })

  test('leaves frozen parameters without moments', () => {
    const frozen = scalar(1)
    frozen.requiresGrad = false
    const optimizer = new Adam([scalar(1), frozen])
    expect(Object.keys(optimizer.stateDict().tensors)).toEqual(['0.exp_avg', '0.exp_avg_sq'])
  })

  test('without a gradient is an error that says what to do', () => {
    const optimizer = new SGD([scalar(1)])
    expect(() => optimizer.step()).toThrow(
      new GraphError('SGD.step: no parameter has a gradient: call loss.backward() before it'),
    )
  })

  test('zeroGrad drops the gradients', () => {
    const w = scalar(1)
    bowl(w).backward()
    new SGD([w]).zeroGrad()
    expect(w.grad).toBeUndefined()
  })
})

describe('step counts', () => {
  const stepsOf = (optimizer: Adam): unknown => optimizer.stateDict().groups[0]!['steps']

  test('rise once where every operation is evaluated at once', () => {
    configure({ debug: 'eager' })
    const w = scalar(1)
    const optimizer = new Adam([w])
    bowl(w).backward()
    optimizer.step()
    expect(stepsOf(optimizer)).toEqual([1])
  })

  test('stay when the run fails', async () => {
    const w = scalar(1)
    const optimizer = new Adam([w], { lr: 0.5 })
    await commit()
    const outside = tensor([0, 4], { dtype: 'int32' }).add(1)
    bowl(w)
      .add(gather(ones([2]), outside).sum())
      .backward()
    expect(() => optimizer.step()).toThrow(IndexError)
    expect(stepsOf(optimizer)).toEqual([0])
    expect(await w.item()).toBe(1)
    bowl(w).backward()
    optimizer.step()
    expect(stepsOf(optimizer)).toEqual([1])
    // Adam's first step is lr·g / (|g| + eps), whatever g is.
    expect(await w.item()).toBeCloseTo(0.5, 6)
  })
})

describe('compiled', () => {
  // By hand: w ← w − lr·(w + weightDecay·w).
  test('follow the weight decay to 0 and back, but have no place for one that was 0', async () => {
    const stepOf = (w: Parameter, optimizer: SGD): (() => void) =>
      compile(() => {
        bowl(w).backward()
        optimizer.step()
      })
    const w = scalar(8)
    const optimizer = new SGD([w], { lr: 0.5, weightDecay: 0.5 })
    const decaying = stepOf(w, optimizer)
    decaying()
    expect(await w.item()).toBe(2)
    optimizer.groups[0]!.weightDecay = 0
    decaying()
    expect(await w.item()).toBe(1)

    const plain = stepOf(w, optimizer)
    plain()
    expect(await w.item()).toBe(0.5)
    optimizer.groups[0]!.weightDecay = 0.5
    expect(plain).toThrow(
      new GraphError(
        'SGD.step: weightDecay was 0 when the step was compiled and is 0.5 now: compile it again',
      ),
    )
    decaying()
    expect(await w.item()).toBe(0.125)
  })

  // PyTorch's buffer begins as the first gradient, undampened: w = 8 − 4, then b = 0.5·8 + 0.5·4.
  test('dampen from the second step on', async () => {
    const w = scalar(8)
    const optimizer = new SGD([w], { lr: 0.5, momentum: 0.5, dampening: 0.5 })
    const step = compile(() => {
      bowl(w).backward()
      optimizer.step()
    })
    step()
    step()
    expect(await w.item()).toBe(1)
  })

  test('cannot begin the moments of what was frozen', () => {
    const w = scalar(1)
    w.requiresGrad = false
    const optimizer = new Adam([w])
    w.requiresGrad = true
    const step = compile(() => {
      bowl(w).backward()
      optimizer.step()
    })
    expect(step).toThrow(
      new GraphError(
        `Adam.step: the moments of ${w.name} cannot begin in a compiled function: take a step before`,
      ),
    )
  })
})

describe('stateDict', () => {
  test('refuses what is not its own, and changes nothing', () => {
    const optimizer = new Adam([scalar(1)], { lr: 0.1 })
    const { tensors, groups } = optimizer.stateDict()
    const load = (t: typeof tensors, g: typeof groups) => () =>
      optimizer.loadStateDict({ tensors: t, groups: g })
    expect(load({ '0.exp_avg': tensor(0), '0.sum': tensor(0) }, groups)).toThrow(
      new ValueError('Adam.loadStateDict: missing "0.exp_avg_sq"; unexpected "0.sum"'),
    )
    expect(load({ ...tensors, '0.exp_avg': tensor([1, 2]) }, groups)).toThrow(
      new ShapeError('Adam.loadStateDict: "0.exp_avg" has shape [2], expected []'),
    )
    expect(load(tensors, [])).toThrow(new ValueError('Adam.loadStateDict: 0 groups for 1'))
    expect(load(tensors, [{ ...groups[0], lr: Number.NaN }])).toThrow(
      new ValueError('Adam: lr is not a number ≥ 0: NaN'),
    )
    expect(load(tensors, [{ ...groups[0], steps: [] }])).toThrow(
      new ValueError('Adam.loadStateDict: group 0 has no step counts for its 1 parameters'),
    )
    expect(load(tensors, [{ lr: 1, steps: [0] }])).toThrow(
      new ValueError(
        'Adam.loadStateDict: options of group 0 differ: lr; expected amsgrad,betas,decoupledWeightDecay,eps,lr,maximize,weightDecay',
      ),
    )
    expect(optimizer.lr).toBe(0.1)
  })
})

describe('options out of range', () => {
  const p = scalar(1)
  test.each([
    [() => new SGD([p], { lr: 0 }), 'SGD: lr is not a number > 0: 0'],
    [() => new SGD([p], { lr: Number.NaN }), 'SGD: lr is not a number > 0: NaN'],
    [() => new SGD([p], { momentum: -1 }), 'SGD: momentum is not a number ≥ 0: -1'],
    [() => new SGD([p], { weightDecay: Infinity }), 'SGD: weightDecay is not a number ≥ 0: Infinity'],
    [
      () => new SGD([p], { nesterov: true }),
      'SGD: nesterov needs momentum and no dampening: momentum 0, dampening 0',
    ],
    [() => new AdaGrad([p], { eps: -1 }), 'AdaGrad: eps is not a number ≥ 0: -1'],
    [() => new Adam([p], { betas: [0.9, 1] }), 'Adam: betas[1] is not in [0, 1): 1'],
    [() => new Adam([]), 'Adam: there are no parameters to train'],
    [() => new Adam([p, p]), `Adam: ${p.name} is listed twice`],
    [() => new Adam([tensor(1) as Parameter]), 'Adam: element 0 is not a Parameter'],
  ])('%#', (make, text) => {
    expect(make).toThrow(new ValueError(text))
  })

  test('set later, are found by the step', () => {
    const w = scalar(1)
    const optimizer = new SGD([w])
    expect(() => (optimizer.lr = -1)).toThrow(new ValueError('SGD: lr is not a number ≥ 0: -1'))
    optimizer.groups[0]!.momentum = Number.NaN
    bowl(w).backward()
    expect(() => optimizer.step()).toThrow(new ValueError('SGD: momentum is not a number ≥ 0: NaN'))
  })
})

describe('a step on a condition', () => {
  test.each([
    ['SGD', (w: Parameter) => new SGD([w], { lr: 0.1, momentum: 0.9 })],
    ['Adam', (w: Parameter) => new Adam([w], { lr: 0.1 })],
    ['AdaGrad', (w: Parameter) => new AdaGrad([w], { lr: 0.1 })],
  ])('leaves parameters and moments of %s as they are where it does not hold', async (_, create) => {
    const w = new Parameter(tensor([1, -2]))
    const optimizer = create(w)
    const bits = async () => {
      const moments = Object.values(optimizer.stateDict().tensors)
      return Promise.all([w.value, ...moments].map(async (each) => Array.from(await each.data())))
    }
    w.square().sum().backward()
    await optimizer.step({ when: tensor(true) })
    const before = await bits()
    w.mul(Infinity).sum().backward()
    await optimizer.step({ when: tensor(false) })
    expect(await bits()).toEqual(before)
    w.square().sum().backward()
    await optimizer.step({ when: w.sum().isFinite() })
    expect(await bits()).not.toEqual(before)
  })

  test('is refused when it is no condition', () => {
    const w = new Parameter(tensor([1, -2]), { name: 'w' })
    const optimizer = new SGD([w], { lr: 0.1 })
    w.sum().backward()
    expect(() => optimizer.step({ when: tensor([true, false]) })).toThrow(
      new ShapeError('SGD.step: the condition is not a bool scalar: Tensor [2] bool'),
    )
  })
})
