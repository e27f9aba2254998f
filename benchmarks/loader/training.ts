// How long training waits for its data.
import { Worker } from 'node:worker_threads'
import { DataLoader, workerDataset } from '@badak/datasets'
import { softmaxCrossEntropy } from '@badak/layers'
import { Adam } from '@badak/optimizers'
import { seed, type Tensor } from '@badak/tensor'
import { createModel } from '../../apps/mnist/src/models.ts'
import { warpedDigits } from './digits.ts'

interface Batch {
  readonly x: Tensor
  readonly t: Tensor
}

export interface Waiting {
  readonly steps: number
  /** Milliseconds from step to step. */
  readonly step: number
  /** The part of them in which nothing but the next batch was missing. */
  readonly waited: number
}

/** Trains SimpleConvNet on digits that are warped in so many workers (0: between the steps, in this thread). */
export async function trainOnDigits(workers: number, elastic: boolean): Promise<Waiting> {
  seed(1)
  const model = createModel('simple')
  const optimizer = new Adam(model.parameters(), { lr: 1e-3 })
  const create = (): Worker => new Worker(new URL('digit-worker.ts', import.meta.url))
  const options = { elastic }
  const dataset =
    workers === 0
      ? (warpedDigits(options) as unknown as Awaited<ReturnType<typeof workerDataset<Batch>>>)
      : await workerDataset<Batch>(create, { workers, options })
  const loader = new DataLoader<Batch>(dataset, { batchSize: 100, shuffle: true, seed: 1 })
  const batches = loader[Symbol.asyncIterator]()
  let [steps, waited, start] = [0, 0, 0]
  const warmUp = 40
  for (;;) {
    if (steps === warmUp) [waited, start] = [0, performance.now()]
    const asked = performance.now()
    const next = await batches.next()
    waited += performance.now() - asked
    if (next.done) break
    const { x, t } = next.value
    const loss = softmaxCrossEntropy(model.forward(x), t)
    loss.backward()
    void optimizer.step()
    await loss.item()
    steps++
  }
  const took = performance.now() - start
  loader.close()
  return { steps: steps - warmUp, step: took / (steps - warmUp), waited: waited / took }
}
