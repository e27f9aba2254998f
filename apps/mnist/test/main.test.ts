import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { help } from '../src/options.ts'
import { mnistDirectory } from './mnist-directory.ts'
import { runProgram } from './run-program.ts'

// Seconds when the machine is idle.
vi.setConfig({ testTimeout: 60_000 })

let root: string
let data: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'badak-mnist-main-'))
  data = await mnistDirectory(root)
})
afterAll(() => rm(root, { recursive: true }))

const run = (
  args: readonly string[],
  interruptAfter?: string,
  signal?: 'SIGINT' | 'SIGKILL',
): ReturnType<typeof runProgram> =>
  runProgram(join(import.meta.dirname, '../src/main.ts'), args, {
    cwd: root,
    ...(interruptAfter !== undefined && { interruptAfter }),
    ...(signal && { signal }),
  })

test('--help', async () => {
  expect(await run(['--help'])).toEqual({ code: 0, out: `${help}\n`, err: '' })
})

test.each([
  [['--modle', 'mlp'], "mnist: Unknown option '--modle': --help lists the options\n"],
  [['--batch-size', '0'], 'mnist: --batch-size: expected an integer of at least 1: 0\n'],
  [['--resume', 'nowhere'], 'mnist: --resume: no run.json in nowhere'],
  [
    ['--data', 'nowhere'],
    'mnist: not found: train-images-idx3-ubyte and train-labels-idx1-ubyte in nowhere\n',
  ],
])('%j is refused in one line, with nothing written', async (args, message) => {
  const { code, out, err } = await run(args)
  expect([code, out, err.split('\n').length]).toEqual([2, '', 2])
  expect(err).toContain(message)
  expect(await readdir(root)).toEqual(['data'])
})

test('Ctrl-C saves and says how to go on; that works', async () => {
  const args = ['--data', data, '--threads', '1']
  const first = await run(['--model', 'mlp', '--epochs', '100000', ...args], 'epoch 3/')
  expect([first.code, first.err]).toEqual([130, ''])
  const command = /npm start -- (--resume runs\/\S+-mlp) --epochs 100000\n$/.exec(first.out)
  expect(command).not.toBeNull()
  const done = /epoch (\d+)\/100000 {2}loss(?!.*epoch \d+\/100000 {2}loss)/s.exec(first.out)![1]!
  const second = await run([...command![1]!.split(' '), '--epochs', `${Number(done) + 1}`, ...args])
  expect([second.code, second.err]).toEqual([0, ''])
  expect(second.out).toContain(`going on in epoch ${Number(done) + 1} at image`)
  expect(second.out).toMatch(/report +runs\/\S+\/report\.html/)
})

test('what was killed goes on after the last epoch that it finished', async () => {
  const args = ['--data', data, '--threads', '1']
  const before = await readdir(join(root, 'runs')).catch((): string[] => [])
  const first = await run(
    ['--model', 'mlp', '--epochs', '100000', '--seed', '7', ...args],
    'epoch 3/',
    'SIGKILL',
  )
  expect([first.code, first.err]).toEqual([null, ''])
  const [name] = (await readdir(join(root, 'runs'))).filter((each) => !before.includes(each))
  const done = /epoch (\d+)\/100000 {2}loss(?!.*epoch \d+\/100000 {2}loss)/s.exec(first.out)![1]!
  // It may have written a checkpoint that it had no time to tell of.
  const second = await run(['--resume', name!, '--epochs', `${Number(done) + 2}`, ...args])
  expect([second.code, second.err]).toEqual([0, ''])
  expect(second.out).toContain(
    'mlp: 39,760 parameters · adam, lr 0.001 × 0.85 an epoch, batch 100, seed 7 · wasm, 1 thread',
  )
  expect(second.out).toMatch(/going on in epoch \d+ at image 0\n/)
})
