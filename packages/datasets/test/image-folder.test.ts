import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { encodeJPEG, encodePNG, type Image } from '@badak/images'
import { IndexError } from '@badak/tensor'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  DataLoader,
  DataNotFoundError,
  imageFolder,
  resize,
  sampleDataset,
  SampleError,
} from '../src/index.ts'

const filled = (value: number, channels: 1 | 3 | 4 = 3): Image => ({
  width: 8,
  height: 6,
  channels,
  data: new Uint8Array(48 * channels).fill(value),
})

let directory: string
let pets: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'badak-folder-'))
  pets = join(directory, 'pets')
  const png = await encodePNG(filled(200))
  const files: Record<string, Uint8Array> = {
    'dog/2.png': png,
    'dog/10.PNG': await encodePNG(filled(10, 1)),
    'cat/z.jpg': await encodeJPEG(filled(100)),
    'cat/notes.txt': new Uint8Array(3),
    'cat/deeper/a.png': await encodePNG(filled(50, 4)),
    'Zebra/a.jpeg': png,
    'readme.md': new Uint8Array(1),
  }
  for (const [name, bytes] of Object.entries(files)) await write(join(pets, name), bytes)
  // A link that leads back.
  await symlink(join(pets, 'cat'), join(pets, 'cat', 'loop'))
})
afterAll(() => rm(directory, { recursive: true }))

async function write(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true })
  await writeFile(path, bytes)
}

test('classes and images come in the order of torchvision', async () => {
  for (const place of [pets, pathToFileURL(`${pets}/`)]) {
    const { classes, files, ignored, length } = await imageFolder(place)
    expect(classes).toEqual(['Zebra', 'cat', 'dog'])
    const shown = files.map(({ path, label }) => [path.slice(pets.length + 1), label])
    // torchvision 0.14.1: ImageFolder(...).samples of the same files.
    expect(shown).toEqual([
      ['Zebra/a.jpeg', 0],
      ['cat/z.jpg', 1],
      ['cat/deeper/a.png', 1],
      ['dog/10.PNG', 2],
      ['dog/2.png', 2],
    ])
    expect([length, ignored]).toEqual([5, [join(pets, 'cat/notes.txt')]])
  }
})

test('images are decoded when they are asked for, in colour or as they are', async () => {
  const folder = await imageFolder(pets)
  expect(await folder.get(3)).toEqual({ image: filled(10), label: 2 })
  expect(await folder.get(4)).toEqual({ image: filled(200), label: 2 })
  const stored = await imageFolder(pets, { channels: 'as stored' })
  expect([(await stored.get(3)).image.channels, (await stored.get(2)).image.channels]).toEqual([1, 4])
  await expect(async () => folder.get(5)).rejects.toThrow(
    new IndexError('imageFolder: there are 5 samples: 5'),
  )
})

test('a data set of them is resized and batched', async () => {
  const dataset = sampleDataset(await imageFolder(pets), { transform: resize([4, 5]) })
  for await (const { x, t } of new DataLoader(dataset, { batchSize: 5, seed: 1 })) {
    expect([x.shape, await t.array()]).toEqual([
      [5, 3, 4, 5],
      [0, 1, 1, 2, 2],
    ])
    expect((await x.data()).at(-1)).toBeCloseTo(200 / 255, 6)
  }
})

describe('refuses, naming the place', () => {
  test('an image that is broken, when it is asked for', async () => {
    const place = join(directory, 'broken')
    await write(join(place, 'a/0.png'), await encodePNG(filled(1)))
    await write(join(place, 'a/1.jpg'), (await encodeJPEG(filled(1))).subarray(0, -20))
    const folder = await imageFolder(place)
    await expect(folder.get(1)).rejects.toThrow(
      `loadImage: ${join(place, 'a/1.jpg')}: Premature end of JPEG file`,
    )
    const error: unknown = await Promise.resolve(
      sampleDataset(folder).gatherBatch(Int32Array.of(0, 1)),
    ).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(SampleError)
    expect((error as SampleError).index).toBe(1)
    expect((error as Error).message).toContain(join(place, 'a/1.jpg'))
  })

  test('directories that have nothing', async () => {
    const missing = join(directory, 'missing')
    await expect(imageFolder(missing)).rejects.toThrow(
      new DataNotFoundError(`imageFolder: ${missing}: no such file or directory`),
    )
    await write(join(directory, 'flat/a.png'), new Uint8Array(1))
    await expect(imageFolder(join(directory, 'flat'))).rejects.toThrow(
      new DataNotFoundError(
        `imageFolder: ${join(directory, 'flat')}: there is no folder in it: each class has one`,
      ),
    )
    await write(join(directory, 'empty/a/notes.txt'), new Uint8Array(1))
    await expect(imageFolder(join(directory, 'empty'))).rejects.toThrow(
      new DataNotFoundError(`imageFolder: ${join(directory, 'empty/a')}: there is no image in it`),
    )
  })
})
