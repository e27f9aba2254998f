// The module of a worker: says in which thread it was, by way of the value.
import { setTimeout } from 'node:timers/promises'
import { threadId, workerData } from 'node:worker_threads'
import { NumericError } from '@badak/tensor'
import { serveObjective } from '../../src/index.ts'

let met = false

/** Waits, once, until two threads have come here. */
async function meet(): Promise<void> {
  const arrived = workerData as Int32Array
  if (!met) Atomics.add(arrived, 0, 1)
  met = true
  while (Atomics.load(arrived, 0) < 2) await setTimeout(2)
}

serveObjective(async ({ mode, x }: { mode: string; x: number }, trial) => {
  if (mode === 'diverge') throw new NumericError('diverged')
  if (mode === 'typo') throw new TypeError('a typo')
  if (mode === 'exit') process.exit(3)
  for (let step = 1; step <= 3; step++) if (!(await trial.report(step, x))) return 0
  if (mode === 'meet') await meet()
  return 1000 * threadId + x
})
