import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadSafetensors, saveSafetensors } from '@badak/formats'
import { FormatError } from '@badak/tensor'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { UsageError } from 'command-line/arguments'
import { parseOptions } from '../src/options.ts'
import { train } from '../src/session.ts'
import { mnistDirectory } from './mnist-directory.ts'

// Seconds when the machine is idle.
vi.setConfig({ testTimeout: 60_000 })

let root: string
let data: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'badak-mnist-runs-'))
  data = await mnistDirectory(root)
})
afterAll(() => rm(root, { recursive: true }))

/** Runs a command line in a folder of its own; `stopAfter` steps, the user presses Ctrl-C. */
async function start(line: string, { folder, stopAfter = Infinity }: { folder: string; stopAfter?: number }) {
  const options = parseOptions(['--data', data, '--threads', '1', ...line.split(' ')])
  if (options.kind === 'help') throw new Error('help')
  const stop = new AbortController()
  let text = ''
  let steps = 0
  const outcome = await train(options, {
    root: join(root, folder),
    output: { write: (part) => (text += part) },
    signal: stop.signal,
    onStep: () => {
      if (++steps === stopAfter) stop.abort()
    },
  })
  return { ...outcome, text, directory: outcome.run.directory }
}

/** The name of the one checkpoint of a run. */
async function checkpointIn(directory: string): Promise<string> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.safetensors'))
  expect(names).toHaveLength(1)
  return names[0]!
}

/** All of a run's checkpoint but for the times, as plain values. */
async function contentsOf(directory: string): Promise<unknown> {
  const { tensors, metadata } = await loadSafetensors(join(directory, await checkpointIn(directory)))
  const values = await Promise.all(
    Object.entries(tensors).map(async ([name, value]) => [name, value.shape, [...(await value.data())]]),
  )
  const withoutTimes = Object.entries(metadata).map(([name, text]) => [
    name,
    text.replaceAll(/"seconds":[\d.e-]+/g, ''),
  ])
  return { values, metadata: Object.fromEntries(withoutTimes) }
}

describe('a run', () => {
  test('learns, and leaves a report and a checkpoint', async () => {
    const { history, finished, directory, text } = await start(
      '--model mlp --optimizer adam --lr 0.01 --epochs 3 --batch-size 20',
      { folder: 'whole' },
    )
    expect(finished).toBe(true)
    expect((await readdir(directory)).toSorted()).toEqual(['report.html', 'run.json', 'step-30.safetensors'])
    // The pictures are one stroke per class: three epochs are enough for all of them.
    expect(history.epochs.at(-1)!['val_accuracy']).toBeGreaterThan(0.9)
    expect(history.losses).toHaveLength(3 * 10)
    expect(history.epochs.map(({ lr }) => lr)).toEqual([0.01, 0.01 * 0.85, 0.01 * 0.85 * 0.85])
    expect(text).toMatch(/epoch 3\/3 {2}loss \d\.\d{4} · accuracy [\d.]+ % · test accuracy [\d.]+ %/)
    const report = (await readFile(join(directory, 'report.html'), 'utf8')).replaceAll(/base64,[\w+/=]+/g, '')
    expect(report).not.toMatch(/NaN|undefined|<script|https?:\/\/(?!www\.w3\.org)/)
    const headings = [...report.matchAll(/<h2>(.*?)<\/h2>/g)].map(([, heading]) => heading)
    expect(headings).toEqual([
      'Learning',
      'Confusion matrix',
      'First layer',
      expect.stringMatching(/^\d+ mistakes?$/),
      'Epochs',
      'Layers',
      'Run it again',
    ])
    // Loss, accuracy, confusion matrix.
    expect(report.match(/<svg/g)).toHaveLength(3)
    expect(report).toContain(
      '<pre>npm start -- --model mlp --optimizer adam --lr 0.01 --decay 0.85 --batch-size 20 --seed 1 --epochs 3</pre>',
    )
  })

  test('that was interrupted anywhere goes on bit for bit', async () => {
    const line = '--model deep --limit 60 --batch-size 20'
    const straight = await start(`${line} --epochs 2`, { folder: 'straight' })
    const expected = await contentsOf(straight.directory)
    // Within the first epoch, at its end before the test, and within the second.
    for (const stopAfter of [1, 3, 5]) {
      const first = await start(`${line} --epochs 2`, { folder: `stopped-${stopAfter}`, stopAfter })
      expect([first.finished, (await readdir(first.directory)).toSorted()]).toEqual([
        false,
        ['run.json', `step-${stopAfter}.safetensors`],
      ])
      expect(first.history.losses).toHaveLength(stopAfter)
      const second = await start(`--resume ${first.directory} --epochs 2`, { folder: `stopped-${stopAfter}` })
      expect([second.finished, second.directory]).toEqual([true, first.directory])
      expect(await contentsOf(second.directory)).toEqual(expected)
    }
  })

  test('gives the same bits twice, and with two threads', async () => {
    const line = '--model simple --limit 40 --batch-size 20 --epochs 1 --optimizer momentum'
    const [first, second] = [await start(line, { folder: 'first' }), await start(line, { folder: 'second' })]
    expect(await contentsOf(second.directory)).toEqual(await contentsOf(first.directory))
    const threaded = await start(`${line} --threads 2`, { folder: 'threaded' })
    expect(await contentsOf(threaded.directory)).toEqual(await contentsOf(first.directory))
  })

  test('that is finished can be trained on, by its name', async () => {
    const { directory } = await start('--model mlp --limit 40 --epochs 1', { folder: 'more' })
    const again = await start(`--resume ${directory.split('/').at(-1)!} --epochs 2`, { folder: 'more' })
    expect(again.history.epochs.map(({ epoch }) => epoch)).toEqual([1, 2])
  })
})

