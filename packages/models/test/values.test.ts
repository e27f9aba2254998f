// What models compute, beside what was recorded of each.
import { configure, keep, seed, shutdown, tensor, zeros, type Tensor } from '@badak/tensor'
import { loadPyTorch } from '@badak/formats'
import { BasicBlock, createModel, DenseNet, googlenet, imagenetNormalisation, resnet18 } from '@badak/models'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { difference, readCases } from '../../layers/test/fixture.ts'
import { fill, images } from './filling.ts'

beforeEach(() => configure({ backend: 'wasm' }))
afterAll(shutdown)

const fixture = (name: string): URL => new URL(`fixtures/${name}`, import.meta.url)

describe('a checkpoint of torchvision', () => {
  const [recorded] = readCases<{ images: [number, number, number, number]; evaluated: number[] }>(
    fixture('densenet.json'),
  )
  const narrow = { growthRate: 4, blockConfig: [2, 2, 2, 2], numInitFeatures: 8, bnSize: 2, numClasses: 10 }
  const logitsOf = async (tensors: Record<string, Tensor>): Promise<string> => {
    const model = new DenseNet(narrow)
    expect(model.loadStateDict(tensors)).toEqual({ missing: [], unexpected: [] })
    const logits = model.eval().forward(images(recorded!.images, 0))
    return difference(logits, { shape: [2, 10], data: recorded!.evaluated }, 1e-4)
  }

  test('loads by its own names, and says the same', async () => {
    const { tensors } = await loadPyTorch(fileURLToPath(fixture('densenet.pth')))
    expect(await logitsOf(tensors)).toBe('none')
  })

  test('loads by the names from before names had no dots, and without counts', async () => {
    const { tensors } = await loadPyTorch(fileURLToPath(fixture('densenet.pth')))
    const old = Object.entries(tensors)
      .filter(([name]) => !name.endsWith('num_batches_tracked'))
      .map(([name, value]) => [name.replace(/(denselayer\d\.(?:norm|conv))(\d)/, '$1.$2'), value] as const)
    expect(old[5]![0]).toBe('features.denseblock1.denselayer1.norm.1.weight')
    expect(await logitsOf(Object.fromEntries(old))).toBe('none')
  })
})

test('submodules have the names of torchvision, and hooks', async () => {
  const model = resnet18({ numClasses: 5 }).eval()
  const maps: Tensor[] = []
  model.layer4.onForward((_layer, _inputs, output) => void maps.push(keep(output)))
  await model.forward(zeros([1, 3, 64, 96])).data()
  expect(maps.map(({ shape }) => shape)).toEqual([[1, 512, 2, 3]])
  const names = model.namedModules().map(([name]) => name)
  expect(names).toEqual(expect.arrayContaining(['maxpool', 'layer2.0.downsample.1', 'avgpool', 'fc']))
  expect(model.layer1.at(0)).toBeInstanceOf(BasicBlock)
})

test('GoogLeNet brings images to [−1, 1]', async () => {
  seed(3)
  const model = googlenet({ numClasses: 3 }).eval()
  const transforming = googlenet({ numClasses: 3, transformInput: true }).eval()
  transforming.loadStateDict(model.stateDict())
  const { mean, std } = imagenetNormalisation
  // Black and white in [0, 1], normalised either way.
  const stripes = (valueOf: (channel: number, pixel: number) => number): Tensor =>
    tensor(
      Float32Array.from({ length: 3 * 32 * 32 }, (_, i) => valueOf(i >> 10, (i >> 2) & 1)),
      { shape: [1, 3, 32, 32] },
    )
  const symmetric = stripes((_, pixel) => 2 * pixel - 1)
  const normalised = stripes((c, pixel) => (pixel - mean[c]!) / std[c]!)
  const expected = await (model.forward(symmetric) as Tensor).data()
  const recorded = { shape: [1, 3], data: [...expected] }
  expect(await difference(transforming.forward(normalised) as Tensor, recorded, 1e-4)).toBe('none')
})

