import { Worker } from 'node:worker_threads'
import { BadakError } from '@badak/tensor'
import { expect, test, vi } from 'vitest'
import { choice, integers, search, serveObjective, successiveHalving } from '../../src/index.ts'

vi.setConfig({ testTimeout: 30_000 })

const execArgv = process.env['TEST_DIST']
  ? []
  : ['--conditions=@badak/source', '--disable-warning=ExperimentalWarning']
const module = new URL('objective-worker.ts', import.meta.url)
const worker = () => new Worker(module, { execArgv })

test('trials run in two threads at once', async () => {
  // In each thread the first trial waits for that of the other.
  const arrived = new Int32Array(new SharedArrayBuffer(4))
  const study = await search({
    space: { mode: choice(['meet']), x: integers(1, 9) },
    worker: () => new Worker(module, { execArgv, workerData: arrived }),
    trials: 8,
  })
  expect(new Set(study.trials.map(({ value }) => Math.floor(value! / 1000))).size).toBe(2)
  for (const { status, parameters, value, reports } of study.trials)
    expect([status, value! % 1000, reports.length]).toEqual(['finished', parameters['x'], 3])
})

test('trials in threads are given up when they report', async () => {
  const study = await search({
    space: { mode: choice(['run']), x: integers(1, 9) },
    worker,
    trials: 8,
    pruner: successiveHalving({ first: 2, reduction: 2 }),
    direction: 'maximize',
  })
  expect(study.trials.map(({ status }) => status)).toContain('pruned')
  for (const { status, parameters, value, reports } of study.trials) {
    expect(status === 'finished' ? value! % 1000 : value).toBe(parameters['x'])
    expect(reports.length).toBe(status === 'finished' ? 3 : 2)
  }
})

test('what diverges has failed; what ends a worker ends the search', async () => {
  const run = (mode: string) =>
    search({ space: { mode: choice([mode]), x: integers(1, 9) }, worker, trials: 3, workers: 1 })
  const study = await run('diverge')
  expect(study.trials.map(({ status, error }) => [status, error])).toEqual(
    [0, 1, 2].map(() => ['failed', 'diverged']),
  )
  await expect(run('typo')).rejects.toThrow(new Error('a typo'))
  await expect(run('exit')).rejects.toThrow(new BadakError('search: a worker has ended: exit code 3'))
})

test('an objective is served in a worker only', () => {
  // Vitest itself runs tests in child processes or threads: here, in neither.
  vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined)
  expect(() => serveObjective(() => 0)).toThrow(new BadakError('serveObjective: this is not a worker'))
  vi.restoreAllMocks()
})
