import { configure, ones, seed, tensor } from '@badak/tensor'
import { expect, test } from 'vitest'
import { writeDescription } from '../src/description.ts'
import { type Blueprint, createNetwork } from '../src/networks.ts'
import { fitWeights, freezeAllButHead, normalisationOf, readWeights } from '../src/pretrained.ts'

configure({ backend: 'reference' })

const blueprint = (classes: number, channels: 1 | 3 = 3): Blueprint => ({
  model: 'resnet8',
  options: {},
  classes: Array.from({ length: classes }, (_, i) => `class ${i}`),
  input: { channels, height: 32, width: 32 },
})

const create = (classes: number, channels?: 1 | 3) => {
  seed(classes)
  return createNetwork(blueprint(classes, channels))
}

test('all weights are taken where the classes are as many', async () => {
  const [before, network] = [create(10), create(10)]
  network.parameters()[0]!.assign(ones(network.parameters()[0]!.shape))
  expect(fitWeights(network, before.stateDict())).toEqual({ anew: [] })
  for (const [name, value] of Object.entries(network.stateDict()))
    expect(await value.data()).toEqual(await before.stateDict()[name]!.data())
})

test('for other classes the last layer is made anew, and nothing else', async () => {
  const [before, network] = [create(10), create(3)]
  const own = await network.stateDict()['fc.weight']!.data()
  expect(fitWeights(network, before.stateDict())).toEqual({ anew: ['fc.weight', 'fc.bias'] })
  const state = network.stateDict()
  expect(await state['fc.weight']!.data()).toEqual(own)
  expect(await state['conv1.weight']!.data()).toEqual(await before.stateDict()['conv1.weight']!.data())
})

test('filters of colours are added up for grey images', async () => {
  const [colour, grey] = [create(10), create(10, 1)]
  fitWeights(grey, colour.stateDict())
  const filters = colour.stateDict()['conv1.weight']!
  const channels = [0, 1, 2].map((channel) => filters.slice([null, [channel, channel + 1]]).data())
  const [red, green, blue] = await Promise.all(channels)
  const expected = [...red!].map((value, i) => value + green![i]! + blue![i]!)
  const found = [...(await grey.stateDict()['conv1.weight']!.data())]
  for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i]!, 5)
})

test('weights of another network are refused, with what does not fit', () => {
  const other = createNetwork({ ...blueprint(10), model: 'resnet14' })
  expect(() => fitWeights(other, create(10).stateDict())).toThrow(
    /^--weights: of another network: "layer1\.1\.conv1\.weight" is missing, .*, and \d+ more$/,
  )
  const wrong = { ...create(10).stateDict(), 'bn1.bias': tensor([1, 2]) }
  expect(() => fitWeights(create(10), wrong)).toThrow('"bn1.bias" is [2], not [16]')
})

test('when all but the last layer is frozen, that alone is trained', () => {
  const network = create(4)
  freezeAllButHead(network)
  const trained = network.namedParameters().filter(([, { requiresGrad }]) => requiresGrad)
  expect(trained.map(([name]) => name)).toEqual(['fc.weight', 'fc.bias'])
})

test('images are normalised as in the training that the weights come from', () => {
  const input = { channels: 3, height: 32, width: 32 } as const
  const imagenet = { format: 'pytorch', tensors: {}, metadata: {} } as const
  expect(normalisationOf(imagenet, input).mean).toEqual([0.485, 0.456, 0.406])
  // The mean of the three.
  expect(normalisationOf(imagenet, { ...input, channels: 1 }).mean[0]).toBeCloseTo(0.449, 10)
  const normalisation = { mean: [0.1, 0.2, 0.3], std: [1, 2, 3] }
  const metadata = writeDescription({ ...blueprint(2), normalisation, preparation: 'photo' })
  expect(normalisationOf({ format: 'safetensors', tensors: {}, metadata }, input)).toEqual(normalisation)
})

test('torchvision has no weights for the small networks', async () => {
  await expect(readWeights('imagenet', 'resnet14', () => undefined)).rejects.toThrow(
    '--weights: torchvision has none for resnet14; it has for alexnet, vgg11',
  )
})
