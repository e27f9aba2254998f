import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { BadakError } from '@badak/tensor'
import { expect, test, vi } from 'vitest'
import { DataLoader, serveDataset, workerDataset } from '../../src/index.ts'
import { problem } from './problem.ts'
import { workerSuite } from './worker-suite.ts'

vi.setConfig({ testTimeout: 30_000 })

const execArgv = process.env['TEST_DIST']
  ? []
  : ['--conditions=@badak/source', '--disable-warning=ExperimentalWarning']
const module = new URL('data-worker.ts', import.meta.url)
const create = () => new Worker(module, { execArgv })

workerSuite(create)

test('a worker that ends is an error, and is replaced', async () => {
  const dataset = await workerDataset(create, { workers: 1, options: { mode: 'exit' } })
  const loader = new DataLoader(dataset, { batchSize: 2 })
  const run = async (): Promise<number> => {
    let batches = 0
    for await (const _ of loader) batches++
    return batches
  }
  const ended = new BadakError('workerDataset: a worker has ended: exit code 3')
  await expect(run()).rejects.toThrow(ended)
  await expect(run()).rejects.toThrow(ended)
})

test('workers that wait do not keep a program from ending', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'badak-workers-'))
  try {
    const program = join(directory, 'program.mts')
    writeFileSync(
      program,
      `import { Worker } from 'node:worker_threads'
      import { DataLoader, workerDataset } from ${JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)}
      const create = () => new Worker(new URL(${JSON.stringify(module.href)}))
      const dataset = await workerDataset(create, { options: { mode: 'augment' } })
      let batches = 0
      for await (const _ of new DataLoader(dataset, { batchSize: 4 })) batches++
      console.log(batches)`,
    )
    const run = promisify(execFile)(process.execPath, [...execArgv, program], { timeout: 20_000 })
    expect((await run).stdout).toBe('6\n')
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('a data set is served in a worker only', () => {
  // Vitest itself runs tests in child processes or threads: here, in neither.
  vi.spyOn(process, 'getBuiltinModule').mockReturnValue(undefined)
  expect(() => serveDataset(() => problem('augment'))).toThrow(
    new BadakError('serveDataset: this is not a worker'),
  )
  vi.restoreAllMocks()
})
