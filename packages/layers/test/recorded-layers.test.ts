// Outputs, gradients and states as PyTorch computes them.
import { configure, Parameter } from '@badak/tensor'
import {
  BatchNorm1d,
  BatchNorm2d,
  Flatten,
  GELU,
  LeakyReLU,
  Linear,
  LogSoftmax,
  ReLU,
  Sigmoid,
  SiLU,
  Softmax,
  Tanh,
  type Layer,
} from '@badak/layers'
import { describe, expect, test } from 'vitest'
import { backends } from './backends.ts'
import { difference, readCases, toTensor, type Recorded } from './fixture.ts'

interface Case {
  readonly name: keyof typeof layers
  readonly options: object
  readonly train: boolean
  readonly steps: number
  readonly input: Recorded
  readonly state: Readonly<Record<string, Recorded>>
  readonly upstream: Recorded
  readonly output: Recorded
  readonly inputGradient: Recorded
  readonly gradients: Readonly<Record<string, Recorded>>
  readonly stateAfter: Readonly<Record<string, Recorded>>
}

const layers = {
  Linear: ({ state, options }: Case): Layer => {
    const [outFeatures, inFeatures] = state['weight']!.shape as [number, number]
    return new Linear(inFeatures, outFeatures, options)
  },
  BatchNorm1d: ({ input, options }: Case): Layer => new BatchNorm1d(input.shape[1]!, options),
  BatchNorm2d: ({ input, options }: Case): Layer => new BatchNorm2d(input.shape[1]!, options),
  Flatten: (): Layer => new Flatten(),
  ReLU: (): Layer => new ReLU(),
  LeakyReLU: (): Layer => new LeakyReLU(0.2),
  Sigmoid: (): Layer => new Sigmoid(),
  Tanh: (): Layer => new Tanh(),
  SiLU: (): Layer => new SiLU(),
  GELU: ({ options }: Case): Layer => new GELU(options),
  Softmax: ({ options }: Case): Layer => new Softmax(options),
  LogSoftmax: ({ options }: Case): Layer => new LogSoftmax(options),
}

const cases = readCases<Case>(new URL('fixtures/layers.json', import.meta.url))

describe.each(backends)('%s', (backend) => {
  test.each(
    cases.map((c, i) => [`${i} ${c.name} ${JSON.stringify(c.options)} [${c.input.shape}]`, c] as const),
  )('%s', async (_, c) => {
    configure({ backend })
    const layer = layers[c.name](c).train(c.train)
    layer.loadStateDict(
      Object.fromEntries(Object.entries(c.state).map(([name, value]) => [name, toTensor(value)])),
    )
    expect(Object.keys(layer.stateDict())).toEqual(Object.keys(c.state))

    const x = new Parameter(toTensor(c.input))
    for (let step = 1; step < c.steps; step++) layer.forward(x)
    const y = layer.forward(x)
    y.mul(toTensor(c.upstream)).sum().backward()

    // Where the mean is 1000 times the deviation, so is the rounding of the input.
    const tolerance = c.input.data.some((value) => Number(value) > 500) ? 1e-3 : 3e-6
    const parameters = layer.namedParameters()
    expect(await difference(y, c.output, tolerance)).toBe('none')
    expect(await difference(x.grad!, c.inputGradient, tolerance)).toBe('none')
    expect(parameters.map(([name]) => name)).toEqual(Object.keys(c.gradients))
    for (const [name, parameter] of parameters)
      expect(await difference(parameter.grad!, c.gradients[name]!, 10 * tolerance)).toBe('none')
    for (const [name, value] of Object.entries(layer.stateDict()))
      expect(await difference(value, c.stateAfter[name]!, tolerance)).toBe('none')
  })
})
