import { heNormal, type Initializer, normal, xavierNormal } from '@badak/initializers'
import { SGD } from '@badak/optimizers'
import { seed as setSeed } from '@badak/tensor'
import { lineChart, runningMean } from '@badak/viz'
import type { Experiment } from '../experiment.ts'
import { lastMean, learn } from '../learn.ts'
import { perceptron } from '../networks.ts'

const initializers: Readonly<Record<string, Initializer>> = {
  'σ = 0.01': (shape, options) => normal(shape, { std: 0.01, ...options }),
  Xavier: xavierNormal,
  He: heNormal,
}

/** Five layers of ReLU with three kinds of initial weights. */
export const initialValues: Experiment = {
  name: 'initial-values',
  question: 'Do initial weights decide whether a deep network learns?',
  async run({ digits, seed, quick }) {
    const { train } = await digits()
    const steps = quick ? 300 : 2000
    const losses: Record<string, readonly number[]> = {}
    for (const [name, init] of Object.entries(initializers)) {
      setSeed(seed)
      const model = perceptron([100, 100, 100, 100], { init })
      const optimizer = new SGD(model.parameters(), { lr: 0.01 })
      losses[name] = await learn(model, { data: train, optimizer, steps, batchSize: 128, seed })
    }
    const last = Object.entries(losses).map(([name, curve]) => [name, lastMean(curve, 50)] as const)
    const [small, xavier, he] = last.map(([, loss]) => loss) as [number, number, number]
    return {
      statement:
        `After ${steps.toLocaleString('en-US')} steps the loss is ` +
        `${last.map(([name, loss]) => `${loss.toFixed(3)} with ${name}`).join(', ')}; guessing is ${Math.log(10).toFixed(3)}.`,
      holds: Math.abs(small - Math.log(10)) < 0.02 && he < xavier && xavier < (quick ? 2 : 0.6),
      charts: [
        lineChart(
          Object.entries(losses).map(([name, curve]) => ({ name, ...runningMean(curve) })),
          { xLabel: 'steps', yLabel: 'loss' },
        ),
      ],
    }
  },
}
