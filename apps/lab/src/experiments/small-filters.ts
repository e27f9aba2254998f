import { Conv2d, MaxPool2d } from '@badak/cnn'
import { heNormal as init } from '@badak/initializers'
import { Flatten, Linear, ReLU, Sequential } from '@badak/layers'
import { Adam } from '@badak/optimizers'
import { seed as setSeed } from '@badak/tensor'
import { lineChart, runningMean } from '@badak/viz'
import { first } from '../digits.ts'
import type { Experiment } from '../experiment.ts'
import { accuracyOf, learn, percent } from '../learn.ts'

const C = 16

/** The same 5×5 pixels for each output, seen at once or in two steps. */
const stages = {
  'one 5×5': () => [new Conv2d(C, C, 5, { padding: 2, bias: false, init }), new ReLU()],
  'two 3×3': () => [
    new Conv2d(C, C, 3, { padding: 1, bias: false, init }),
    new ReLU(),
    new Conv2d(C, C, 3, { padding: 1, bias: false, init }),
    new ReLU(),
  ],
}

/** Why deep networks have small filters. */
export const smallFilters: Experiment = {
  name: 'small-filters',
  question: 'Why two 3×3 filters rather than one of 5×5?',
  async run({ digits, seed, quick }) {
    const { train, test } = await digits()
    const [some, judged] = [first(train, quick ? 2000 : 20_000), first(test, quick ? 2000 : 10_000)]
    const results: { name: string; parameters: number; accuracy: number; losses: readonly number[] }[] = []
    for (const [name, stage] of Object.entries(stages)) {
      setSeed(seed)
      const middle = new Sequential(...(stage() as ConstructorParameters<typeof Sequential>))
      const model = new Sequential(
        new Conv2d(1, C, 3, { padding: 1, init }),
        new ReLU(),
        new MaxPool2d(2),
        middle,
        new MaxPool2d(2),
        new Flatten(),
        new Linear(C * 7 * 7, 10, { init }),
      )
      const optimizer = new Adam(model.parameters(), { lr: 2e-3 })
      const losses = await learn(model, { data: some, optimizer, steps: quick ? 150 : 600, seed })
      const parameters = middle.parameters().reduce((sum, { size }) => sum + size, 0)
      results.push({ name, parameters, losses, accuracy: await accuracyOf(model, judged) })
    }
    const [one, two] = results as [(typeof results)[0], (typeof results)[0]]
    return {
      statement:
        `Both see 5×5 pixels: ${one.name} has ${one.parameters.toLocaleString('en-US')} weights and gets ` +
        `${percent(one.accuracy)}; ${two.name} have ${two.parameters.toLocaleString('en-US')}, ` +
        `${percent(two.parameters / one.parameters)} of them, and get ${percent(two.accuracy)}.`,
      holds:
        two.parameters === 18 * C * C && one.parameters === 25 * C * C && two.accuracy > one.accuracy - 0.01,
      charts: [
        lineChart(
          results.map(({ name, losses }) => ({ name, ...runningMean(losses) })),
          { xLabel: 'steps', yLabel: 'loss', yScale: 'log' },
        ),
      ],
    }
  },
}
