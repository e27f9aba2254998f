// Outputs and gradients as PyTorch computes them.
import { configure, Parameter, tensor, type Tensor } from '@badak/tensor'
import {
  AdaptiveAvgPool2d,
  AdaptiveMaxPool2d,
  AvgPool2d,
  col2im,
  Conv1d,
  Conv2d,
  im2col,
  MaxPool2d,
  type AdaptivePair,
  type Im2colOptions,
  type PairLike,
} from '@badak/cnn'
import type { Layer } from '@badak/layers'
import { describe, expect, test } from 'vitest'
import { backends } from '../../layers/test/backends.ts'
import { difference, readCases, toTensor, type Recorded } from '../../layers/test/fixture.ts'

interface Case {
  readonly name: keyof typeof layers
  readonly options: { readonly arguments: readonly never[] }
  readonly input: Recorded
  readonly state: Readonly<Record<string, Recorded>>
  readonly upstream: Recorded
  readonly output: Recorded
  readonly inputGradient: Recorded
  readonly gradients: Readonly<Record<string, Recorded>>
}

const layers = {
  Conv1d: (...a: [number, number, number, object]): Layer => new Conv1d(...a),
  Conv2d: (...a: [number, number, PairLike, object]): Layer => new Conv2d(...a),
  MaxPool2d: (...a: [PairLike, object]): Layer => new MaxPool2d(...a),
  AvgPool2d: (...a: [PairLike, object]): Layer => new AvgPool2d(...a),
  AdaptiveAvgPool2d: (size: AdaptivePair): Layer => new AdaptiveAvgPool2d(size),
  AdaptiveMaxPool2d: (size: AdaptivePair): Layer => new AdaptiveMaxPool2d(size),
}

const cases = readCases<Case>(new URL('fixtures/layers.json', import.meta.url))

describe.each(backends)('%s', (backend) => {
  test.each(cases.map((c, i) => [`${i} ${c.name} ${JSON.stringify(c.options)}`, c] as const))(
    '%s',
    async (_, c) => {
      configure({ backend })
      const { arguments: sizes, ...options } = c.options
      const layer = (layers[c.name] as (...all: unknown[]) => Layer)(...sizes, options)
      layer.loadStateDict(
        Object.fromEntries(Object.entries(c.state).map(([name, value]) => [name, toTensor(value)])),
      )
      const x = new Parameter(toTensor(c.input))
      const y = layer.forward(x)
      y.mul(toTensor(c.upstream)).sum().backward()
      expect(await difference(y, c.output, 2e-6, 1)).toBe('none')
      expect(await difference(x.grad!, c.inputGradient, 2e-6, 1)).toBe('none')
      for (const [name, parameter] of layer.namedParameters())
        expect(await difference(parameter.grad!, c.gradients[name]!, 5e-6, 1)).toBe('none')
    },
  )
})

interface Im2colCase {
  readonly options: Im2colOptions
  readonly image: Recorded
  readonly columns: Recorded
  readonly given: Recorded
  readonly folded: Recorded
}

const im2colCases = readCases<Im2colCase>(new URL('fixtures/im2col.json', import.meta.url))

describe.each(backends)('im2col on %s', (backend) => {
  test.each(im2colCases.map((c) => [JSON.stringify(c.options), c] as const))('%s', async (_, c) => {
    configure({ backend })
    const [, , H, W] = c.image.shape as [number, number, number, number]
    const image = toTensor(c.image)
    const given = toTensor(c.given)
    const columns = im2col(image, c.options)
    const folded = col2im(given, [H, W], c.options)
    expect(await difference(columns, c.columns, 0)).toBe('none')
    expect(await difference(folded, c.folded, 1e-6, 1)).toBe('none')
    // The adjoint: ⟨im2col x, y⟩ = ⟨x, col2im y⟩.
    const inner = async (a: Tensor, b: Tensor): Promise<number> => await a.mul(b).sum().item()
    expect(await inner(columns, given)).toBeCloseTo(await inner(image, folded), 4)
  })

  test('times the weight is the convolution', async () => {
    configure({ backend })
    const layer = new Conv2d(3, 4, 3, { stride: 2, padding: 1, bias: false })
    const x = tensor(
      Float32Array.from({ length: 150 }, (_, i) => Math.sin(i)),
      { shape: [2, 3, 5, 5] },
    )
    const columns = im2col(x, { kernel: 3, stride: 2, padding: 1 })
    const product = layer.weight.reshape([4, 27]).matmul(columns).reshape([2, 4, 3, 3])
    const expected = layer.forward(x)
    expect(
      await difference(product, { shape: expected.shape, data: [...(await expected.data())] }, 1e-6, 1),
    ).toBe('none')
  })
})
