// Outputs, gradients and states as PyTorch computes them.
import { configure, Parameter, type Tensor } from '@badak/tensor'
import * as layers from '@badak/layers'
import { describe, expect, test } from 'vitest'
import { backends } from './backends.ts'
import { difference, readCases, toTensor, type Recorded } from './fixture.ts'

interface Case {
  readonly name: keyof typeof make
  readonly options: object
  readonly train: boolean
  readonly steps: number
  readonly inputs: readonly Recorded[]
  readonly state: Readonly<Record<string, Recorded>>
  readonly upstream: Recorded
  readonly output: Recorded
  readonly inputGradients: readonly Recorded[]
  readonly gradients: Readonly<Record<string, Recorded>>
  /** The states that are others after the forward passes. */
  readonly changed: Readonly<Record<string, Recorded>>
}

type Made = layers.Module & { forward(...inputs: Tensor[]): Tensor }

const args = ({ options }: Case): never[] => (options as { arguments: never[] }).arguments
const sizes = ({ state }: Case): number[] => [...state['weight']!.shape]
const channels = ({ inputs }: Case): number => inputs[0]!.shape[1]!

const make = {
  Linear(c: Case): Made {
    const [outFeatures, inFeatures] = sizes(c) as [number, number]
    return new layers.Linear(inFeatures, outFeatures, c.options)
  },
  Bilinear(c: Case): Made {
    const [out, in1, in2] = sizes(c) as [number, number, number]
    return new layers.Bilinear(in1, in2, out, c.options)
  },
  Embedding(c: Case): Made {
    const [numEmbeddings, embeddingDim] = sizes(c) as [number, number]
    return new layers.Embedding(numEmbeddings, embeddingDim, c.options)
  },
  Flatten: (): Made => new layers.Flatten(),
  Unflatten: (c: Case): Made => new layers.Unflatten(args(c)[0]!, args(c)[1]!),
  Identity: (): Made => new layers.Identity(),
  PReLU: ({ options }: Case): Made => new layers.PReLU(options),
  BatchNorm1d: (c: Case): Made => new layers.BatchNorm1d(channels(c), c.options),
  BatchNorm2d: (c: Case): Made => new layers.BatchNorm2d(channels(c), c.options),
  BatchNorm3d: (c: Case): Made => new layers.BatchNorm3d(channels(c), c.options),
  InstanceNorm1d: (c: Case): Made => new layers.InstanceNorm1d(channels(c), c.options),
  InstanceNorm2d: (c: Case): Made => new layers.InstanceNorm2d(channels(c), c.options),
  InstanceNorm3d: (c: Case): Made => new layers.InstanceNorm3d(channels(c), c.options),
  LayerNorm: (c: Case): Made => new layers.LayerNorm(args(c)[0]!, c.options),
  RMSNorm: (c: Case): Made => new layers.RMSNorm(args(c)[0]!, c.options),
  GroupNorm: (c: Case): Made => new layers.GroupNorm(args(c)[0]!, args(c)[1]!, c.options),
}

const cases = readCases<Case>(new URL('fixtures/layers.json', import.meta.url))

test('every layer is recorded', () => {
  expect(new Set(cases.map(({ name }) => name))).toEqual(new Set(Object.keys(make)))
})

describe.each(backends)('%s', (backend) => {
  test.each(
    cases.map(
      (c, i) =>
        [
          `${i} ${c.name} ${JSON.stringify(c.options)} ${c.train ? 'train' : 'eval'} [${c.inputs[0]!.shape}]`,
          c,
        ] as const,
    ),
  )('%s', async (_, c) => {
    configure({ backend })
    const layer = make[c.name](c).train(c.train)
    layer.loadStateDict(toTensors(c.state))
    expect(Object.keys(layer.stateDict())).toEqual(Object.keys(c.state))

    const inputs = c.inputs.map((input) =>
      c.name === 'Embedding' ? toTensor(input, 'int32') : new Parameter(toTensor(input)),
    )
    for (let step = 1; step < c.steps; step++) layer.forward(...inputs)
    const y = layer.forward(...inputs)
    y.mul(toTensor(c.upstream)).sum().backward()

    // Where the mean is 1000 times the deviation, so is the rounding of the input.
    const tolerance = c.inputs[0]!.data.some((value) => Math.abs(Number(value)) > 500 && Number(value) < 1e4)
      ? 1e-3
      : 1e-5
    expect(await difference(y, c.output, tolerance)).toBe('none')
    for (const [i, gradient] of c.inputGradients.entries())
      expect(await difference((inputs[i] as Parameter).grad!, gradient, tolerance)).toBe('none')
    const parameters = layer.namedParameters()
    expect(parameters.map(([name]) => name)).toEqual(Object.keys(c.gradients))
    for (const [name, parameter] of parameters)
      expect(await difference(parameter.grad!, c.gradients[name]!, tolerance)).toBe('none')
    const after = { ...c.state, ...c.changed }
    for (const [name, value] of Object.entries(layer.stateDict()))
      expect(await difference(value, after[name]!, tolerance)).toBe('none')
  })
})

function toTensors(recorded: Readonly<Record<string, Recorded>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(recorded).map(([name, value]) => [name, toTensor(value)]))
}
