import type { Module } from '@badak/layers'
import { evaluate, isTensor, noGrad, type Tensor } from '@badak/tensor'
import { type Forward, forwardBatch } from './batch.ts'
import { type Metrics, numbersOf, readMeasurement } from './metrics/metric.ts'

/** What is measured on data that is not trained on. */
export interface ValidateOptions<B> {
  /** The loss of a batch, a scalar. */
  loss?: (output: Tensor, target: Tensor) => Tensor
  /** They are reset before, and hold their values afterwards. */
  metrics?: Metrics
  /** Default: `model.forward(x)` against `t`. */
  forward?: Forward<B>
}

/**
 * Runs a model in evaluation mode over data, without gradients.
 *
 * @returns the loss, averaged over examples, and every metric that is a number, by name
 * @example
 * ```ts
 * await validate(model, new DataLoader(test, { batchSize: 500 }), {
 *   loss: softmaxCrossEntropy,
 *   metrics: { accuracy: new Accuracy() },
 * })
 * // { loss: 0.07, accuracy: 0.98 }
 * ```
 */
export async function validate<B>(
  model: Module,
  data: AsyncIterable<B>,
  { loss, metrics = {}, forward = forwardBatch }: ValidateOptions<B> = {},
): Promise<Record<string, number>> {
  const all = Object.values(metrics)
  for (const metric of all) metric.reset()
  const modes = model.modules().map((module) => [module, module.training] as const)
  model.eval()
  let [lossSum, examples] = [0, 0]
  try {
    for await (const batch of data) {
      const { measured, lost, size } = noGrad(() => {
        const { output, target } = forward(model, batch)
        const measurements = all.map((metric) => metric.measure(output, target))
        return { measured: measurements, lost: loss?.(output, target), size: target.shape[0] ?? 1 }
      })
      await evaluate(...measured.flat().filter(isTensor), ...(lost ? [lost] : []))
      for (const [i, metric] of all.entries()) metric.add(await readMeasurement(measured[i]!))
      if (lost) lossSum += (await lost.item()) * size
      examples += size
    }
  } finally {
    for (const [module, training] of modes) module.training = training
  }
  return { ...(loss && { loss: lossSum / examples }), ...numbersOf(metrics) }
}
