import { DataLoader } from '@badak/datasets'
import type { Sequential } from '@badak/layers'
import { ExponentialLR, type Optimizer } from '@badak/optimizers'
import { seed } from '@badak/tensor'
import type { Batch } from '@badak/training'
import type { Data } from './data.ts'
import { createModel } from './models.ts'
import { createOptimizer } from './optimizers.ts'
import type { RunConfig } from './options.ts'

/** What is trained, and with what. */
export interface Run {
  readonly config: RunConfig
  /** Where report and checkpoint go. */
  readonly directory: string
  readonly data: Data
  readonly model: Sequential
  readonly optimizer: Optimizer
  readonly schedule: ExponentialLR
  readonly loader: DataLoader<Batch>
  readonly testLoader: DataLoader<Batch>
}

/** A run at its beginning: the seed decides its initial values, order and dropout. */
export function createRun(config: RunConfig, directory: string, data: Data): Run {
  seed(config.seed)
  const model = createModel(config.model)
  const optimizer = createOptimizer(config.optimizer, model.parameters(), config.lr)
  return {
    config,
    directory,
    data,
    model,
    optimizer,
    schedule: new ExponentialLR(optimizer, { gamma: config.decay }),
    loader: new DataLoader(data.train, { batchSize: config.batchSize, shuffle: true, seed: config.seed }),
    testLoader: new DataLoader(data.test, { batchSize: 500 }),
  }
}
