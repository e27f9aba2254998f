import { DataLoader, arrayDataset } from '@badak/datasets'
import { BatchNorm1d, Dropout, Linear, ReLU, Sequential, softmaxCrossEntropy } from '@badak/layers'
import { Adam } from '@badak/optimizers'
import { seed } from '@badak/tensor'
import { Accuracy, type Batch, type FitOptions } from '../src/index.ts'

/** Points of two dimensions in three classes, by the direction in which they lie: 120 to train on, 40 to test. */
function points(from: number, count: number): { x: Float32Array; t: Int32Array } {
  const x = new Float32Array(2 * count)
  const t = new Int32Array(count)
  for (let i = 0; i < count; i++) {
    const angle = (from + i) * 2.399963
    const radius = 1 + (((from + i) * 37) % 11) / 11
    t[i] = Math.floor((3 * (angle % (2 * Math.PI))) / (2 * Math.PI))
    x.set([radius * Math.cos(angle), radius * Math.sin(angle)], 2 * i)
  }
  return { x, t }
}

function dataset(from: number, count: number) {
  const { x, t } = points(from, count)
  return arrayDataset({ x: { data: x, shape: [count, 2] }, t: { data: t, shape: [count] } })
}

/** The points to train on, all in one batch. */
export function wholeEpochs(): DataLoader<Batch> {
  return new DataLoader(dataset(0, 120), { batchSize: 120 })
}

/** A small training with everything in it that has a state: dropout, running statistics, moments, order. */
export function problem(epochs = 4): { model: Sequential; options: FitOptions } {
  seed(5)
  const model = new Sequential(
    new Linear(2, 16),
    new BatchNorm1d(16),
    new ReLU(),
    new Dropout(0.2),
    new Linear(16, 3),
  )
  const options = {
    data: new DataLoader(dataset(0, 120), { batchSize: 16, shuffle: true, seed: 3 }),
    validation: new DataLoader(dataset(120, 40), { batchSize: 40 }),
    optimizer: new Adam(model.parameters(), { lr: 0.02 }),
    loss: softmaxCrossEntropy,
    metrics: { accuracy: new Accuracy() },
    epochs,
  }
  return { model, options }
}

/** All values of a model, as bits. */
export async function bitsOf(model: Sequential): Promise<Record<string, Uint8Array>> {
  const entries = Object.entries(model.stateDict()).map(async ([name, value]) => {
    const data = await value.data()
    return [name, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}
