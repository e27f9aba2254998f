import { Adam, type Optimizer, SGD } from '@badak/optimizers'
import { type Parameter, seed as setSeed } from '@badak/tensor'
import { type Chart, lineChart } from '@badak/viz'
import { first } from '../digits.ts'
import type { Experiment, Setting } from '../experiment.ts'
import { type AccuracyCurve, lastMean, learn, percent, watchAccuracy } from '../learn.ts'
import { perceptron } from '../networks.ts'

/** How 300 digits are learned, with and without something that keeps from learning them by heart. */
interface Recipe {
  readonly hidden: readonly number[]
  readonly optimizer: (parameters: readonly Parameter[], weightDecay: number) => Optimizer
  /** In full and in quick runs. */
  readonly epochs: readonly [number, number]
  readonly remedy: { readonly title: string; readonly weightDecay?: number; readonly dropout?: number }
}

/** Trains a network with far too many weights for 300 digits. */
async function overFit(
  { digits, seed, quick }: Setting,
  { hidden, optimizer, epochs: [full, short] }: Recipe,
  { weightDecay = 0, dropout = 0 } = {},
): Promise<AccuracyCurve> {
  const { train, test } = await digits()
  const data = first(train, 300)
  setSeed(seed)
  const model = perceptron(hidden, { dropout })
  const watch = watchAccuracy(data, first(test, quick ? 1000 : 5000))
  await learn(model, {
    data,
    optimizer: optimizer(model.parameters(), weightDecay),
    steps: 3 * (quick ? short : full),
    seed,
    callbacks: [watch],
  })
  return watch.curve
}

/** Accuracy on what is learned and on what is not, at the end. */
function gapOf({ train, test }: AccuracyCurve): {
  readonly train: number
  readonly test: number
  readonly gap: number
} {
  const ends = { train: lastMean(train, 10), test: lastMean(test, 10) }
  return { ...ends, gap: ends.train - ends.test }
}

function curves(title: string, { epochs, train, test }: AccuracyCurve): Chart {
  return lineChart(
    [
      { name: 'training', x: epochs, y: train },
      { name: 'test', x: epochs, y: test },
    ],
    { title, xLabel: 'epoch', yLabel: 'accuracy', yDomain: [0, 1] },
  )
}

/** Two trainings that differ in one thing, and how far both are from what they do on digits they know. */
function comparison(name: string, question: string, recipe: Recipe): Experiment {
  return {
    name,
    question,
    async run(setting) {
      const { title } = recipe.remedy
      const [plain, treated] = [await overFit(setting, recipe), await overFit(setting, recipe, recipe.remedy)]
      const [before, after] = [gapOf(plain), gapOf(treated)]
      const told = (end: ReturnType<typeof gapOf>): string => `${percent(end.train)} and ${percent(end.test)}`
      return {
        statement:
          `On 300 digits, accuracy in training and on the test images ends at ${told(before)} without, and at ` +
          `${told(after)} with ${title}: the gap shrinks from ${percent(before.gap)} to ${percent(after.gap)}.`,
        holds: before.train > 0.98 && after.gap < before.gap,
        charts: [curves(`without ${title}`, plain), curves(`with ${title}`, treated)],
      }
    },
  }
}

export const weightDecay = comparison(
  'weight-decay',
  'Does weight decay keep a network from learning by heart?',
  {
    hidden: [100, 100, 100, 100, 100, 100],
    optimizer: (parameters, decay) => new SGD(parameters, { lr: 0.01, weightDecay: decay }),
    epochs: [200, 120],
    remedy: { title: 'weight decay 0.1', weightDecay: 0.1 },
  },
)

export const dropout = comparison('dropout', 'Does dropout keep a network from learning by heart?', {
  hidden: [512, 512],
  optimizer: (parameters) => new Adam(parameters, { lr: 1e-3 }),
  epochs: [100, 30],
  remedy: { title: 'dropout 0.5', dropout: 0.5 },
})
