// Models are left as they were, and what cannot be looked at is refused.
import {
  configure,
  defaultGenerator,
  Generator,
  IndexError,
  relu,
  seed,
  ShapeError,
  softmax,
  tensor,
  type Tensor,
  ValueError,
  zeros,
} from '@badak/tensor'
import { BatchNorm2d, Dropout, Flatten, Linear, Module, ReLU, Sequential } from '@badak/layers'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  activationMaximisation,
  Conv2d,
  deconvolution,
  featureMaps,
  gradCam,
  guidedBackpropagation,
  guidedGradCam,
  inputGradient,
  inputTimesGradient,
  integratedGradients,
  occlusion,
  saliency,
  smoothGrad,
  topActivations,
} from '../src/index.ts'

beforeEach(() => configure({ backend: 'reference' }))

class Network extends Module {
  readonly features = new Sequential(
    new Conv2d(1, 2, 3, { padding: 1 }),
    new BatchNorm2d(2),
    new ReLU(),
    new Dropout(0.5),
    new Conv2d(2, 3, 3),
  )
  readonly unused = new Conv2d(2, 2, 1)
  readonly flatten = new Flatten()
  readonly head = new Linear(12, 4)
  /** Fails at this call of `forward`. */
  failAt = Infinity
  calls = 0

  forward(x: Tensor): Tensor {
    const y = this.features.forward(x)
    if (++this.calls >= this.failAt) throw new Error('stop')
    return this.head.forward(this.flatten.forward(relu(y)))
  }
}

const images = (count = 2): Tensor =>
  tensor(
    Float32Array.from({ length: count * 16 }, (_, i) => Math.sin(i)),
    { shape: [count, 1, 4, 4] },
  )

type View = (model: Network, x: Tensor) => Tensor | Promise<Tensor>
const layer = 'features.4'
const views: Readonly<Record<string, View>> = {
  inputGradient,
  saliency,
  inputTimesGradient,
  guidedBackpropagation,
  deconvolution,
  gradCam: (model, x) => gradCam(model, x, { layer }),
  guidedGradCam: (model, x) => guidedGradCam(model, x, { layer }),
  featureMaps: (model, x) => featureMaps(model, x)[layer]!,
  smoothGrad: (model, x) => smoothGrad(model, x, { samples: 3, generator: new Generator(1) }),
  integratedGradients: async (model, x) => (await integratedGradients(model, x, { steps: 3 })).attributions,
  occlusion: (model, x) => occlusion(model, x, { window: 2 }),
  activationMaximisation: async (model, x) => {
    const options = { layer, channel: 1, steps: 2, generator: new Generator(1) }
    return (await activationMaximisation(model, x, options)).images
  },
  topActivations: async (model, x) => (await topActivations(model, [x], { layer, channel: 1 }))[0]!.image,
}

/** Those that build one graph alone. */
const once = [
  'inputGradient',
  'saliency',
  'inputTimesGradient',
  'guidedBackpropagation',
  'deconvolution',
  'featureMaps',
]

/** Everything about a model that a view might change. */
async function stateOf(model: Network) {
  const values = await Promise.all(
    Object.values(model.stateDict()).map(async (value) => [...(await value.data())]),
  )
  return {
    values,
    modes: model.modules().map(({ training }) => training),
    hooked: model.modules().filter((module) => Object.hasOwn(module, 'forward')).length,
    gradients: model.parameters().map(({ grad }) => grad),
    required: model.parameters().map(({ requiresGrad }) => requiresGrad),
    stream: defaultGenerator.state,
  }
}

