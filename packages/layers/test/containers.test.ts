import { configure, GraphError, IndexError, ones, ShapeError, tensor, ValueError, zeros } from '@badak/tensor'
import {
  Identity,
  Linear,
  Module,
  ModuleDict,
  ModuleList,
  ReLU,
  Residual,
  Sequential,
  Unflatten,
  type Layer,
} from '@badak/layers'
import { beforeEach, describe, expect, test } from 'vitest'

beforeEach(() => configure({ backend: 'reference' }))

describe('Sequential', () => {
  test('is a list of layers', () => {
    const [a, b] = [new Linear(2, 3), new ReLU()]
    const model = new Sequential(a, b)
    expect([...model]).toEqual([a, b])
    expect([model.length, model.at(0), model.at(-1), model.at('1')]).toEqual([2, a, b, b])
  })

  test('with nothing in it changes nothing', () => {
    const x = ones([2])
    expect(new Sequential().forward(x)).toBe(x)
  })
})

describe('ModuleList', () => {
  test('holds modules under their positions', () => {
    const [a, b] = [new Linear(2, 3), new ReLU()]
    const list = new ModuleList<Module>(a).push(b)
    expect([...list]).toEqual([a, b])
    expect([list.length, list.at(0), list.at(-1)]).toEqual([2, a, b])
    expect(Object.keys(list.stateDict())).toEqual(['0.weight', '0.bias'])
  })

  test('in a module is named as in PyTorch', () => {
    class Network extends Module {
      readonly hidden = new ModuleList(new Linear(1, 1, { bias: false }), new ReLU(), new Linear(1, 1))
      forward(): void {}
    }
    expect(Object.keys(new Network().stateDict())).toEqual([
      'hidden.0.weight',
      'hidden.2.weight',
      'hidden.2.bias',
    ])
  })
})

describe('ModuleDict', () => {
  test('holds modules under their names', () => {
    const [left, right] = [new Linear(2, 1), new ReLU()]
    const heads = new ModuleDict({ left, right })
    expect([heads.get('left'), heads.get('right')]).toEqual([left, right])
    expect([heads.size, heads.keys(), heads.has('left'), heads.has('up')]).toEqual([
      2,
      ['left', 'right'],
      true,
      false,
    ])
    expect(Object.keys(heads.stateDict())).toEqual(['left.weight', 'left.bias'])
  })
})

describe('Residual', () => {
  test('adds what it was given', async () => {
    const block = new Linear(2, 2, { bias: false })
    block.weight.assign(
      tensor([
        [1, 1],
        [0, 2],
      ]),
    )
    expect(await new Residual(block).forward(tensor([[3, 4]])).array()).toEqual([[10, 12]])
  })

  test('adds what the shortcut makes of it', () => {
    const model = new Residual(new Linear(2, 3), new Linear(2, 3, { bias: false }))
    expect(model.forward(zeros([5, 2])).shape).toEqual([5, 3])
    expect(Object.keys(model.stateDict())).toEqual(['block.weight', 'block.bias', 'shortcut.weight'])
  })
})

test('a parameter that two layers share is one', async () => {
  const encoder = new Linear(2, 2, { bias: false })
  const decoder = new Linear(2, 2, { bias: false })
  Object.assign(decoder, { weight: encoder.weight })
  const model = new Sequential(encoder, decoder)
  encoder.weight.assign(
    tensor([
      [1, 0],
      [0, 3],
    ]),
  )
  expect(model.parameters()).toEqual([encoder.weight])
  const y = model.forward(tensor([[1, 1]]))
  y.sum().backward()
  expect(await y.array()).toEqual([[1, 9]])
  // By hand: of x₁·w₁₁² + x₂·w₂₂² + mixed terms, the gradient is that of both uses.
  expect(await encoder.weight.grad!.array()).toEqual([
    [2, 4],
    [4, 6],
  ])
})

