// Views into a small network as PyTorch computes them: tools/record-fixtures/views.py.
import { configure, maxPool2d, relu, tensor, type Tensor } from '@badak/tensor'
import { BatchNorm2d, Linear, Module } from '@badak/layers'
import { beforeEach, describe, expect, test } from 'vitest'
import { backends } from '../../layers/test/backends.ts'
import { difference, readCases, type Recorded, toTensor } from '../../layers/test/fixture.ts'
import {
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
} from '../src/index.ts'

interface Case {
  readonly state: Readonly<Record<string, Recorded>>
  readonly x: Recorded
  readonly baseline: Recorded
  readonly noise: Recorded
  readonly target: readonly number[]
  readonly views: Readonly<Record<string, Recorded>>
}

const [recorded] = readCases<Case>(new URL('fixtures/views.json', import.meta.url)) as [Case]

/** The network of the recording script: some ReLUs are functions, and one connection skips a convolution. */
class Network extends Module {
  readonly conv1 = new Conv2d(2, 3, 3, { padding: 1 })
  readonly norm = new BatchNorm2d(3)
  readonly conv2 = new Conv2d(3, 3, 3, { padding: 1 })
  readonly head = new Linear(27, 5)

  forward(x: Tensor): Tensor {
    const h = maxPool2d(relu(this.norm.forward(this.conv1.forward(x))), { kernel: 2 })
    return this.head.forward(h.add(relu(this.conv2.forward(h))).reshape([-1, 27]))
  }
}

function load(): Network {
  const model = new Network()
  const types = (name: string) => (name.endsWith('tracked') ? 'int32' : 'float32')
  model.loadStateDict(
    Object.fromEntries(Object.entries(recorded.state).map(([name, v]) => [name, toTensor(v, types(name))])),
  )
  return model
}

const { target } = recorded
const baseline = () => toTensor(recorded.baseline)
const noise = () => toTensor(recorded.noise)

/** By the names of the script: the same, computed here. */
const views: Readonly<Record<string, (model: Network, x: Tensor) => Tensor | Promise<Tensor>>> = {
  inputGradient: (model, x) => inputGradient(model, x, { target }),
  bestGradient: (model, x) => inputGradient(model, x),
  saliency: (model, x) => saliency(model, x, { target }),
  inputTimesGradient: (model, x) => inputTimesGradient(model, x, { target }),
  guidedBackpropagation: (model, x) => guidedBackpropagation(model, x, { target }),
  deconvolution: (model, x) => deconvolution(model, x, { target: tensor(Int32Array.from(target)) }),
  gradCam: (model, x) => gradCam(model, x, { target }),
  gradCamSmall: (model, x) => gradCam(model, x, { target, layer: 'conv2', resize: false }),
  gradCamSigned: (model, x) => gradCam(model, x, { target, layer: model.conv2, relu: false }),
  guidedGradCam: (model, x) => guidedGradCam(model, x, { target }),
  smoothGrad: (model, x) => smoothGrad(model, x, { target, noise: noise(), batchSize: 6 }),
  smoothGradSquare: (model, x) => smoothGrad(model, x, { target, noise: noise(), average: 'square' }),
  smoothGradVariance: (model, x) => smoothGrad(model, x, { target, noise: noise(), average: 'variance' }),
  smoothGuided: (model, x) =>
    smoothGrad(model, x, { target, noise: noise(), method: guidedBackpropagation, batchSize: 1 }),
  occlusion: (model, x) =>
    occlusion(model, x, { target, window: [3, 2], stride: [2, 1], baseline: 0.5, batchSize: 8 }),
  occlusionImage: (model, x) => occlusion(model, x, { window: 4, stride: 3, baseline: baseline() }),
  conv1: (model, x) => featureMaps(model, x)['conv1']!,
  conv2: (model, x) => featureMaps(model, x, { layers: ['conv2'] })['conv2']!,
}
const rules = ['gausslegendre', 'left', 'right', 'middle', 'trapezoid'] as const

describe.each(backends)('%s', (backend) => {
  beforeEach(() => configure({ backend }))

  test.each(Object.keys(views))('%s', async (name) => {
    const result = await views[name]!(load(), toTensor(recorded.x))
    expect(await difference(result, recorded.views[name]!, 3e-6, 1)).toBe('none')
  })

  test.each(rules)('integrated gradients by the rule %s', async (rule) => {
    const options = { target, baseline: baseline(), steps: 7, rule, batchSize: 6 }
    const { attributions, gap } = await integratedGradients(load(), toTensor(recorded.x), options)
    const { [`integratedGradients.${rule}`]: expected, [`gap.${rule}`]: expectedGap } = recorded.views
    expect(await difference(attributions, expected!, 3e-6, 1)).toBe('none')
    expect(await difference(gap, expectedGap!, 5e-6, 1)).toBe('none')
  })

  test('integrated gradients add up to the rise of the score', async () => {
    const { gap } = await integratedGradients(load(), toTensor(recorded.x), { target, steps: 300 })
    for (const each of await gap.data()) expect(Math.abs(each)).toBeLessThan(5e-3)
  })
})

test('every recorded view is compared', () => {
  const names = [
    ...Object.keys(views),
    ...rules.flatMap((rule) => [`integratedGradients.${rule}`, `gap.${rule}`]),
  ]
  expect(names.toSorted()).toEqual(Object.keys(recorded.views).toSorted())
})
