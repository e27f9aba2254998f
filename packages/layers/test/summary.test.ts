import { configure, matmul, zeros, type Tensor } from '@badak/tensor'
import { Dropout, Linear, Module, ReLU, Sequential } from '@badak/layers'
import { beforeEach, expect, test } from 'vitest'

beforeEach(() => configure({ backend: 'reference' }))

const model = (): Sequential =>
  new Sequential({
    hidden: new Sequential(new Linear(784, 50), new ReLU()),
    drop: new Dropout(0.3),
    output: new Linear(50, 10, { bias: false }),
  })

test('shows layers, shapes, parameters and multiply-adds', () => {
  expect(model().summary([100, 784])).toBe(
    [
      'layer                                   output shape  parameters  multiply-adds',
      'Sequential                              [100,10]',
      'hidden Sequential                       [100,50]',
      '  hidden.0 Linear(784, 50)              [100,50]          39,250      3,920,000',
      '  hidden.1 ReLU                         [100,50]',
      'drop Dropout(0.3)                       [100,50]',
      'output Linear(50, 10, { bias: false })  [100,10]             500         50,000',
      'total                                                     39,750      3,970,000',
      'trainable                                                 39,750',
    ].join('\n'),
  )
})

test('needs no input, and tells what is frozen', () => {
  const small = new Sequential(new Linear(2, 3), new Linear(3, 1))
  small.at(0).requiresGrad(false)
  expect(small.summary()).toBe(
    [
      'layer           parameters',
      'Sequential',
      '0 Linear(2, 3)           9',
      '1 Linear(3, 1)           4',
      'total                   13',
      'trainable                4',
    ].join('\n'),
  )
})

test('counts parameters of a shared layer once, its work as often as it is done', () => {
  const shared = new Linear(3, 3)
  expect(new Sequential(shared, new ReLU(), shared).summary([2, 3])).toBe(
    [
      'layer           output shape  parameters  multiply-adds',
      'Sequential      [2,3]',
      '0 Linear(3, 3)  [2,3]                 12             36',
      '1 ReLU          [2,3]',
      'total                                 12             36',
      'trainable                             12',
    ].join('\n'),
  )
})

test('a module says what its own functions cost', () => {
  class Product extends Module {
    forward(a: Tensor, b: Tensor): [Tensor, Tensor] {
      return [matmul(a, b), a]
    }
    override multiplyAdds([product]: [Tensor, Tensor], a: Tensor): number {
      return product.size * a.shape[1]!
    }
    override toString(): string {
      return 'Product'
    }
  }
  expect(new Product().summary([2, 3], zeros([3, 4])).split('\n')[1]).toMatch(
    /^Product +\[2,4\] \[2,3\] +24$/,
  )
})

test('leaves the model as it was', () => {
  const network = model().train()
  network.summary([1, 784])
  expect(network.modules().map(({ training }) => training)).not.toContain(false)
  expect(network.modules().filter((module) => Object.hasOwn(module, 'forward'))).toEqual([])
})

test('leaves the model as it was when the input does not fit', () => {
  const network = model()
  expect(() => network.summary([1, 3])).toThrow('Linear: input has 3 features, weight expects 784')
  expect(network.modules().map(({ training }) => training)).not.toContain(false)
  expect(network.modules().filter((module) => Object.hasOwn(module, 'forward'))).toEqual([])
})
