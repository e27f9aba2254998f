// Outputs, weights and gradients of attention and of Transformers as PyTorch computes them.
import { configure, type Tensor } from '@badak/tensor'
import * as layers from '@badak/layers'
import { describe, expect, test } from 'vitest'
import { backends } from './backends.ts'
import { readCases, toTensor, type Recorded } from './fixture.ts'
import { differences, type RecordedCase } from './recorded-case.ts'

interface Case extends RecordedCase {
  readonly name: keyof typeof make
  readonly arguments: readonly [features: number, heads: number]
  readonly options: object
  /** Options of the call, masks among them. */
  readonly call: Readonly<Record<string, boolean | number | (Recorded & { readonly dtype: string })>>
}

type Made = layers.Module & { forward(...inputs: unknown[]): Tensor | Tensor[] }

class ScaledDotProductAttention extends layers.Module {
  forward(query: Tensor, key: Tensor, value: Tensor, options: object): Tensor {
    return layers.scaledDotProductAttention(query, key, value, options)
  }
}

const { TransformerEncoderLayer, TransformerDecoderLayer } = layers
const make = {
  ScaledDotProductAttention: () => new ScaledDotProductAttention(),
  MultiheadAttention: (c: Case) => new layers.MultiheadAttention(...c.arguments, c.options),
  TransformerEncoderLayer: (c: Case) => new TransformerEncoderLayer(...c.arguments, c.options),
  TransformerDecoderLayer: (c: Case) => new TransformerDecoderLayer(...c.arguments, c.options),
  TransformerEncoder(c: Case) {
    const list = [1, 2].map(() => new TransformerEncoderLayer(...c.arguments, c.options))
    return new layers.TransformerEncoder(list, { norm: new layers.LayerNorm(c.arguments[0]) })
  },
  TransformerDecoder(c: Case) {
    return new layers.TransformerDecoder(
      [1, 2].map(() => new TransformerDecoderLayer(...c.arguments, c.options)),
    )
  },
}

/** How many tensors come before the options. */
const arity = {
  ScaledDotProductAttention: 3,
  MultiheadAttention: 3,
  TransformerEncoderLayer: 1,
  TransformerDecoderLayer: 2,
  TransformerEncoder: 1,
  TransformerDecoder: 2,
}

const cases = readCases<Case>(new URL('fixtures/attention.json', import.meta.url))

test('every attention layer is recorded', () => {
  expect(new Set(cases.map(({ name }) => name))).toEqual(new Set(Object.keys(make)))
})

const described = cases.map((c, i) => {
  const options = JSON.stringify({ ...c.options, dropout: undefined })
  return [`${i} ${c.name} ${options} ${Object.keys(c.call).join(' ')}`, c] as const
})

describe.each(backends)('%s', (backend) => {
  test.each(described)('%s', async (_, c) => {
    configure({ backend })
    const layer = make[c.name](c) as unknown as Made
    const call = Object.fromEntries(Object.entries(c.call).map(([key, option]) => [key, toOption(option)]))
    const attend = (inputs: Readonly<Record<string, Tensor>>): readonly Tensor[] => {
      // Keys and values that are not given have defaults; options come behind them.
      const given = Object.values(inputs)
      const result = layer.forward(...Array.from({ length: arity[c.name] }, (_, k) => given[k]), call)
      return Array.isArray(result) ? result : [result]
    }
    // Behind a softmax and three norms float32 is up to 1.5·10⁻⁶ off.
    expect(await differences(layer, c, attend, 0.2)).toEqual([])
  })
})

function toOption(option: Case['call'][string]): unknown {
  if (typeof option !== 'object') return option
  return option.dtype === 'bool' ? toTensor(option).cast('bool') : toTensor(option)
}