test('a block begins as the identity when the last scale is 0', async () => {
  const model = resnet18({ zeroInitResidual: true, numClasses: 2 })
  const scales = model.namedParameters().filter(([name]) => name.endsWith('.bn2.weight'))
  expect(scales).toHaveLength(8)
  for (const [, scale] of scales) expect(new Set(await scale.data())).toEqual(new Set([0]))
})

describe('initial values are those of torchvision', () => {
  /** Root mean square and largest magnitude. */
  async function spreadOf(values: Tensor): Promise<[rms: number, largest: number]> {
    let [squares, largest] = [0, 0]
    for (const value of await values.data()) {
      squares += value * value
      largest = Math.max(largest, Math.abs(value))
    }
    return [Math.sqrt(squares / values.size), largest]
  }

  const normals: [string, string, number][] = [
    ['resnet18', 'conv1.weight', Math.sqrt(2 / (64 * 49))],
    ['resnext50_32x4d', 'layer1.0.conv2.weight', Math.sqrt(2 / (128 * 9))],
    ['vgg11', 'features.3.weight', Math.sqrt(2 / (128 * 9))],
    ['googlenet', 'inception3a.branch2.1.conv.weight', 0.01],
    ['googlenet', 'fc.weight', 0.01],
    ['mobilenet_v2', 'classifier.1.weight', 0.01],
    ['mobilenet_v3_small', 'features.1.block.1.fc1.weight', Math.sqrt(2 / 8)],
    ['densenet121', 'features.conv0.weight', Math.sqrt(2 / (3 * 49))],
    ['squeezenet1_1', 'classifier.1.weight', 0.01],
  ]

  test.each(normals)('%s %s is normal', async (name, state, std) => {
    seed(5)
    const weight = createModel(name).stateDict()[state]!
    const [rms, largest] = await spreadOf(weight)
    // Five standard deviations of a sample's deviation.
    expect(Math.abs(rms / std - 1)).toBeLessThan(5 / Math.sqrt(2 * weight.size))
    expect(largest / std).toBeGreaterThan(2)
  })

  const uniforms: [string, string, number][] = [
    ['alexnet', 'features.0.bias', 1 / Math.sqrt(3 * 121)],
    ['alexnet', 'features.0.weight', 1 / Math.sqrt(3 * 121)],
    ['resnet18', 'fc.weight', 1 / Math.sqrt(512)],
    ['resnet18', 'fc.bias', 1 / Math.sqrt(512)],
    ['squeezenet1_1', 'features.0.weight', Math.sqrt(6 / 27)],
    ['densenet121', 'classifier.weight', 1 / Math.sqrt(1024)],
    ['efficientnet_b0', 'classifier.1.weight', 1 / Math.sqrt(1000)],
  ]

  test.each(uniforms)('%s %s is uniform', async (name, state, bound) => {
    seed(5)
    const [rms, largest] = await spreadOf(createModel(name).stateDict()[state]!)
    expect(largest).toBeLessThanOrEqual(Math.fround(bound))
    expect(largest / bound).toBeGreaterThan(0.95)
    expect(rms / bound).toBeCloseTo(1 / Math.sqrt(3), 1)
  })
})

describe('the reference backend agrees with WebAssembly', () => {
  const small: [string, object, [number, number, number, number]][] = [
    ['lenet', {}, [2, 1, 28, 28]],
    ['squeezenet1_1', { numClasses: 4, dropout: 0 }, [1, 3, 33, 35]],
    ['resnet20', {}, [1, 3, 8, 8]],
  ]

  test.each(small)('%s', async (name, options, shape) => {
    const logitsOn = async (backend: 'reference' | 'wasm'): Promise<number[]> => {
      configure({ backend })
      const logits = fill(createModel(name, options)).eval().forward(images(shape, 0)) as Tensor
      return [...(await logits.data())]
    }
    const exact = await logitsOn('reference')
    const fast = await logitsOn('wasm')
    const scale = Math.hypot(...exact) / Math.sqrt(exact.length)
    for (const [i, value] of exact.entries()) expect(Math.abs(fast[i]! - value)).toBeLessThan(1e-5 * scale)
  })
})
