import { subset } from '@badak/datasets'
import { SGD } from '@badak/optimizers'
import { seed as setSeed } from '@badak/tensor'
import { logUniform, search } from '@badak/training'
import { importanceChart, parallelCoordinates } from '@badak/viz'
import type { Experiment } from '../experiment.ts'
import { accuracyOf, learn, percent } from '../learn.ts'
import { perceptron } from '../networks.ts'

const space = { lr: logUniform(1e-6, 1e-2), weightDecay: logUniform(1e-8, 1e-4) }

/** Learning rate and weight decay by random search, on validation data. */
export const hyperParameters: Experiment = {
  name: 'hyper-parameters',
  question: 'Which learning rate, and which weight decay?',
  async run({ digits, seed, quick }) {
    const { train } = await digits()
    // A fifth of what there is to learn from is held back; the test images are not touched.
    const data = subset(train, Array(400).keys())
    const validation = subset(
      train,
      Array.from({ length: 100 }, (_, i) => 400 + i),
    )
    const study = await search({
      space,
      direction: 'maximize',
      trials: quick ? 16 : 100,
      seed,
      objective: async ({ lr, weightDecay }) => {
        setSeed(seed)
        const model = perceptron([100, 100, 100, 100, 100, 100])
        const optimizer = new SGD(model.parameters(), { lr, weightDecay })
        await learn(model, { data, optimizer, steps: quick ? 100 : 200, seed })
        return accuracyOf(model, validation)
      },
    })
    const { ranking, best, importance } = study
    const few = quick ? 2 : 5
    const rates = ranking.slice(0, few).map(({ parameters }) => Number(parameters['lr']))
    const median = ranking[Math.floor(ranking.length / 2)]!.value!
    return {
      statement:
        `The best of ${ranking.length} trials gets ${percent(best!.value!)} of the validation images, the one in the middle ` +
        `${percent(median)}. The ${few} best learning rates lie between ${Math.min(...rates).toExponential(1)} and ` +
        `${Math.max(...rates).toExponential(1)}; the rate explains ${percent(importance['lr']!)} of the spread, ` +
        `weight decay ${percent(importance['weightDecay']!)}.`,
      holds: Math.min(...rates) > 1e-3 && best!.value! > median + 0.1 && importance['lr']! > 0.5,
      charts: [parallelCoordinates(study), importanceChart(study)],
    }
  },
}
