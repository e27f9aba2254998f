import { AdaGrad, Adam, type Optimizer, SGD } from '@badak/optimizers'
import { type Parameter, seed as setSeed } from '@badak/tensor'
import { lineChart, runningMean } from '@badak/viz'
import type { Experiment } from '../experiment.ts'
import { lastMean, learn } from '../learn.ts'
import { perceptron } from '../networks.ts'

const optimizers: Readonly<Record<string, (p: readonly Parameter[]) => Optimizer>> = {
  SGD: (p) => new SGD(p, { lr: 0.01 }),
  Momentum: (p) => new SGD(p, { lr: 0.01, momentum: 0.9 }),
  AdaGrad: (p) => new AdaGrad(p, { lr: 0.01 }),
  Adam: (p) => new Adam(p, { lr: 0.001 }),
}

/** Five layers, four optimizers, the same digits in the same order. */
export const optimizersOnMnist: Experiment = {
  name: 'optimizers-on-mnist',
  question: 'Which optimizer learns digits fastest?',
  async run({ digits, seed, quick }) {
    const { train } = await digits()
    const steps = quick ? 300 : 2000
    const losses: Record<string, readonly number[]> = {}
    for (const [name, create] of Object.entries(optimizers)) {
      setSeed(seed)
      const model = perceptron([100, 100, 100, 100])
      losses[name] = await learn(model, {
        data: train,
        optimizer: create(model.parameters()),
        steps,
        batchSize: 128,
        seed,
      })
    }
    const last = Object.entries(losses).map(([name, curve]) => [name, lastMean(curve, 100)] as const)
    const [sgd, ...others] = last.map(([, loss]) => loss)
    return {
      statement:
        `After ${steps.toLocaleString('en-US')} steps the mean loss of the last 100 is ` +
        `${last.map(([name, loss]) => `${loss.toFixed(3)} with ${name}`).join(', ')}.`,
      holds: others.every((loss) => loss < sgd!),
      charts: [
        lineChart(
          Object.entries(losses).map(([name, curve]) => ({ name, ...runningMean(curve) })),
          { xLabel: 'steps', yLabel: 'loss', yScale: 'log' },
        ),
      ],
    }
  },
}
