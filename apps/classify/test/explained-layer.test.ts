import { Conv2d, MaxPool2d } from '@badak/cnn'
import { BatchNorm2d, Flatten, Linear, ReLU, Sequential } from '@badak/layers'
import { configure, zeros } from '@badak/tensor'
import { expect, test } from 'vitest'
import { explainedLayer } from '../src/explained-layer.ts'
import { createNetwork } from '../src/networks.ts'

configure({ backend: 'reference' })

test('what follows the last convolution counts, up to where the image gets smaller', () => {
  const relu = new ReLU()
  const network = new Sequential(
    new Conv2d(1, 2, 3),
    new ReLU(),
    new MaxPool2d(2),
    new Conv2d(2, 4, 3),
    new BatchNorm2d(4),
    relu,
    new MaxPool2d(2),
    new Flatten(),
    new Linear(16, 3),
  )
  expect(explainedLayer(network, zeros([1, 1, 14, 14]))).toBe(relu)
})

test('of a residual network it is the last stage, sums included', () => {
  const network = createNetwork({
    model: 'resnet8',
    options: {},
    classes: ['a', 'b'],
    input: { channels: 3, height: 32, width: 32 },
  })
  const layer = explainedLayer(network, zeros([1, 3, 32, 32]))
  const name = network.namedModules().find(([, module]) => module === layer)![0]
  expect(name).toBe('layer3')
})

test('without a convolution there is none', () => {
  const network = new Sequential(new Flatten(), new Linear(9, 2))
  expect(explainedLayer(network, zeros([1, 1, 3, 3]))).toBeUndefined()
})
