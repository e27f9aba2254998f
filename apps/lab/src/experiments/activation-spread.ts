import {
  randomNormal,
  relu,
  seed as setSeed,
  sigmoid,
  tanh,
  type Tensor,
  type TypedArray,
} from '@badak/tensor'
import { histogramOf } from '@badak/training'
import { type Chart, histograms } from '@badak/viz'
import type { Experiment } from '../experiment.ts'

const LAYERS = 5
const NODES = 100

const activations = { sigmoid, tanh, relu }
/** Standard deviations of the weights, for n inputs: 1/√n is Xavier's, √(2/n) He's. */
const deviations = {
  'σ = 1': 1,
  'σ = 0.01': 0.01,
  'Xavier 1/√n': 1 / Math.sqrt(NODES),
  'He √(2/n)': Math.sqrt(2 / NODES),
}

/** The activations of five layers of a thousand inputs. */
async function spread(f: (x: Tensor) => Tensor, std: number, seed: number): Promise<TypedArray[]> {
  setSeed(seed)
  const layers: TypedArray[] = []
  let x = randomNormal([1000, NODES])
  for (let i = 0; i < LAYERS; i++) {
    x = f(x.matmul(randomNormal([NODES, NODES], { std })))
    layers.push(await x.data())
  }
  return layers
}

/** What initial weights make of the activations of deep layers. */
export const activationSpread: Experiment = {
  name: 'activation-spread',
  question: 'What do initial weights do to the activations of deep layers?',
  async run({ seed }) {
    const charts: Chart[] = []
    const last: Record<string, TypedArray> = {}
    for (const [activation, f] of Object.entries(activations)) {
      for (const [weights, std] of Object.entries(deviations)) {
        const layers = await spread(f, std, seed)
        const title = `${activation}, ${weights}`
        last[title] = layers.at(-1)!
        const named = layers.map((values, i) => [`layer ${i + 1}`, histogramOf(values)] as const)
        const ends =
          activation === 'relu'
            ? {}
            : { domain: activation === 'tanh' ? ([-1, 1] as const) : ([0, 1] as const) }
        charts.push(histograms(Object.fromEntries(named), { title, ...ends }))
      }
    }
    const saturated = shareOf(last['sigmoid, σ = 1']!, (y) => y < 0.05 || y > 0.95)
    const narrow = deviationOf(last['sigmoid, σ = 0.01']!)
    const [reluSmall, reluHe] = [deviationOf(last['relu, σ = 0.01']!), deviationOf(last['relu, He √(2/n)']!)]
    return {
      statement:
        `In layer 5, ${(100 * saturated).toFixed(0)} % of the sigmoids are below 0.05 or above 0.95 with σ = 1; with σ = 0.01 ` +
        `all are about ½ (deviation ${narrow.toFixed(3)}). ReLU's spread is ${reluSmall.toExponential(0)} with σ = 0.01 ` +
        `and ${reluHe.toFixed(2)} with He's.`,
      holds: saturated > 0.6 && narrow < 0.05 && reluSmall < 1e-4 && reluHe > 0.3,
      charts,
    }
  },
}

function shareOf(values: TypedArray, is: (value: number) => boolean): number {
  return Array.from(values).filter(is).length / values.length
}

function deviationOf(values: TypedArray): number {
  const { sum, sumSquares, count } = histogramOf(values)
  return Math.sqrt(sumSquares / count - (sum / count) ** 2)
}