test('what is frozen gets no gradient, what is before it does', async () => {
  const model = new Sequential(new Linear(2, 2), new ReLU(), new Linear(2, 1))
  model.at(2).requiresGrad(false)
  model
    .forward(ones([1, 2]))
    .sum()
    .backward()
  expect(model.namedParameters().map(([name, { grad }]) => [name, grad?.shape])).toEqual([
    ['0.weight', [2, 2]],
    ['0.bias', [2]],
    ['2.weight', undefined],
    ['2.bias', undefined],
  ])
})

test('containers and shapes say what they are in a summary', () => {
  const named = [
    new Sequential(),
    new ModuleList(),
    new ModuleDict({}),
    new Residual(new ReLU()),
    new Identity(),
    new Unflatten(1, [2, -1]),
  ]
  expect(named.map(String)).toEqual([
    'Sequential',
    'ModuleList',
    'ModuleDict',
    'Residual',
    'Identity',
    'Unflatten(1, [2,-1])',
  ])
})

const notALayer = (() => 1) as unknown as Layer
const errors: [() => unknown, Error][] = [
  [
    () => new Sequential(new ReLU(), new ReLU()).at(2),
    new IndexError('Sequential.at: no layer 2 among 0, 1'),
  ],
  [
    () => new Sequential({ fc: new ReLU() }).at('conv'),
    new IndexError('Sequential.at: no layer "conv" among fc'),
  ],
  [() => new Sequential(new ReLU(), notALayer), new ValueError('Sequential: "1" is not a module: function')],
  [() => new Sequential({ 'a.b': new ReLU() }), new ValueError('Sequential: not a name: "a.b"')],
  [() => new ModuleList(new ReLU(), notALayer), new ValueError('ModuleList: "1" is not a module: function')],
  [() => new ModuleList(new ReLU()).at(1), new IndexError('ModuleList.at: no module 1 among 1')],
  [
    () => new ModuleList().forward(),
    new GraphError('ModuleList.forward: it only holds modules: call them one by one'),
  ],
  [() => new ModuleDict({ '': new ReLU() }), new ValueError('ModuleDict: not a name: ""')],
  [() => new ModuleDict({ a: notALayer }), new ValueError('ModuleDict: "a" is not a module: function')],
  [
    () => new ModuleDict({ a: new ReLU(), b: new ReLU() }).get('c' as 'a'),
    new IndexError('ModuleDict.get: no module "c" among a, b'),
  ],
  [
    () => new ModuleDict({}).forward(),
    new GraphError('ModuleDict.forward: it only holds modules: call them one by one'),
  ],
  [
    () => new Residual(new Linear(2, 1)).forward(zeros([3, 2])),
    new ShapeError('Residual: block and shortcut give different shapes: [3,1], [3,2]'),
  ],
  [() => new Residual(notALayer), new ValueError('Residual: "block" is not a module: function')],
  [
    () => new Residual(new ReLU(), notALayer),
    new ValueError('Residual: "shortcut" is not a module: function'),
  ],
  [() => new Unflatten(1, []), new ValueError('Unflatten: not the sizes of axes: []')],
  [() => new Unflatten(1, [-1, -1]), new ValueError('Unflatten: not the sizes of axes: [-1,-1]')],
  [() => new Unflatten(1, [1.5]), new ValueError('Unflatten: not the sizes of axes: [1.5]')],
  [
    () => new Unflatten(1, [2, 3]).forward(zeros([1, 7])),
    new ShapeError('Unflatten: axis 1 is not [2,3]: [1,7]'),
  ],
  [
    () => new Unflatten(1, [2, -1]).forward(zeros([1, 7])),
    new ShapeError('Unflatten: axis 1 is not [2,-1]: [1,7]'),
  ],
  [() => new Unflatten(3, [1]).forward(zeros([1])), new ShapeError('Unflatten: axis 3 is not [1]: [1]')],
]

test.each(errors)('error %#', (act, error) => {
  expect(act).toThrow(error)
})