describe('refuses', () => {
  test('a learning rate that is far too high, as soon as the loss is not finite', async () => {
    await expect(
      start('--model mlp --optimizer sgd --lr 1e30 --epochs 1', { folder: 'far' }),
    ).rejects.toThrow(/^step \d: the loss is (NaN|Infinity): [^\n]* layer "\d"[^\n]*: try a lower --lr$/)
  })

  test('a place for runs that cannot be written to', async () => {
    await writeFile(join(root, 'file'), '')
    await expect(start('--model mlp --epochs 1', { folder: 'file' })).rejects.toThrow(
      new UsageError(`cannot write to ${join(root, 'file')}: not a directory`),
    )
  })
})

describe('refuses to resume', () => {
  test('what is not there, and leaves nothing', async () => {
    const attempt = start('--resume nowhere', { folder: 'empty' })
    await expect(attempt).rejects.toThrow(
      new UsageError(`--resume: no run.json in nowhere, nor in ${join(root, 'empty', 'nowhere')}`),
    )
    await expect(stat(join(root, 'empty'))).rejects.toThrow('ENOENT')
  })

  test('what has nothing left to do', async () => {
    const { directory } = await start('--model mlp --limit 20 --epochs 1', { folder: 'done' })
    await expect(start(`--resume ${directory} --epochs 1`, { folder: 'done' })).rejects.toThrow(
      /^--resume: .* has finished 1 epochs: train on with --epochs 2 or more$/,
    )
  })

  describe('what is broken, and does not touch it', () => {
    let good: string
    let name: string
    beforeAll(async () => {
      good = (await start('--model mlp --limit 20 --epochs 1', { folder: 'broken' })).directory
      name = await checkpointIn(good)
    })

    /** What is said of a run that somebody has laid hands on. */
    async function attempt(damage: (directory: string) => Promise<void>): Promise<string> {
      const directory = join(root, 'broken', 'damaged')
      await rm(directory, { recursive: true, force: true })
      await cp(good, directory, { recursive: true })
      await damage(directory)
      const read = async () =>
        Promise.all(
          (await readdir(directory)).map(async (file) => [file, await readFile(join(directory, file))]),
        )
      const before = await read()
      const error: unknown = await start(`--resume ${directory} --epochs 2`, { folder: 'broken' }).then(
        () => undefined,
        (reason: unknown) => reason,
      )
      expect(error).toBeInstanceOf(FormatError)
      expect(await read()).toEqual(before)
      return (error as Error).message.replace(directory, '…')
    }

    const rewrite =
      (
        change: (parts: Awaited<ReturnType<typeof loadSafetensors>>) => {
          tensors?: object
          metadata?: object
        },
      ) =>
      async (directory: string): Promise<void> => {
        const path = join(directory, name)
        const parts = await loadSafetensors(path)
        const { tensors, metadata } = { ...parts, ...change(parts) }
        await saveSafetensors(path, tensors as typeof parts.tensors, metadata as typeof parts.metadata)
      }

    test('a file that ends early', async () => {
      const cut = async (directory: string): Promise<void> => {
        const bytes = await readFile(join(directory, name))
        await writeFile(join(directory, name), bytes.subarray(0, bytes.length / 2))
      }
      expect(await attempt(cut)).toMatch(
        /^loadSafetensors: …\/step-1\.safetensors: .* the data at \d+ \(offset \d+\)$/,
      )
    })

    test.each([
      ['{ "format"', /^--resume: …\/run\.json: .*JSON/],
      ['null', /^--resume: …\/run\.json: not a run of this program$/],
      ['{ "format": "pt", "arguments": [] }', /^--resume: …\/run\.json: not a run of this program$/],
      [
        '{ "format": "badak-mnist 2", "arguments": ["--model", "vgg"] }',
        /^--resume: …\/run\.json: --model: expected one of mlp, simple, deep: vgg$/,
      ],
    ])('run.json: %s', async (text, message) => {
      expect(await attempt((directory) => writeFile(join(directory, 'run.json'), text))).toMatch(message)
    })

    const fits = '--resume: …/step-1.safetensors: does not fit this training: '
    test.each<[string, Parameters<typeof rewrite>[0], string]>([
      [
        'another kind of file',
        ({ metadata }) => ({ metadata: { ...metadata, format: 'pt' } }),
        '--resume: …/step-1.safetensors: not a checkpoint of a training run',
      ],
      [
        'a place that is not in the data',
        ({ metadata }) => ({ metadata: { ...metadata, data: '{"seed":1,"epoch":0,"position":70000}' } }),
        `${fits}DataLoader.restore: position 70000 is beyond the 20 samples`,
      ],
      [
        'a weight that is missing',
        ({ tensors: { 'model.1.weight': weight, ...tensors } }) => ({ tensors: weight ? tensors : {} }),
        `${fits}loadStateDict: missing "1.weight"`,
      ],
      [
        'the weight of before that is missing',
        ({ tensors: { 'callbacks.firstLayer.before': weight, ...tensors } }) => ({
          tensors: weight ? tensors : {},
        }),
        `${fits}it has no callbacks.firstLayer.before`,
      ],
      [
        'everything but the format that is missing',
        ({ metadata }) => ({ metadata: { format: metadata['format'] } }),
        `${fits}it has no generators`,
      ],
    ])('%s', async (_, change, message) => {
      expect(await attempt(rewrite(change))).toBe(message)
    })
  })
})