describe.each(Object.keys(views))('%s', (name) => {
  test('leaves the model as it was', async () => {
    seed(5)
    const model = new Network()
    // Half in training, half not; one parameter frozen, others with gradients.
    model.features.at(1).eval()
    model.head.weight.requiresGrad = false
    model.forward(images()).sum().backward()
    const before = await stateOf(model)
    const result = await views[name]!(model, images())
    expect((await result.data()).every(Number.isFinite)).toBe(true)
    expect(await stateOf(model)).toEqual(before)
  })

  // Some look twice: at the size of what a layer gives, then at its gradient.
  test.each([1, 2].slice(0, once.includes(name) ? 1 : 2))(
    'leaves the model as it was when call %d of forward throws',
    async (failAt) => {
      seed(5)
      const model = new Network()
      const before = await stateOf(model)
      model.failAt = failAt
      await expect(async () => (await views[name]!(model, images())).data()).rejects.toThrow(
        new Error('stop'),
      )
      expect(await stateOf(model)).toEqual(before)
    },
  )

  test('does not depend on whether the model is in training', async () => {
    seed(5)
    const model = new Network()
    const inTraining = [...(await (await views[name]!(model, images())).data())]
    model.eval()
    expect([...(await (await views[name]!(model, images())).data())]).toEqual(inTraining)
  })
})

test('all images are looked at on their own', async () => {
  const model = new Network()
  const both = (await inputGradient(model, images(), { target: [1, 3] }).data()) as Float32Array
  for (const [i, target] of [1, 3].entries()) {
    const alone = await inputGradient(model, images().slice([[i, i + 1]]), { target }).data()
    for (const [at, value] of alone.entries()) expect(both[i * 16 + at]).toBeCloseTo(value, 6)
  }
})

test('how many are computed at once does not matter', async () => {
  const model = new Network()
  const noise = (batchSize: number) =>
    smoothGrad(model, images(), { samples: 5, generator: new Generator(7), batchSize })
  const integral = async (batchSize: number) =>
    (await integratedGradients(model, images(), { batchSize })).attributions
  const covered = (batchSize: number) => occlusion(model, images(), { window: 3, stride: 1, batchSize })
  for (const method of [noise, integral, covered]) {
    const [one, many] = [await (await method(1)).data(), await (await method(100)).data()]
    for (const [i, value] of many.entries()) expect(one[i]).toBeCloseTo(value, 6)
  }
})

test('results of any kind can be looked at', async () => {
  class Two extends Module {
    readonly inner = new Network()
    forward(x: Tensor) {
      const logits = this.inner.forward(x)
      return { logits, sure: softmax(logits).max({ axis: 1 }) }
    }
  }
  const model = new Two()
  const values = async (x: Tensor) => [...(await x.data())]
  const logits = inputGradient(model, images(), { output: (result) => result.logits, target: 2 })
  expect(await values(logits)).toEqual(await values(inputGradient(model.inner, images(), { target: 2 })))
  const sure = inputGradient(model, images(), { output: ({ sure }) => sure })
  const mean = inputGradient(model, images(), { output: ({ sure }) => sure.sum() })
  expect(await values(mean)).toEqual(await values(sure))
  // One score for all: the passes are those of the images that were given.
  const output = (result: { sure: Tensor }) => result.sure.sum()
  const { attributions } = await integratedGradients(model, images(), { output, steps: 4 })
  const each = await integratedGradients(model, images(), { output: (result) => result.sure, steps: 4 })
  for (const [i, value] of (await attributions.data()).entries())
    expect(value).toBeCloseTo((await each.attributions.data())[i]!, 6)
})

test('inputs that are no images have saliency, too', async () => {
  const model = new Linear(3, 2, { bias: false })
  model.loadStateDict({
    weight: tensor([
      [1, -2, 3],
      [0, 0, 0],
    ]),
  })
  expect(await saliency(model, tensor([[1, 0, 1]])).array()).toEqual([[1, 2, 3]])
  expect(await saliency(model, tensor([[1, 0, 1]]), { target: 1 }).array()).toEqual([[0, 0, 0]])
})

