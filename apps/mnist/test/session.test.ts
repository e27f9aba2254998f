import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeSafetensors, loadSafetensors, saveSafetensors } from '@badak/formats'
import { FormatError } from '@badak/tensor'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { parseOptions, UsageError } from '../src/options.ts'
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

/** All of a checkpoint but for the times, as plain values. */
async function contentsOf(directory: string): Promise<unknown> {
  const { tensors, metadata } = decodeSafetensors(
    new Uint8Array(await readFile(join(directory, 'checkpoint.safetensors'))),
  )
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
    const { run, finished, directory, text } = await start(
      '--model mlp --optimizer adam --lr 0.01 --epochs 3 --batch-size 20',
      { folder: 'whole' },
    )
    expect(finished).toBe(true)
    expect((await readdir(directory)).toSorted()).toEqual(['checkpoint.safetensors', 'report.html'])
    // The pictures are one stroke per class: three epochs are enough for all of them.
    expect(run.history.epochs.at(-1)!.testAccuracy).toBeGreaterThan(0.9)
    expect(run.history.losses).toHaveLength(3 * 10)
    expect(run.optimizer.lr).toBe(0.01 * 0.85 ** 2)
    expect(text).toMatch(/epoch 3\/3 {2}loss \d\.\d{4} · accuracy [\d.]+ % · test accuracy [\d.]+ %/)
    const report = (await readFile(join(directory, 'report.html'), 'utf8')).replaceAll(/base64,[\w+/=]+/g, '')
    expect(report).not.toMatch(/NaN|undefined|<script|https?:\/\/(?!www\.w3\.org)/)
    expect(report.match(/<svg/g)).toHaveLength(2)
  })

  test('that was interrupted anywhere goes on bit for bit', async () => {
    const line = '--model deep --limit 60 --batch-size 20'
    const straight = await start(`${line} --epochs 2`, { folder: 'straight' })
    const expected = await contentsOf(straight.directory)
    // Within the first epoch, at its end before the test, and within the second.
    for (const stopAfter of [1, 3, 5]) {
      const first = await start(`${line} --epochs 2`, { folder: `stopped-${stopAfter}`, stopAfter })
      expect([first.finished, await readdir(first.directory)]).toEqual([false, ['checkpoint.safetensors']])
      expect(first.run.history.losses).toHaveLength(stopAfter)
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
    expect(again.run.history.epochs.map(({ epoch }) => epoch)).toEqual([1, 2])
  })
})

describe('refuses', () => {
  test('a learning rate that is far too high, as soon as the loss is not finite', async () => {
    await expect(
      start('--model mlp --optimizer sgd --lr 1e30 --epochs 1', { folder: 'far' }),
    ).rejects.toThrow(/^step \d: the loss is (NaN|Infinity): try a lower --lr$/)
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
      new UsageError(
        `--resume: no checkpoint.safetensors in nowhere, nor in ${join(root, 'empty', 'nowhere')}`,
      ),
    )
    await expect(stat(join(root, 'empty'))).rejects.toThrow('ENOENT')
  })

  test('what has nothing left to do', async () => {
    const { directory } = await start('--model mlp --limit 20 --epochs 1', { folder: 'done' })
    await expect(start(`--resume ${directory} --epochs 1`, { folder: 'done' })).rejects.toThrow(
      /^--resume: .* has finished 1 epochs: train on with --epochs 2 or more$/,
    )
  })

  test('what is broken, and does not touch it', async () => {
    const { directory } = await start('--model mlp --limit 20 --epochs 1', { folder: 'broken' })
    const path = join(directory, 'checkpoint.safetensors')
    const good = new Uint8Array(await readFile(path))
    const { tensors, metadata } = await loadSafetensors(path)
    const resume = (): Promise<unknown> => start(`--resume ${directory} --epochs 2`, { folder: 'broken' })

    await writeFile(path, good.subarray(0, good.length / 2))
    await expect(resume()).rejects.toThrow(
      /^loadSafetensors: .*checkpoint\.safetensors: .* the data at \d+ \(offset \d+\)$/,
    )
    expect(await readFile(path)).toHaveLength(Math.floor(good.length / 2))

    await saveSafetensors(path, tensors, { ...metadata, format: 'pt' })
    await expect(resume()).rejects.toThrow(
      new FormatError(`--resume: ${path}: not a checkpoint of this program`),
    )

    await saveSafetensors(path, tensors, { ...metadata, arguments: '["--model","vgg"]' })
    await expect(resume()).rejects.toThrow(
      new FormatError(`--resume: ${path}: --model: expected one of mlp, simple, deep: vgg`),
    )

    await saveSafetensors(path, tensors, { ...metadata, loader: '{"seed":1,"epoch":0,"position":70000}' })
    await expect(resume()).rejects.toThrow(
      new FormatError(`--resume: ${path}: DataLoader.restore: position 70000 is beyond the 20 samples`),
    )

    const { 'model.1.weight': weight, ...others } = tensors
    expect(weight).toBeDefined()
    await saveSafetensors(path, others, metadata)
    await expect(resume()).rejects.toThrow(`--resume: ${path}: loadStateDict: missing "1.weight"`)

    await saveSafetensors(path, tensors, { format: metadata['format']! })
    await expect(resume()).rejects.toThrow(FormatError)
  })
})
