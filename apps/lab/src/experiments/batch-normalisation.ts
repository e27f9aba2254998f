import { normal } from '@badak/initializers'
import { SGD } from '@badak/optimizers'
import { seed as setSeed } from '@badak/tensor'
import { lineChart } from '@badak/viz'
import { first } from '../digits.ts'
import type { Experiment, Setting } from '../experiment.ts'
import { accuracyOf, learn } from '../learn.ts'
import { perceptron } from '../networks.ts'

/** Accuracy on 1,000 digits after training on them, from weights of deviation `std`. */
async function accuracyAfter(
  std: number,
  batchNorm: boolean,
  { digits, seed, quick }: Setting,
): Promise<number> {
  const data = first((await digits()).train, 1000)
  setSeed(seed)
  const init = (shape: readonly number[]) => normal(shape, { std })
  const model = perceptron([100, 100, 100, 100, 100], { init, batchNorm })
  const optimizer = new SGD(model.parameters(), { lr: 0.01 })
  await learn(model, { data, optimizer, steps: quick ? 60 : 200, seed }).catch(ignoreDivergence)
  return accuracyOf(model, data)
}

/** Batch normalisation on and off, over initial weights from large to tiny. */
export const batchNormalisation: Experiment = {
  name: 'batch-normalisation',
  question: 'Does batch normalisation make initial weights matter less?',
  async run(setting) {
    const count = setting.quick ? 5 : 16
    const scales = Array.from({ length: count }, (_, i) => 10 ** ((-4 * i) / (count - 1)))
    const [without, within]: [number[], number[]] = [[], []]
    for (const std of scales) {
      without.push(await accuracyAfter(std, false, setting))
      within.push(await accuracyAfter(std, true, setting))
    }
    const better = scales.filter((_, i) => within[i]! > without[i]!).length
    const learned = (accuracies: readonly number[]): number => accuracies.filter((each) => each > 0.5).length
    return {
      statement:
        `Of ${count} initial deviations from 1 to 0.0001, ${learned(within)} lead to an accuracy above one half with ` +
        `batch normalisation and ${learned(without)} without; it is ahead in ${better}.`,
      holds: better >= 0.7 * count && learned(within) > 2 * learned(without),
      charts: [
        lineChart(
          [
            { name: 'with', x: scales, y: within, points: true },
            { name: 'without', x: scales, y: without, points: true },
          ],
          {
            xLabel: 'standard deviation of the initial weights',
            xScale: 'log',
            yLabel: 'accuracy',
            yDomain: [0, 1],
          },
        ),
      ],
    }
  },
}

/** Weights of deviation 1 may make the loss infinite: what the network can do then is what is asked. */
function ignoreDivergence(error: unknown): void {
  if (!(error instanceof Error && error.name === 'NumericError')) throw error
}
