import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { configure, FormatError, Generator, tensor, ValueError } from '@badak/tensor'
import { Linear } from '@badak/layers'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { type CheckpointStore, earlyStopping, fit, memoryStore } from '../src/index.ts'
import { bitsOf, problem } from './problem.ts'

// Seconds when the machine is idle.
vi.setConfig({ testTimeout: 90_000 })
configure({ backend: 'wasm', threads: 1 })

/** Trains until a step of one's choice, as if the power had gone. */
async function interrupted(store: CheckpointStore, at: number, change: object = {}): Promise<void> {
  const { model, options } = problem()
  const pull = { name: 'pull', onStep: ({ step }: { step: number }) => void (step === at && fail()) }
  const fail = () => {
    throw new Error('the power is gone')
  }
  await expect(
    fit(model, {
      ...options,
      checkpoint: { store, everySteps: 3, resume: true },
      callbacks: [pull],
      ...change,
    }),
  ).rejects.toThrow('the power is gone')
}

test.each([4, 7, 8, 9, 16, 20])('interrupted after step %d it ends with the same bits', async (at) => {
  const whole = problem()
  const { history } = await fit(whole.model, whole.options)
  const store = memoryStore()
  await interrupted(store, at)
  const resumed = problem()
  // Whatever has happened in the process meanwhile.
  new Generator(1).uniform()
  const result = await fit(resumed.model, {
    ...resumed.options,
    checkpoint: { store, everySteps: 3, resume: true },
  })
  expect(await bitsOf(resumed.model)).toEqual(await bitsOf(whole.model))
  expect(result.history.losses).toEqual(history.losses)
  const timeless = (records: readonly object[]) => records.map((record) => ({ ...record, seconds: 0 }))
  expect(timeless(result.history.epochs)).toEqual(timeless(history.epochs))
})

test('keeps the latest and the best', async () => {
  const { model, options } = problem(5)
  const store = memoryStore()
  const best = { monitor: 'val_accuracy', mode: 'max', keep: 2 } as const
  const { history } = await fit(model, { ...options, checkpoint: { store, best, keep: 3 } })
  const ranked = history.epochs.toSorted((a, b) => b['val_accuracy']! - a['val_accuracy']!).slice(0, 2)
  const expected = ['step-24', 'step-32', 'step-40', ...ranked.map(({ epoch }) => `best-${epoch}`)]
  expect((await store.names()).toSorted()).toEqual(expected.toSorted())
})

test('early stopping ends with the best values, and remembers them in checkpoints', async () => {
  const run = async (store: CheckpointStore | undefined, callbacks: object[] = []) => {
    const { model, options } = problem(60)
    const stopping = earlyStopping({ patience: 3, minDelta: 0.01 })
    const { history, stopped } = await fit(model, {
      ...options,
      callbacks: [stopping, ...(callbacks as never[])],
      ...(store && { checkpoint: { store, resume: true } }),
    })
    return { model, history, stopped }
  }
  const { model, history, stopped } = await run(undefined)
  let [best, at] = [Infinity, 0]
  for (const { epoch, val_loss: loss } of history.epochs) if (best - loss! > 0.01) [best, at] = [loss!, epoch]
  expect(history.epochs.length).toBe(at + 3)
  expect(stopped).toBe(`val_loss has not been better than ${best} (epoch ${at}) for 3 epochs`)

  const store = memoryStore()
  const fail = ({ epoch }: { epoch: number }) => {
    if (epoch === at + 2) throw new Error('the power is gone')
  }
  await expect(run(store, [{ name: 'pull', onEpochStart: fail }])).rejects.toThrow('the power is gone')
  const resumed = await run(store)
  expect([resumed.stopped, await bitsOf(resumed.model)]).toEqual([stopped, await bitsOf(model)])
})

describe('a store is not mixed up', () => {
  test('with another training that is in it', async () => {
    const store = memoryStore()
    await interrupted(store, 4)
    const { model, options } = problem()
    await expect(fit(model, { ...options, checkpoint: { store } })).rejects.toThrow(
      new ValueError(
        'fit: the store already holds step-3: go on from it with checkpoint.resume, or use an empty store',
      ),
    )
    const other = new Linear(2, 3)
    await expect(fit(other, { ...options, checkpoint: { store, resume: true } })).rejects.toThrow(
      /^fit: step-3: does not fit this training: loadStateDict: /,
    )
    const generators = [new Generator(1)]
    await expect(fit(model, { ...options, generators, checkpoint: { store, resume: true } })).rejects.toThrow(
      new FormatError(
        'fit: step-3: does not fit this training: it has 0 generators, the option generators 1',
      ),
    )
  })

  test('with files of another kind', async () => {
    const store = memoryStore()
    await store.write('step-1', { tensors: { a: tensor(1) }, metadata: {} })
    const { model, options } = problem()
    await expect(fit(model, { ...options, checkpoint: { store, resume: true } })).rejects.toThrow(
      new FormatError('fit: step-1: not a checkpoint of a training run'),
    )
  })
})

describe('killed by SIGKILL', () => {
  let root: string
  beforeAll(() => void (root = mkdtempSync(join(tmpdir(), 'badak-resume-'))))
  afterAll(() => rmSync(root, { recursive: true }))

  const worker = join(import.meta.dirname, 'resume-worker.ts')
  const source = process.env['TEST_DIST'] ? [] : ['--conditions=@badak/source']

  /** Runs the training; kills it so many milliseconds after it has said a step. */
  async function run(
    directory: string,
    kill?: { readonly step: number; readonly delay: number },
  ): Promise<number> {
    const args = [...source, '--disable-warning=ExperimentalWarning', worker, directory]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let text = ''
    child.stdout.on('data', (part: Buffer) => {
      text += part
      if (kill && text.includes(`step ${kill.step}\n`)) setTimeout(() => child.kill('SIGKILL'), kill.delay)
    })
    const signal = await new Promise<NodeJS.Signals | null>((done) => child.on('close', (_, by) => done(by)))
    return signal === 'SIGKILL' ? Number(/step (\d+)\n$/.exec(text)?.[1]) : NaN
  }

  test('at ten random moments it ends with the same bits, and logs without gap or repetition', async () => {
    const [whole, killed] = [join(root, 'whole'), join(root, 'killed')]
    await run(whole)
    let kills = 0
    // 48 steps; what a process has done since its last checkpoint is done again by the next.
    for (let step = 3; kills < 10; step += 3 + (kills % 3)) {
      const reached = await run(killed, { step, delay: 7 * Math.random() })
      if (Number.isNaN(reached)) break
      kills++
    }
    await run(killed)
    expect(kills).toBe(10)
    const read = (directory: string, file: string) => readFileSync(join(directory, file), 'utf8')
    expect(JSON.parse(read(killed, 'result.json'))).toEqual(JSON.parse(read(whole, 'result.json')))
    const timeless = (text: string) => text.replaceAll(/"seconds":[\d.e-]+/g, '').split('\n')
    expect(timeless(read(killed, 'steps.jsonl'))).toEqual(timeless(read(whole, 'steps.jsonl')))
    const rows = (directory: string) => read(directory, 'epochs.csv').trim().split('\n')
    expect(rows(killed).length).toBe(rows(whole).length)
    const latest = (directory: string) =>
      readdirSync(join(directory, 'checkpoints')).filter((name) => !name.includes('.tmp'))
    expect(latest(killed).toSorted()).toEqual(latest(whole).toSorted())
  })
})
