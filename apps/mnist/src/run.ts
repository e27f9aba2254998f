import { DataLoader, type Dataset, type MnistDataset, subset } from '@badak/datasets'
import type { Sequential } from '@badak/layers'
import { seed, type Tensor } from '@badak/tensor'
import { History } from './history.ts'
import { createModel } from './models.ts'
import { createOptimizer } from './optimizers.ts'
import type { RunConfig } from './options.ts'

export type MnistBatch = { readonly x: Tensor; readonly t: Tensor }

/** Images for training and testing, as many as the run uses. */
export interface Data {
  readonly train: Dataset<MnistBatch>
  readonly test: Dataset<MnistBatch>
  /** `[N, 28, 28]` bytes, for the report. */
  readonly testPixels: Uint8Array
  readonly testLabels: ArrayLike<number>
}

/** Everything that changes while a network is trained. */
export interface Run {
  readonly config: RunConfig
  /** Where report and checkpoint go. */
  readonly directory: string
  readonly data: Data
  readonly model: Sequential
  readonly optimizer: ReturnType<typeof createOptimizer>
  readonly loader: DataLoader<MnistBatch>
  history: History
  /** The first layer's weight before training. */
  initialWeight: WeightImage
}

/** A weight on the host. */
export interface WeightImage {
  readonly data: Float32Array
  readonly shape: readonly number[]
}

/** A run at its beginning: the seed decides its initial values, order and dropout. */
export async function createRun(config: RunConfig, directory: string, data: Data): Promise<Run> {
  seed(config.seed)
  const model = createModel(config.model)
  const optimizer = createOptimizer(config.optimizer, model.parameters(), config.lr)
  const loader = new DataLoader(data.train, { batchSize: config.batchSize, shuffle: true, seed: config.seed })
  return { config, directory, data, model, optimizer, loader, history: new History(), initialWeight: await firstWeight(model) }
}

/** The present weight of the first layer that has one. */
export async function firstWeight(model: Sequential): Promise<WeightImage> {
  const { value } = model.parameters()[0]!
  return { data: (await value.data()) as Float32Array, shape: value.shape }
}

/** The parts of the data sets that a run uses. */
export function takeData(train: MnistDataset, test: MnistDataset, limit: number | undefined): Data {
  const count = Math.min(limit ?? Infinity, test.length)
  const first = (dataset: MnistDataset): Dataset<MnistBatch> =>
    limit === undefined ? dataset : subset(dataset, Array(Math.min(limit, dataset.length)).keys())
  const { x, t } = test.fields
  return {
    train: first(train),
    test: first(test),
    testPixels: (x.data as Uint8Array).subarray(0, count * 784),
    testLabels: (t.data as Int32Array).subarray(0, count),
  }
}
