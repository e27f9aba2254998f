import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadSafetensors, saveSafetensors } from '@badak/formats'
import { decodeImage, encodePNG } from '@badak/images'
import { configure, tensor } from '@badak/tensor'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { mnistDirectory } from '../../mnist/test/mnist-directory.ts'
import { runProgram } from '../../mnist/test/run-program.ts'
import { readDescription } from '../src/description.ts'

// Seconds when the machine is idle.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })

configure({ backend: 'reference' })

const main = join(import.meta.dirname, '../src/main.ts')

let root: string
let data: string[]
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'badak-classify-'))
  data = ['--data', 'mnist', '--data-directory', await mnistDirectory(root)]
  await writeFile(join(root, 'three.png'), await stroke(4 + 2 * 3))
  await writeFile(join(root, 'blank.png'), await stroke(undefined))
  await writeFile(join(root, 'broken.png'), (await stroke(3)).subarray(0, 60))
  await writeFile(join(root, 'broken.safetensors'), 'nothing')
  await saveSafetensors(join(root, 'plain.safetensors'), { weight: tensor([1]) })
})
afterAll(() => rm(root, { recursive: true }))

/** A stroke like those that `mnistDirectory` makes, at a column, white on black. */
async function stroke(column: number | undefined): Promise<Uint8Array> {
  const image = new Uint8Array(28 * 28)
  if (column !== undefined)
    for (let y = 0; y < 28; y++) image.fill(220, 28 * y + column - 1, 28 * y + column + 2)
  return encodePNG({ width: 28, height: 28, channels: 1, data: image })
}

const run = (
  args: readonly string[],
  options: { interruptAfter?: string; signal?: 'SIGKILL' } = {},
): ReturnType<typeof runProgram> => runProgram(main, args, { cwd: root, ...options })

const runs = async (): Promise<string[]> => readdir(join(root, 'runs')).catch(() => [])

test('help is printed for the program and for each command', async () => {
  const whole = await run(['--help'])
  expect([whole.code, whole.err]).toEqual([0, ''])
  const commands = [...whole.out.matchAll(/^ {2}([a-z]+) {2,}/gm)].map(([, name]) => name!)
  expect(commands).toEqual(['train', 'predict', 'explain', 'evaluate', 'export', 'page'])
  for (const command of commands) {
    const { code, out, err } = await run([command, '--help'])
    expect([code, err]).toEqual([0, ''])
    expect(out).toContain(`npm run classify -- ${command}`)
  }
})

test.each([
  [['dance'], 'classify: there is no command "dance": train, predict, explain, evaluate, export, page'],
  [['train'], 'classify: --data: say what to train on: mnist, fashion-mnist, cifar10 or a folder'],
  [['train', '--data', 'nowhere'], 'nowhere'],
  [['train', '--data', 'mnist', '--data-directory', 'nowhere'], 'not found: train-images-idx3-ubyte'],
  [['train', '--resume', 'nowhere'], 'classify: --resume: no run.json in nowhere'],
  [['predict'], 'classify: predict: say which image: predict <image>…'],
  [['predict', 'gone.png'], 'classify: gone.png: there is no such file'],
  [['predict', 'broken.png'], 'broken.png'],
  [['predict', 'three.png', '--checkpoint', 'gone'], '--checkpoint: no classifier in gone'],
  [['predict', 'three.png', '--checkpoint', 'broken.safetensors'], 'broken.safetensors'],
  [
    ['predict', 'three.png', '--checkpoint', 'plain.safetensors'],
    'plain.safetensors: not a classifier of this program',
  ],
  [['explain', 'three.png', '--class', 'cat'], '--class: expected one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9: cat'],
  [['export', '--out', 'file.bin'], '--out: expected a name that ends in .safetensors: file.bin'],
])('%j is refused in one line, with exit code 2', async (args, message) => {
  const { code, err } = await run(args)
  expect([code, err.trimEnd().split('\n').length]).toEqual([2, 1])
  expect(err).toContain(message)
  expect(await runs()).toEqual([])
})

test('a network that does not fit the images is refused before a run begins', async () => {
  const { code, err } = await run(['train', ...data, '--model', 'vgg11'])
  expect([code, await runs()]).toEqual([2, []])
  expect(err).toMatch(/^classify: --model: vgg11 does not fit these images: VGG: .*\[1,1,28,28\]\n$/)
})

