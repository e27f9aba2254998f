import { DataLoader } from '@badak/datasets'
import type { Sequential } from '@badak/layers'
import { seed } from '@badak/tensor'
import type { Data, MnistBatch } from './data.ts'
import { History } from './history.ts'
import { createModel } from './models.ts'
import { createOptimizer } from './optimizers.ts'
import type { RunConfig } from './options.ts'

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
  return {
    config,
    directory,
    data,
    model,
    optimizer,
    loader,
    history: new History(),
    initialWeight: await firstWeight(model),
  }
}

/** The present weight of the first layer that has one. */
export async function firstWeight(model: Sequential): Promise<WeightImage> {
  const { value } = model.parameters()[0]!
  return { data: (await value.data()) as Float32Array, shape: value.shape }
}
