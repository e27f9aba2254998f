import type { Dataset } from '@badak/datasets'
import {
  randomNormal,
  seed as setSeed,
  type Tensor,
  gather,
  grad,
  logSoftmax,
  relu,
  tensor,
} from '@badak/tensor'
import type { Batch } from '@badak/training'
import { lineChart } from '@badak/viz'
import type { Experiment, Outcome } from '../experiment.ts'

/** Numbers that are changed, one at a time, in each of the four arrays. */
const PROBES = 25
/** How far. The error of the difference is about h² and 10⁻¹⁶ / h. */
const H = 1e-5

type Weights = readonly [w1: Tensor, b1: Tensor, w2: Tensor, b2: Tensor]

/** The loss of a network 784-50-10, in double precision. */
function lossOf(x: Tensor, t: Tensor, [w1, b1, w2, b2]: Weights): Tensor {
  const scores = relu(x.matmul(w1).add(b1)).matmul(w2).add(b2)
  return gather(logSoftmax(scores, { axis: 1 }), t.unsqueeze(1), { axis: 1 })
    .mean()
    .neg()
}

/** Back-propagation against differences. */
export const gradientCheck: Experiment = {
  name: 'gradient-check',
  question: 'Is back-propagation right?',
  // Differences need double precision.
  backend: 'reference',
  async run({ digits, seed }) {
    const { train } = await digits()
    return check(train, seed)
  },
}

async function check(train: Dataset<Batch>, seed: number): Promise<Outcome> {
  const batch = await train.gatherBatch(Int32Array.from([0, 1, 2]))
  const [x, t] = [batch.x.reshape([3, 784]).cast('float64'), batch.t]
  setSeed(seed)
  const shapes = [[784, 50], [50], [50, 10], [10]]
  const weights = shapes.map((shape) =>
    randomNormal(shape, { std: 0.1, dtype: 'float64' }),
  ) as unknown as Weights
  const everyOne = grad((...w: readonly Tensor[]) => lossOf(x, t, w as unknown as Weights), {
    argnums: [0, 1, 2, 3],
  })
  const gradients = everyOne(...weights)
  const pairs: { readonly analytic: number; readonly numeric: number }[] = []
  for (const [i, weight] of weights.entries()) {
    const [values, analytic] = [await weight.data(), await gradients[i]!.data()]
    const stride = Math.max(1, Math.floor(values.length / PROBES))
    for (let at = 0; at < values.length; at += stride) {
      const shifted = async (by: number): Promise<number> => {
        const changed = Float64Array.from(values)
        changed[at]! += by
        const others = weights.map((each, j) => (j === i ? tensor(changed, { shape: each.shape }) : each))
        return lossOf(x, t, others as unknown as Weights).item()
      }
      pairs.push({ analytic: analytic[at]!, numeric: ((await shifted(H)) - (await shifted(-H))) / (2 * H) })
    }
  }
  const errors = pairs.map(({ analytic, numeric }) => Math.abs(analytic - numeric))
  const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length
  const sorted = pairs.toSorted((a, b) => a.analytic - b.analytic)
  const order = sorted.map((_, rank) => rank)
  return {
    statement:
      `Over ${pairs.length} weights and biases, the gradient by back-propagation and the difference quotient are ` +
      `${mean.toExponential(1)} apart in the mean, ${Math.max(...errors).toExponential(1)} at most.`,
    holds: mean < 1e-9 && Math.max(...errors) < 1e-8,
    charts: [
      lineChart(
        [
          { name: 'back-propagation', x: order, y: sorted.map(({ analytic }) => analytic) },
          {
            name: 'differences',
            x: order,
            y: sorted.map(({ numeric }) => numeric),
            points: true,
            faint: true,
          },
        ],
        { xLabel: 'weights, by their gradient', yLabel: 'gradient' },
      ),
    ],
  }
}
