// How long training waits for its data.
import { performance } from 'node:perf_hooks'
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
  /** Milliseconds from step to step. */
  readonly step: number
  /** The part of them from asking for a batch until it is there, with all that this thread does for it. */
  readonly loading: number
  /** The part of them in which this thread had nothing to do: it waits for data. */
  readonly idle: number
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
  let [steps, loading, start] = [0, 0, 0]
  let before = performance.eventLoopUtilization()
  const warmUp = 40
  for (;;) {
    if (steps === warmUp) {
      ;[loading, start] = [0, performance.now()]
      before = performance.eventLoopUtilization()
    }
    const asked = performance.now()
    const next = await batches.next()
    loading += performance.now() - asked
    if (next.done) break
    const { x, t } = next.value
    const loss = softmaxCrossEntropy(model.forward(x), t)
    loss.backward()
    void optimizer.step()
    await loss.item()
    steps++
  }
  const took = performance.now() - start
  const { idle } = performance.eventLoopUtilization(before)
  loader.close()
  return { step: took / (steps - warmUp), loading: loading / took, idle: idle / took }
}
