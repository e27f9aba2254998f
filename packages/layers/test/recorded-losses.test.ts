// Values and gradients of losses and distances as PyTorch computes them, as functions and as modules.
import { configure, logSoftmax, Parameter, type Tensor } from '@badak/tensor'
import * as layers from '@badak/layers'
import { describe, expect, test } from 'vitest'
import { backends } from './backends.ts'
import { difference, readCases, toTensor, type Recorded } from './fixture.ts'

type Typed = Recorded & { readonly dtype: 'float32' | 'int32' }

type Plain = number | boolean | string | null
type Option = Typed | Plain

interface Case {
  readonly name: keyof typeof losses
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

/** For losses that PyTorch has not. */
const classOf = (loss: (x: Tensor, target: Tensor, options: object) => Tensor): unknown =>
  class extends layers.Loss<[Tensor, Tensor], object> {
    constructor(options: object) {
      super(loss, options)
    }
  }

/** Recorded of logits. */
class CTCOfLogits extends layers.CTCLoss {
  override forward(logits: Tensor, ...rest: [Tensor, layers.Lengths, layers.Lengths]): Tensor {
    return super.forward(logSoftmax(logits), ...rest)
  }
}

const ctcOfLogits = (logits: Tensor, ...rest: [Tensor, Tensor, Tensor, object]): Tensor =>
  layers.ctcLoss(logSoftmax(logits), ...rest)

/** Functions and the modules that are made of them. */
const losses = {
  softmaxCrossEntropy: [layers.softmaxCrossEntropy, layers.CrossEntropyLoss],
  negativeLogLikelihood: [layers.negativeLogLikelihood, layers.NLLLoss],
  multiMarginLoss: [layers.multiMarginLoss, layers.MultiMarginLoss],
  binaryCrossEntropyWithLogits: [layers.binaryCrossEntropyWithLogits, layers.BCEWithLogitsLoss],
  binaryCrossEntropy: [layers.binaryCrossEntropy, layers.BCELoss],
  focalLoss: [layers.focalLoss, classOf(layers.focalLoss)],
  diceLoss: [layers.diceLoss, classOf(layers.diceLoss)],
  hingeLoss: [layers.hingeLoss, classOf(layers.hingeLoss)],
  meanSquaredError: [layers.meanSquaredError, layers.MSELoss],
  meanAbsoluteError: [layers.meanAbsoluteError, layers.L1Loss],
  smoothL1Loss: [layers.smoothL1Loss, layers.SmoothL1Loss],
  huberLoss: [layers.huberLoss, layers.HuberLoss],
  poissonNLLLoss: [layers.poissonNLLLoss, layers.PoissonNLLLoss],
  gaussianNLLLoss: [layers.gaussianNLLLoss, layers.GaussianNLLLoss],
  klDivergence: [layers.klDivergence, layers.KLDivLoss],
  tripletMarginLoss: [layers.tripletMarginLoss, layers.TripletMarginLoss],
  cosineEmbeddingLoss: [layers.cosineEmbeddingLoss, layers.CosineEmbeddingLoss],
  hingeEmbeddingLoss: [layers.hingeEmbeddingLoss, layers.HingeEmbeddingLoss],
  marginRankingLoss: [layers.marginRankingLoss, layers.MarginRankingLoss],
  ctcLoss: [ctcOfLogits, CTCOfLogits],
  pairwiseDistance: [layers.pairwiseDistance, layers.PairwiseDistance],
  cosineSimilarity: [layers.cosineSimilarity, layers.CosineSimilarity],
}

const cases = readCases<Case>(new URL('fixtures/losses.json', import.meta.url)).flatMap((c, i) =>
  c.results.map((result) => {
    const names = Object.keys(c.options).join(' ')
    return [`${i} ${c.name} ${result.reduction ?? ''} ${names} [${c.inputs[0]!.shape}]`, c, result] as const
  }),
)

test('every loss is recorded', () => {
  expect(new Set(cases.map(([, { name }]) => name))).toEqual(new Set(Object.keys(losses)))
})

describe.each(backends)('%s', (backend) => {
  test.each(cases)('%s', async (_, { name, ...c }, result) => {
    configure({ backend })
    const options: Options = { ...(result.reduction && { reduction: result.reduction }) }
    for (const [key, option] of Object.entries(c.options)) options[key] = toOption(option)
    const inputs = c.inputs.map((input, i) => {
      const value = toTensor(input, input.dtype)
      return i < result.gradients.length ? new Parameter(value) : value
    })

    const [lossOf, Made] = losses[name] as unknown as [Function, new (options: Options) => Module]
    const loss = lossOf(...inputs, options)
    const { output } = result
    loss
      .mul(toTensor({ shape: output.shape, data: result.upstream }))
      .sum()
      .backward()
    expect(await difference(loss, output, 1e-5)).toBe('none')
    for (const [i, data] of result.gradients.entries()) {
      const expected = { shape: c.inputs[i]!.shape, data }
      expect(await difference((inputs[i] as Parameter).grad!, expected, 1e-5)).toBe('none')
    }

    expect(await difference(new Made(options).forward(...inputs), output, 1e-5)).toBe('none')
  })
})

/** Infinities are texts in JSON. */
function toOption(option: Option): Plain | Tensor {
  if (option === 'Infinity') return Infinity
  return typeof option === 'object' && option !== null ? toTensor(option, option.dtype) : option
}
