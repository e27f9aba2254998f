import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodePNG } from '@badak/images'
import { loadSafetensors } from '@badak/formats'
import { configure } from '@badak/tensor'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { mnistDirectory } from '../../mnist/test/mnist-directory.ts'
import { runProgram } from '../../mnist/test/run-program.ts'
import { openFolder, openPart } from '../src/data/folder-part.ts'
import { readDescription } from '../src/description.ts'

// Seconds when the machine is idle.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 })
configure({ backend: 'reference' })

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'badak-classify-folder-'))
  await paint('stripes', { lying: 20, standing: 20 })
  await paint('parted/train', { lying: 6, standing: 6 })
  await paint('parted/val', { lying: 3, standing: 3 })
  await paint('three', { lying: 10, slanting: 10, standing: 10 })
  await paint('alone', { standing: 5 })
  await paint('few', { lying: 1, standing: 1 })
  await paint('odd/train', { lying: 2, standing: 2 })
  await paint('odd/test', { lying: 2, slanting: 2 })
})
afterAll(() => rm(root, { recursive: true }))

/** Folders of striped images, somewhat wider than high. */
async function paint(folder: string, counts: Readonly<Record<string, number>>): Promise<void> {
  for (const [name, count] of Object.entries(counts)) {
    const directory = join(root, folder, name)
    await mkdir(directory, { recursive: true })
    for (let i = 0; i < count; i++) await writeFile(join(directory, `${i}.png`), await stripes(name, i))
  }
}

async function stripes(name: string, phase: number): Promise<Uint8Array> {
  const [width, height] = [28, 20]
  const data = new Uint8Array(3 * width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const along = name === 'lying' ? y : name === 'standing' ? x : x + y
      const bright = Math.floor((along + phase) / 3) % 2 === 0 ? 230 : 20
      data.set([bright, bright / 2, 255 - bright], 3 * (y * width + x))
    }
  }
  return encodePNG({ width, height, channels: 3, data })
}

const run = (args: readonly string[]): ReturnType<typeof runProgram> =>
  runProgram(join(import.meta.dirname, '../src/main.ts'), args, { cwd: root })

test.each([
  ['alone', '--data: nothing to tell apart in alone: its only class is standing'],
  ['few', '--data: no image of few is left to test on: a fifth of each class is kept for it'],
])('nothing is trained on the folder %s', async (folder, message) => {
  const { code, err } = await run(['train', '--data', folder, '--model', 'resnet8', '--epochs', '1'])
  expect([code, err]).toEqual([2, `classify: ${message}\n`])
})

test('a fifth of a folder is kept for testing, of each class alike', async () => {
  const [train, testing] = [
    await openFolder(join(root, 'stripes'), 'train'),
    await openFolder(join(root, 'stripes'), 'test'),
  ]
  expect(train.classes).toEqual(['lying', 'standing'])
  expect([train.samples.length, testing.samples.length]).toEqual([32, 8])
  const labels = await Promise.all(
    Array.from({ length: 8 }, async (_, i) => (await testing.samples.get(i)).label),
  )
  expect(labels).toEqual([0, 0, 0, 0, 1, 1, 1, 1])
})

test('folders train and val are the parts', async () => {
  const [train, testing] = [
    await openFolder(join(root, 'parted'), 'train'),
    await openFolder(join(root, 'parted'), 'test'),
  ]
  expect([train.samples.length, testing.samples.length]).toEqual([12, 6])
})

test('parts of other classes are refused; so is what is no folder', async () => {
  await expect(openFolder(join(root, 'odd'), 'test')).rejects.toThrow(
    /test has other classes than .*train: lying, slanting$/,
  )
  await expect(openFolder(join(root, 'none'), 'test')).rejects.toThrow(
    '--data: neither a data set that is known nor a folder: ',
  )
})

