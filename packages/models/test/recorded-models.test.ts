// Logits, running statistics and gradients as torchvision has them.
import { commit, configure, isTensor, keep, shutdown, tensor, type Tensor } from '@badak/tensor'
import { createModel, googLeNetLoss, type ImageClassifier } from '@badak/models'
import { afterAll, expect, test } from 'vitest'
import { fill, images, uniform } from './filling.ts'
import { recorded, type Case, type Summary } from './recorded-case.ts'

afterAll(shutdown)

/** The largest difference, as a part of the root mean square of what was recorded. */
async function difference(actual: Tensor, expected: readonly number[]): Promise<number> {
  const values = await actual.data()
  expect(values).toHaveLength(expected.length)
  const scale = Math.hypot(...expected) / Math.sqrt(expected.length)
  return Math.max(...expected.map((value, i) => Math.abs(values[i]! - value))) / scale
}

/** The same for a summary, as a part of the norm. */
async function summaryDifference(actual: Tensor, { name, norm, sums }: Summary): Promise<number> {
  const values = Float64Array.from(await actual.data())
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0))
  const signed = sums.map((_, k) => {
    const signs = uniform(`${name} ${k}`, values.length, (u) => (u < 0.5 ? -1 : 1))
    return signs.reduce((sum, sign, i) => sum + sign * values[i]!, 0)
  })
  return Math.max(...[length - norm, ...sums.map((sum, k) => sum - signed[k]!)].map(Math.abs)) / norm
}

/** Memory of WebAssembly is let go at once, not when JavaScript's garbage is collected. */
function release(model: ImageClassifier): void {
  for (const parameter of model.parameters()) parameter.grad?.dispose()
  for (const state of Object.values(model.stateDict())) state.dispose()
}

const withoutChance = { dropout: 0, dropoutAux: 0, stochasticDepthProb: 0 }

/** As it was recorded: for 10 classes, without dropout. */
function modelOf({ name, options, damped, calm }: Case): ImageClassifier {
  return fill(createModel(name, { numClasses: 10, ...withoutChance, ...options }), damped, calm)
}

test.each(recorded)('%s', { timeout: 60_000 }, async (_, c) => {
  configure({ backend: 'wasm', convolutionAlgorithm: 'winograd' })
  const model = modelOf(c)
  const x = images(c.images, c.seed)
  const evaluated = model.eval().forward(x)
  expect(isTensor(evaluated) && (await difference(evaluated, c.evaluated))).toBeLessThan(1e-4)
  // Winograd's error of 1e-5 decides ReLUs whose input is near 0: a fraction f of them moves a gradient by about √f.
  if (c.gradients) configure({ convolutionAlgorithm: 'direct' })
  const outputs = model.train().forward(x)
  const logits = isTensor(outputs) ? [outputs] : [outputs.logits, ...outputs.auxiliary]
  logits.forEach(keep)
  if (c.gradients) googLeNetLoss(outputs, tensor([3, 7], { dtype: 'int32' })).backward()
  await commit()
  for (const [i, recordedLogits] of c.trained.entries())
    expect(await difference(logits[i]!, recordedLogits)).toBeLessThan(1e-4)
  const states = model.stateDict()
  for (const summary of c.running)
    expect(await summaryDifference(states[summary.name]!, summary)).toBeLessThan(1e-4)
  const parameters = new Map(model.namedParameters())
  for (const summary of c.gradients ?? []) {
    const { grad } = parameters.get(summary.name)!
    expect(await summaryDifference(grad!, summary)).toBeLessThan(1e-4)
  }
  release(model)
})
