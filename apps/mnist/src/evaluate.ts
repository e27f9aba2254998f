import type { Dataset } from '@badak/datasets'
import { DataLoader } from '@badak/datasets'
import { type Sequential, softmaxCrossEntropy } from '@badak/layers'
import { evaluate as compute, noGrad } from '@badak/tensor'
import type { MnistBatch } from './data.ts'

/** What a network makes of a data set. */
export interface Evaluation {
  readonly loss: number
  readonly accuracy: number
  /** `[N, 10]` */
  readonly probabilities: Float32Array
  /** The likeliest digit of each image. */
  readonly predictions: Uint8Array
}

/** Puts every image through the network, without dropout and without gradients. */
export async function evaluate(model: Sequential, dataset: Dataset<MnistBatch>): Promise<Evaluation> {
  const probabilities = new Float32Array(dataset.length * 10)
  const predictions = new Uint8Array(dataset.length)
  let loss = 0
  let correct = 0
  let position = 0
  model.eval()
  for await (const { x, t } of new DataLoader(dataset, { batchSize: 500 })) {
    const parts = noGrad(() => {
      const scores = model.forward(x)
      const digits = scores.argmax({ axis: 1 })
      return [
        softmaxCrossEntropy(scores, t, { reduction: 'sum' }),
        scores.softmax({ axis: 1 }),
        digits,
        digits.equal(t).cast('int32').sum(),
      ] as const
    })
    await compute(...parts)
    loss += await parts[0].item()
    probabilities.set(await parts[1].data(), position * 10)
    predictions.set(await parts[2].data(), position)
    correct += await parts[3].item()
    position += t.size
  }
  model.train()
  return { loss: loss / dataset.length, accuracy: correct / dataset.length, probabilities, predictions }
}
