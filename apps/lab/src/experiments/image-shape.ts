import { Conv2d, MaxPool2d } from '@badak/cnn'
import type { Dataset } from '@badak/datasets'
import { heNormal as init } from '@badak/initializers'
import { Flatten, Linear, ReLU, Sequential } from '@badak/layers'
import { Adam } from '@badak/optimizers'
import { Generator, seed as setSeed, take, tensor, type Tensor } from '@badak/tensor'
import type { Batch } from '@badak/training'
import { imageGrid } from '@badak/viz'
import { first } from '../digits.ts'
import type { Experiment } from '../experiment.ts'
import { accuracyOf, learn, percent } from '../learn.ts'
import { perceptron } from '../networks.ts'

/** The pixels of every image in another order, the same for all. */
function scrambled(data: Dataset<Batch>, order: Tensor): Dataset<Batch> {
  return {
    length: data.length,
    async gatherBatch(indices) {
      const { x, t } = await data.gatherBatch(indices)
      return { x: take(x.reshape([-1, 784]), order, { axis: 1 }).reshape(x.shape), t }
    },
  }
}

const networks = {
  'dense layers': () => perceptron([100]),
  convolution: () =>
    new Sequential(
      new Conv2d(1, 16, 5, { init }),
      new ReLU(),
      new MaxPool2d(2),
      new Flatten(),
      new Linear(16 * 12 * 12, 10, { init }),
    ),
}

/** What is lost when an image is a row of numbers. */
export const imageShape: Experiment = {
  name: 'image-shape',
  question: 'What does a dense layer miss of an image?',
  async run({ digits, seed, quick }) {
    const { train, test } = await digits()
    const order = tensor(new Generator(seed).permutation(784))
    const [some, judged] = [first(train, quick ? 2000 : 10_000), first(test, quick ? 2000 : 10_000)]
    const accuracies: Record<string, [plain: number, scrambled: number]> = {}
    for (const [name, create] of Object.entries(networks)) {
      const results: number[] = []
      for (const change of [
        (data: Dataset<Batch>) => data,
        (data: Dataset<Batch>) => scrambled(data, order),
      ]) {
        setSeed(seed)
        const model = create()
        const optimizer = new Adam(model.parameters(), { lr: 1e-3 })
        await learn(model, { data: change(some), optimizer, steps: quick ? 200 : 1000, seed })
        results.push(await accuracyOf(model, change(judged)))
      }
      accuracies[name] = results as [number, number]
    }
    const [dense, convolution] = [accuracies['dense layers']!, accuracies['convolution']!]
    const ten = Int32Array.from({ length: 10 }, (_, i) => i)
    const shown = [await judged.gatherBatch(ten), await scrambled(judged, order).gatherBatch(ten)]
    return {
      statement:
        `With all pixels in another order, dense layers get ${percent(dense[1])} instead of ${percent(dense[0])}, ` +
        `a convolution ${percent(convolution[1])} instead of ${percent(convolution[0])}: only it had seen the shape.`,
      holds:
        Math.abs(dense[0] - dense[1]) < 0.015 &&
        convolution[0] - convolution[1] > 0.015 &&
        convolution[0] > dense[0],
      charts: await Promise.all(shown.map(({ x }) => imageGrid(x, { columns: 10, range: [1, 0] }))),
    }
  },
}
