// Values and gradients of losses as PyTorch computes them.
import { configure, Parameter } from '@badak/tensor'
import {
  binaryCrossEntropyWithLogits,
  meanSquaredError,
  softmaxCrossEntropy,
  type LossOptions,
} from '@badak/layers'
import { describe, expect, test } from 'vitest'
import { backends } from './backends.ts'
import { difference, readCases, toTensor, type Recorded } from './fixture.ts'

const losses = { softmaxCrossEntropy, binaryCrossEntropyWithLogits, meanSquaredError }

interface Case {
  readonly name: keyof typeof losses
  readonly options: LossOptions
  readonly input: Recorded
  readonly target: Recorded & { readonly dtype: 'float32' | 'int32' }
  readonly upstream: Recorded
  readonly output: Recorded
  readonly inputGradient: Recorded
}

const cases = readCases<Case>(new URL('fixtures/losses.json', import.meta.url))

describe.each(backends)('%s', (backend) => {
  test.each(
    cases.map(
      (c, i) => [`${i} ${c.name} ${c.options.reduction} ${c.target.dtype} [${c.input.shape}]`, c] as const,
    ),
  )('%s', async (_, c) => {
    configure({ backend })
    const x = new Parameter(toTensor(c.input))
    const loss = losses[c.name](x, toTensor(c.target, c.target.dtype), c.options)
    loss.mul(toTensor(c.upstream)).sum().backward()
    expect(await difference(loss, c.output, 1e-6)).toBe('none')
    expect(await difference(x.grad!, c.inputGradient, 1e-6)).toBe('none')
  })
})