test('images become squares of one size, from 0 to 1, in the order of the classes', async () => {
  const part = {
    folder: join(root, 'stripes'),
    part: 'train',
    size: 16,
    channels: 3,
    augment: false,
  } as const
  const batch = await (await openPart({ ...part, limit: undefined })).gatherBatch(Int32Array.of(0, 31))
  expect([batch.x.shape, await batch.t.array()]).toEqual([
    [2, 3, 16, 16],
    [0, 1],
  ])
  const values = [...(await batch.x.data())]
  expect([Math.min(...values) >= 0, Math.max(...values) <= 1, Math.max(...values) > 0.8]).toEqual([
    true,
    true,
    true,
  ])
  // A limit takes of all classes, not the first of one.
  const few = await openPart({ ...part, channels: 1, limit: 4 })
  expect(few.length).toBe(4)
  expect(await (await few.gatherBatch(Int32Array.of(0, 1, 2, 3))).t.array()).toEqual([0, 0, 1, 1])
})

test('augmented images differ from epoch to epoch, and are the same for the same epoch', async () => {
  const part = {
    folder: join(root, 'stripes'),
    part: 'train',
    size: 16,
    channels: 3,
    augment: true,
    limit: undefined,
  } as const
  const dataset = await openPart(part)
  const draw = async (epoch: number) => [
    ...(await (await dataset.gatherBatch(Int32Array.of(5), { seed: 3, epoch })).x.data()),
  ]
  expect(await draw(1)).toEqual(await draw(1))
  expect(await draw(1)).not.toEqual(await draw(2))
})

test('a network learns a folder, and begins with what it has learned on another', async () => {
  const options =
    '--model resnet8 --size 16 --batch-size 8 --epochs 5 --lr 0.01 --no-augment --threads 1'.split(' ')
  const first = await run(['train', '--data', 'stripes', ...options])
  expect([first.code, first.err]).toEqual([0, ''])
  expect(first.out).toContain('32 images in 2 classes, 8 to test on')
  expect(Number(/test accuracy ([\d.]+) % after/.exec(first.out)![1])).toBeGreaterThanOrEqual(87.5)
  const [name] = await readdir(join(root, 'runs'))
  const weights = join('runs', name!, 'classifier.safetensors')
  const predicted = await run(['predict', 'stripes/standing/3.png', '--no-overlay', '--top', '1'])
  expect(predicted.out).toContain('  1  standing  ')
  const digits = ['--data', 'mnist', '--data-directory', await mnistDirectory(root)]
  const measured = await run(['evaluate', ...digits, '--checkpoint', join('runs', name!)])
  const mistake =
    '--data: the classifier knows lying, standing; these images are 0, 1, 2, 3, 4, 5, 6, 7, 8, 9'
  expect([measured.code, measured.err]).toEqual([2, `classify: ${mistake}\n`])

  const second = await run([
    'train',
    '--data',
    'three',
    ...options,
    '--weights',
    weights,
    '--freeze',
    '--epochs',
    '2',
  ])
  expect([second.code, second.err]).toEqual([0, ''])
  expect(second.out).toContain(`weights from ${weights}, but for fc.weight, fc.bias`)
  const runs = (await readdir(join(root, 'runs'))).toSorted()
  const [before, after] = await Promise.all(
    [name!, runs.find((each) => each.endsWith('three-resnet8'))!].map((each) =>
      loadSafetensors(join(root, 'runs', each, 'classifier.safetensors')),
    ),
  )
  expect(readDescription(after!.metadata)).toMatchObject({ classes: ['lying', 'slanting', 'standing'] })
  // Frozen: neither weights nor running statistics have moved.
  for (const frozen of ['layer1.0.conv1.weight', 'bn1.running_mean'])
    expect(await after!.tensors[frozen]!.data()).toEqual(await before!.tensors[frozen]!.data())
  expect(await readFile(join(root, 'runs', name!, 'run.json'), 'utf8')).toContain('"--no-augment"')
})
