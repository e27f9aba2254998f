// Outputs and gradients as PyTorch computes them.
import { configure, Parameter, type MaxPooled, type Tensor } from '@badak/tensor'
import * as cnn from '@badak/cnn'
import { isModule, type Module } from '@badak/layers'
import { describe, expect, test } from 'vitest'
import { backends } from '../../layers/test/backends.ts'
import { difference, readCases, toTensor, type Recorded } from '../../layers/test/fixture.ts'

interface Case {
  readonly name: keyof typeof cnn
  readonly arguments: readonly unknown[]
  readonly options: object
  /** One image, and what else the layer takes: indices. */
  readonly inputs: readonly [Recorded, Recorded?]
  readonly state: Readonly<Record<string, Recorded>>
  readonly upstream: Recorded
  readonly output: Recorded
  readonly indices?: Recorded
  readonly inputGradients: readonly [Recorded]
  readonly gradients: Readonly<Record<string, Recorded>>
}

interface AnyLayer extends Module {
  forward(...inputs: Tensor[]): Tensor | MaxPooled
}

function layerOf(c: Case): AnyLayer {
  const Layer = cnn[c.name] as unknown as new (...all: unknown[]) => AnyLayer
  const layer = new Layer(...c.arguments, ...(Object.keys(c.options).length > 0 ? [c.options] : []))
  expect(isModule(layer)).toBe(true)
  layer.loadStateDict(
    Object.fromEntries(Object.entries(c.state).map(([name, value]) => [name, toTensor(value)])),
  )
  return layer
}

async function indexDifference(actual?: Tensor, recorded?: Recorded): Promise<string> {
  if (!actual || !recorded) return actual || recorded ? 'only one of the two has indices' : 'none'
  return actual.dtype === 'int32' ? difference(actual, recorded, 0) : `dtype ${actual.dtype}`
}

const files = ['convolutions', 'poolings', 'shapes', 'resizings'] as const

describe.each(backends)('%s', (backend) => {
  describe.each(files)('%s', (file) => {
    const cases = readCases<Case>(new URL(`fixtures/${file}.json`, import.meta.url))
    const titled = cases.map(
      (c, i) => [`${i} ${c.name} ${JSON.stringify([c.arguments, c.options])}`, c] as const,
    )
    test.each(titled)('%s', async (_, c) => {
      configure({ backend })
      const layer = layerOf(c)
      const x = new Parameter(toTensor(c.inputs[0]))
      const others = c.inputs.slice(1).map((input) => toTensor(input!, 'int32'))
      const result = layer.forward(x, ...others)
      const { values, indices } = 'values' in result ? result : { values: result, indices: undefined }
      values.mul(toTensor(c.upstream)).sum().backward()
      expect(await difference(values, c.output, 2e-6, 1)).toBe('none')
      expect(await difference(x.grad!, c.inputGradients[0], 2e-6, 1)).toBe('none')
      expect(await indexDifference(indices, c.indices)).toBe('none')
      for (const [name, parameter] of layer.namedParameters())
        expect(await difference(parameter.grad!, c.gradients[name]!, 5e-6, 1)).toBe('none')
    })
  })
})
