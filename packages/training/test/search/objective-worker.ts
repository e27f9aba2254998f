// The module of a worker: says in which thread it was, by way of the value.
import { threadId } from 'node:worker_threads'
import { NumericError } from '@badak/tensor'
import { serveObjective } from '../../src/index.ts'

serveObjective(async ({ mode, x }: { mode: string; x: number }, trial) => {
  if (mode === 'diverge') throw new NumericError('diverged')
  if (mode === 'typo') throw new TypeError('a typo')
  if (mode === 'exit') process.exit(3)
  for (let step = 1; step <= 3; step++) if (!(await trial.report(step, x))) return 0
  // Long enough for the other worker to take its share.
  await new Promise((resolve) => setTimeout(resolve, 20))
  return 1000 * threadId + x
})