test('a network is trained, measured, exported, and says what it sees and why', async () => {
  const options = '--model mlp --no-augment --epochs 6 --batch-size 20 --lr 0.01 --threads 1 --tensorboard'
  const trained = await run(['train', ...data, ...options.split(' ')])
  expect([trained.code, trained.err]).toEqual([0, ''])
  expect(trained.out).toContain('mlp: 39,760 parameters, images 1 × 28 × 28')
  const accuracy = Number(/test accuracy ([\d.]+) % after/.exec(trained.out)![1])
  expect(accuracy).toBeGreaterThan(90)
  const [name, ...others] = await runs()
  expect(others).toEqual([])
  const directory = join(root, 'runs', name!)
  const expected = [
    'board',
    'classifier.safetensors',
    'epochs.csv',
    'report.html',
    'run.json',
    'step-60.safetensors',
  ]
  expect((await readdir(directory)).toSorted()).toEqual(expected)
  const table = (await readFile(join(directory, 'epochs.csv'), 'utf8')).trimEnd().split('\n')
  expect(table).toHaveLength(1 + 6)
  const report = (await readFile(join(directory, 'report.html'), 'utf8')).replaceAll(/base64,[\w+/=]+/g, '')
  expect(report).not.toMatch(/NaN|undefined|<script|https?:\/\/(?!www\.w3\.org)/)
  expect(report).toContain('<h2>Confusion matrix</h2>')
  const { metadata } = await loadSafetensors(join(directory, 'classifier.safetensors'))
  expect(readDescription(metadata)).toMatchObject({
    model: 'mlp',
    input: { channels: 1, height: 28, width: 28 },
  })

  const measured = await run(['evaluate', ...data])
  expect(measured.out).toContain(`MNIST: ${accuracy.toFixed(2)} % of 100 test images right`)

  const small = join(root, 'small.safetensors')
  const exported = await run(['export', '--half', '--out', small])
  expect([exported.code, exported.err]).toEqual([0, ''])
  const halved = await run(['evaluate', ...data, '--checkpoint', small])
  expect(halved.out).toContain(`MNIST: ${accuracy.toFixed(2)} % of 100 test images right`)
  expect((await readFile(small)).length).toBeLessThan(39_760 * 2 + 4096)

  const blank = await run(['predict', 'blank.png', '--no-overlay'])
  expect([blank.code, blank.out]).toEqual([1, expect.stringContaining('blank.png\n  nothing is in it\n')])
})

test('predict lists the likeliest classes and writes what they rest on', async () => {
  const { code, out, err } = await run(['predict', 'three.png', '--checkpoint', 'digits', '--top', '3'])
  expect([code, err]).toEqual([0, ''])
  // A vertical stroke in the middle: prepared as a digit, it is a 1.
  expect(out).toMatch(/^three\.png\n {3}1 {2}1 {2}━+─* +\d+\.\d\d %\n/m)
  expect(out.match(/ %\n/g)).toHaveLength(3)
  const overlay = await decodeImage(await readFile(join(root, 'runs/predictions/three-grad-cam.png')))
  expect([overlay.width, overlay.height, overlay.channels]).toEqual([280, 280, 3])
  // Heat is coloured, the digit is grey.
  const coloured = overlay.data.some((red, i) => i % 3 === 0 && red > overlay.data[i + 2]! + 30)
  expect(coloured).toBe(true)

  const json = await run(['predict', 'three.png', '--checkpoint', 'digits', '--json', '--no-overlay'])
  const { image, guesses } = JSON.parse(json.out) as {
    image: string
    guesses: { class: string; probability: number }[]
  }
  expect([image, guesses.length, guesses[0]!.class]).toEqual(['three.png', 5, '1'])
})

test('explain writes six pictures and a page', async () => {
  const { code, out, err } = await run(['explain', 'three.png', '--checkpoint', 'digits', '--class', '7'])
  expect([code, err]).toEqual([0, ''])
  expect(out).toContain('runs/explanations/three/index.html')
  const directory = join(root, 'runs/explanations/three')
  expect((await readdir(directory)).toSorted()).toEqual([
    'grad-cam.png',
    'guided-backpropagation.png',
    'index.html',
    'integrated-gradients.png',
    'occlusion.png',
    'saliency.png',
    'smooth-grad.png',
  ])
  const page = await readFile(join(directory, 'index.html'), 'utf8')
  expect(page).toContain('Why 7?')
  expect(page.match(/<img /g)).toHaveLength(7)
})

test('Ctrl-C saves and says how to go on; that works', async () => {
  const args = ['--model', 'mlp', '--threads', '1', '--batch-size', '20', '--schedule', 'constant']
  const first = await run(['train', ...data, ...args, '--epochs', '400'], { interruptAfter: 'epoch 3/' })
  expect([first.code, first.err]).toEqual([130, ''])
  const again = /npm run classify -- (train --resume runs\/\S+)\n$/.exec(first.out)
  expect(again).not.toBeNull()
  const second = await run([...again![1]!.split(' '), '--threads', '1'], { interruptAfter: 'epoch 6/' })
  expect([second.code, second.err]).toEqual([130, ''])
  expect(second.out).toMatch(/going on in epoch \d at image \d+/)
})
