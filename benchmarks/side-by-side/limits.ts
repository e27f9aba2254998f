import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Limits } from './result.ts'

/**
 * What so many threads reach together, each on its own memory: the best of a few tries, since it is a limit.
 */
export async function measureLimits(threads: number, quick: boolean): Promise<Limits> {
  const workers = Array.from(
    { length: threads },
    () => new Worker(new URL('limits-thread.ts', import.meta.url)),
  )
  const measure = async (what: 'multiply' | 'copy'): Promise<number> => {
    let best = 0
    for (let attempt = 0; attempt < (quick ? 3 : 7); attempt++) {
      const rates = await Promise.all(workers.map((worker) => ask(worker, what, quick ? 100 : 300)))
      best = Math.max(
        best,
        rates.reduce((sum, rate) => sum + rate, 0),
      )
    }
    return best
  }
  try {
    // Once before, so that everything is compiled and all pages are there.
    await measure('multiply')
    return { threads, gigaflops: await measure('multiply'), gigabytes: await measure('copy') }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

/** The rate that a thread of `limits-thread.ts` reaches in so many milliseconds. */
export async function ask(worker: Worker, what: 'multiply' | 'copy', duration: number): Promise<number> {
  // Takes its listeners away again: a thread is asked more often than Node.js thinks sound.
  const answer = once(worker, 'message')
  worker.postMessage({ what, duration })
  const [rate] = (await answer) as [number]
  return rate
}