test('layers that are called twice have two maps', async () => {
  class Twice extends Module {
    readonly layer = new Conv2d(1, 1, 1)
    forward(x: Tensor) {
      return this.layer.forward(this.layer.forward(x)).reshape([1, 2])
    }
  }
  const model = new Twice()
  model.loadStateDict({ 'layer.weight': tensor([[[[2]]]]), 'layer.bias': tensor([1]) })
  const maps = featureMaps(model, tensor([[[[1, -1]]]]))
  expect(Object.keys(maps)).toEqual(['layer', 'layer:2'])
  expect(await maps['layer']!.array()).toEqual([[[[3, -1]]]])
  expect(await maps['layer:2']!.array()).toEqual([[[[7, -1]]]])
  // The last call counts: the mean gradient of the class of the first pixel is ½.
  expect(await gradCam(model, tensor([[[[1, -1]]]]), { target: 0 }).array()).toEqual([[[[3.5, 0]]]])
})

const model = new Network()
const x = images()
const one = { output: (y: Tensor) => y.sum() }
const names = 'features, features.0, features.1, features.2, features.3, features.4, unused, flatten, head'
const errors: readonly (readonly [() => unknown, Error])[] = [
  [
    () => gradCam(model, x, { layer: 'feature.4' }),
    new ValueError(
      `gradCam: the model has no layer "feature.4" (did you mean "features.4"?); its layers are ${names}`,
    ),
  ],
  [
    () => gradCam(model, x, { layer: new ReLU() }),
    new ValueError('gradCam: the layer ReLU is not a part of the model'),
  ],
  [
    () => gradCam(model, x, { layer: 'head' }),
    new ShapeError('gradCam: the layer "head" has no spatial output [N, C, H, W]: [2,4]'),
  ],
  [
    () => gradCam(model, x, { layer: 'unused' }),
    new ValueError(`gradCam: the model's forward does not call the layer "unused"`),
  ],
  [
    () => gradCam(new Linear(3, 2), zeros([1, 3, 1, 1])),
    new ValueError('gradCam: the model has no convolution: name a layer of Linear(3, 2)'),
  ],
  [() => gradCam(model, zeros([1, 4, 4])), new ShapeError('gradCam: images are not [N, C, H, W]: [1,4,4]')],
  [
    () => featureMaps(model, x, { layers: ['unused'] }),
    new ValueError(`featureMaps: the model's forward does not call the layer "unused"`),
  ],
  [
    () => featureMaps(model, x, { layers: ['flatten'] }),
    new ShapeError('featureMaps: the layer "flatten" has no spatial output [N, C, H, W]: [2,12]'),
  ],
  [
    () => saliency(model, x, { target: 4 }),
    new IndexError('saliency: target 4 is not one of 4 classes, 0 to 3'),
  ],
  [
    () => saliency(model, x, { target: [0, -1] }),
    new IndexError('saliency: target -1 is not one of 4 classes, 0 to 3'),
  ],
  [() => saliency(model, x, { target: [0] }), new ShapeError('saliency: 1 targets for 2 images')],
  [
    () => saliency(model, x, { target: tensor(Int32Array.of(1, 2, 3)) }),
    new ShapeError('saliency: targets are not [2], one for each image: [3]'),
  ],
  [
    () => saliency(model, x, { target: 1, output: (y: Tensor) => y.sum({ axis: 1 }) }),
    new ValueError("saliency: a target needs scores of classes, [N, K]: the model's output is [2]"),
  ],
  [
    () => saliency(model.features as Module as Network, x),
    new ShapeError(
      "saliency: the model's output is neither [N, K] nor [N] for N = 2: [2,3,2,2]: " +
        'choose what is looked at with output: (result) => …',
    ),
  ],
  [
    () => saliency(model, x, { output: (y) => [y] as unknown as Tensor }),
    new ValueError(
      'saliency: output gave no tensor but a list of 1: choose what is looked at with output: (result) => …',
    ),
  ],
  [
    () => integratedGradients(model, x, { baseline: zeros([4, 5]) }),
    new ShapeError(
      'integratedGradients: the baseline is neither a number nor of the shape of the images: [4,5] for [2,1,4,4]',
    ),
  ],
  [
    () => integratedGradients(model, x, { steps: 0 }),
    new ValueError('integratedGradients: steps is not an integer ≥ 1: 0'),
  ],
  [
    () => integratedGradients(model, x, { rule: 'simpson' as 'left' }),
    new ValueError(
      'integratedGradients: unknown rule "simpson": expected gausslegendre, left, right, middle or trapezoid',
    ),
  ],
  [
    () => integratedGradients(model, x, { rule: 'trapezoid', steps: 1 }),
    new ValueError('integratedGradients: the trapezoid rule needs two steps: 1'),
  ],
  [
    () => smoothGrad(model, x, { noise: zeros([3, 1, 4, 4]) }),
    new ShapeError('smoothGrad: noise is not [samples,2,1,4,4]: [3,1,4,4]'),
  ],
  [
    () => smoothGrad(model, x, { noise: zeros([3, 2, 1, 4, 4]), samples: 4 }),
    new ShapeError('smoothGrad: noise is not [4,2,1,4,4]: [3,2,1,4,4]'),
  ],
  [() => smoothGrad(model, x, { noise: -1 }), new ValueError('smoothGrad: noise is not a number ≥ 0: -1')],
  [
    () => smoothGrad(model, x, { batchSize: 0.5 }),
    new ValueError('smoothGrad: batchSize is not an integer ≥ 1: 0.5'),
  ],
  [
    () => occlusion(model, x, { window: 5 }),
    new ShapeError('occlusion: the window exceeds the image: window 5x5, image 4x4'),
  ],
  [
    () => occlusion(model, x, { window: 2, stride: 3 }),
    new ValueError('occlusion: a stride above the window leaves pixels uncovered: stride 3x3, window 2x2'),
  ],
  [
    () => occlusion(model, x, { window: 2, ...one }),
    new ValueError('occlusion: the model gives one score for all images, not one for each: []'),
  ],
  [
    () => activationMaximisation(model, x, { channel: 4 }),
    new IndexError('activationMaximisation: channel 4 is not one of 4, 0 to 3'),
  ],
  [
    () => activationMaximisation(model, x, { channel: 0, position: [0, 0] }),
    new IndexError('activationMaximisation: a position needs a layer with spatial output: [2]'),
  ],
  [
    () => activationMaximisation(model, x, { layer, channel: 0, position: [0, 2] }),
    new IndexError('activationMaximisation: the position 0, 2 is not one of 2 × 2'),
  ],
  [
    () => activationMaximisation(model, x, { channel: 0, range: [1, 0] }),
    new ValueError('activationMaximisation: range is not [low, high] with low < high: [1,0]'),
  ],
  [
    () => activationMaximisation(model, x, { channel: 0, decay: -1 }),
    new ValueError('activationMaximisation: decay is not a number ≥ 0: -1'),
  ],
  [
    () => activationMaximisation(model, x, { channel: 0, ...one }),
    new ShapeError('activationMaximisation: the output is neither [N, K] nor [N, C, H, W]: []'),
  ],
  [
    () => topActivations(model, [{ y: 1 }], { channel: 0 }),
    new ValueError(
      'topActivations: a batch is no tensor and has no x: say where its images are with images: (batch) => …',
    ),
  ],
  [
    () => topActivations(model, [zeros([2, 16])], { channel: 0 }),
    new ShapeError('topActivations: images are not [N, C, H, W]: [2,16]'),
  ],
  [
    () => topActivations(model, [x], { channel: 0, k: 0 }),
    new ValueError('topActivations: k is not an integer ≥ 1: 0'),
  ],
]

test.each(errors)('error %#', async (act, error) => {
  await expect((async () => act())()).rejects.toThrow(error)
})
