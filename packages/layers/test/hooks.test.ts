import { compile, configure, relu, tensor, type Tensor } from '@badak/tensor'
import { Linear, Module, ReLU, Sequential } from '@badak/layers'
import { beforeEach, expect, test } from 'vitest'

beforeEach(() => configure({ backend: 'reference' }))

const x = tensor([[1, -2]])

test('sees every call: the module, what goes in and what comes out', () => {
  const model = new Sequential(new Linear(2, 3), new ReLU())
  const seen: unknown[] = []
  model.at(0).onForward((module, inputs, output) => void seen.push(module, inputs, output))
  const y = model.at(0).forward(x)
  expect(seen).toEqual([model.at(0), [x], y])
  model.forward(x)
  expect(seen).toHaveLength(6)
})

test('calls the hooks of a shared module in each place', () => {
  const shared = new ReLU()
  const model = new Sequential(shared, shared, new Sequential(shared))
  let calls = 0
  shared.onForward(() => void calls++)
  model.forward(x)
  expect(calls).toBe(3)
})

test('calls hooks in the order in which they were added, those before first', () => {
  const layer = new ReLU()
  const order: string[] = []
  layer.onForward(() => void order.push('after 1'))
  layer.beforeForward(() => void order.push('before 1'))
  layer.onForward(() => void order.push('after 2'))
  layer.beforeForward(() => void order.push('before 2'))
  layer.forward(x)
  expect(order).toEqual(['before 1', 'before 2', 'after 1', 'after 2'])
})

test('what a hook returns takes the place of inputs or output, also for the next hook', async () => {
  const layer = new ReLU()
  layer.beforeForward((_, [given]) => [given.mul(-1)])
  layer.onForward((_, __, output) => output.add(1))
  layer.onForward((_, [given], output) => output.mul(10).add(given))
  expect(await layer.forward(x).array()).toEqual([[9, 32]])
})

test('gradients pass through what a hook has put in place', async () => {
  const layer = new Linear(2, 1, { bias: false })
  layer.onForward((_, __, output) => output.mul(3))
  layer.forward(x).sum().backward()
  expect(await layer.weight.grad!.array()).toEqual([[3, -6]])
})

test('removing the last hook leaves the module as it was', () => {
  const layer = new ReLU()
  let calls = 0
  const count = (): void => void calls++
  const removals = [layer.onForward(count), layer.onForward(count), layer.beforeForward(count)]
  layer.forward(x)
  expect(calls).toBe(3)
  removals[0]!()
  removals[0]!()
  layer.forward(x)
  expect(calls).toBe(5)
  removals[1]!()
  removals[2]!()
  layer.forward(x)
  expect(calls).toBe(5)
  expect(Object.hasOwn(layer, 'forward')).toBe(false)
})

test('a hook may remove itself', () => {
  const layer = new ReLU()
  let calls = 0
  const remove = layer.onForward(() => {
    calls++
    remove()
  })
  layer.onForward(() => void calls++)
  layer.forward(x)
  layer.forward(x)
  expect(calls).toBe(3)
})

test('a forward that is a field is hooked and given back', () => {
  class Field extends Module {
    forward = (input: Tensor): Tensor => relu(input)
  }
  const module = new Field()
  const own = module.forward
  let calls = 0
  const remove = module.onForward(() => void calls++)
  module.forward(x)
  expect(calls).toBe(1)
  remove()
  expect(module.forward).toBe(own)
})

test('a forward that was replaced after the hook stays', () => {
  const layer = new ReLU()
  const remove = layer.onForward(() => {})
  const other = (input: Tensor): Tensor => input
  layer.forward = other
  remove()
  expect(layer.forward).toBe(other)
})

test('hooks are nothing that a module holds', () => {
  const layer = new Linear(2, 3)
  layer.onForward(() => {})
  expect(Object.keys(layer.stateDict())).toEqual(['weight', 'bias'])
  expect(Object.keys(layer)).not.toContain('forward')
})

test('a compiled function has what its hooks put in place, but calls them no more', async () => {
  const layer = new ReLU()
  let calls = 0
  layer.onForward((_, __, output) => {
    calls++
    return output.mul(2)
  })
  const compiled = compile((input: Tensor) => layer.forward(input))
  for (let step = 0; step < 3; step++) expect(await compiled(x).array()).toEqual([[2, 0]])
  expect(calls).toBe(1)
})

test('a summary counts with hooks as without, and leaves them in place', () => {
  const model = new Sequential(new Linear(2, 3), new ReLU())
  const without = model.summary([4, 2])
  let calls = 0
  model.at(0).onForward(() => void calls++)
  expect(model.summary([4, 2])).toBe(without)
  model.forward(x)
  expect(calls).toBe(2)
})
