// Values and gradients of losses and distances as PyTorch computes them, as functions and as modules.
import { configure, Parameter, type Tensor } from '@badak/tensor'
import * as layers from '@badak/layers'
import { describe, expect, test } from 'vitest'
import { backends } from './backends.ts'
import { difference, readCases, toTensor, type Recorded } from './fixture.ts'

type Typed = Recorded & { readonly dtype: 'float32' | 'int32' }

type Plain = number | boolean | string | null
type Option = Typed | Plain

interface Case {
  readonly name: keyof typeof modules
  readonly options: Readonly<Record<string, Option>>
  readonly inputs: readonly Typed[]
  readonly results: readonly Result[]
}

interface Result {
  readonly reduction?: string
  readonly upstream: Recorded['data']
  readonly output: Recorded
  readonly gradients: readonly Recorded['data'][]
}

type Options = Record<string, Tensor | Plain>
type Module = { forward(...inputs: Tensor[]): Tensor }
type Function = (...inputs: [...Tensor[], Options]) => Tensor

/** Functions and the modules that are made of them. */
const modules = {
  softmaxCrossEntropy: layers.CrossEntropyLoss,
  negativeLogLikelihood: layers.NLLLoss,
  multiMarginLoss: layers.MultiMarginLoss,
  binaryCrossEntropyWithLogits: layers.BCEWithLogitsLoss,
  binaryCrossEntropy: layers.BCELoss,
  focalLoss: undefined,
  diceLoss: undefined,
  hingeLoss: undefined,
  meanSquaredError: layers.MSELoss,
  meanAbsoluteError: layers.L1Loss,
  smoothL1Loss: layers.SmoothL1Loss,
  huberLoss: layers.HuberLoss,
  poissonNLLLoss: layers.PoissonNLLLoss,
  gaussianNLLLoss: layers.GaussianNLLLoss,
  klDivergence: layers.KLDivLoss,
  tripletMarginLoss: layers.TripletMarginLoss,
  cosineEmbeddingLoss: layers.CosineEmbeddingLoss,
  hingeEmbeddingLoss: layers.HingeEmbeddingLoss,
  marginRankingLoss: layers.MarginRankingLoss,
  pairwiseDistance: layers.PairwiseDistance,
  cosineSimilarity: layers.CosineSimilarity,
}

const cases = readCases<Case>(new URL('fixtures/losses.json', import.meta.url)).flatMap((c, i) =>
  c.results.map((result) => {
    const names = Object.keys(c.options).join(' ')
    return [`${i} ${c.name} ${result.reduction ?? ''} ${names} [${c.inputs[0]!.shape}]`, c, result] as const
  }),
)

test('every loss is recorded', () => {
  expect(new Set(cases.map(([, { name }]) => name))).toEqual(new Set(Object.keys(modules)))
})

/** Below it the error is absolute, 10⁻⁶. */
const FLOOR = 0.1

describe.each(backends)('%s', (backend) => {
  test.each(cases)('%s', async (_, { name, ...c }, result) => {
    configure({ backend })
    const options: Options = { ...(result.reduction && { reduction: result.reduction }) }
    for (const [key, option] of Object.entries(c.options)) options[key] = toOption(option)
    const inputs = c.inputs.map((input, i) => {
      const value = toTensor(input, input.dtype)
      return i < result.gradients.length ? new Parameter(value) : value
    })

    const loss = (layers[name] as unknown as Function)(...inputs, options)
    const { output } = result
    loss
      .mul(toTensor({ shape: output.shape, data: result.upstream }))
      .sum()
      .backward()
    expect(await difference(loss, output, 1e-5, FLOOR)).toBe('none')
    for (const [i, data] of result.gradients.entries()) {
      const expected = { shape: c.inputs[i]!.shape, data }
      expect(await difference((inputs[i] as Parameter).grad!, expected, 1e-5, FLOOR)).toBe('none')
    }

    const Made = (modules[name] ?? layers.Loss.bind(undefined, layers[name] as never)) as new (
      o: Options,
    ) => Module
    expect(await difference(new Made(options).forward(...inputs), output, 1e-5, FLOOR)).toBe('none')
  })
})

/** Infinities are texts in JSON. */
function toOption(option: Option): Plain | Tensor {
  if (option === 'Infinity') return Infinity
  return typeof option === 'object' && option !== null ? toTensor(option, option.dtype) : option
}
