import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { FormatError, ValueError } from '@badak/tensor'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cifar10, cifar100, DataNotFoundError } from '../src/index.ts'
import { tarFile } from './archives.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'badak-cifar-'))
})
afterAll(() => rm(directory, { recursive: true }))

/** A record of the binary version: labels, then 1024 bytes each of red, green and blue. */
function record(labels: readonly number[], red: number): Uint8Array {
  const planes = [red, red + 1, red + 2].map((value) => new Uint8Array(1024).fill(value))
  return Buffer.concat([Uint8Array.from(labels), ...planes])
}

async function place(name: string, files: Record<string, Uint8Array>): Promise<string> {
  for (const [file, bytes] of Object.entries(files)) {
    await mkdir(join(directory, name, file, '..'), { recursive: true })
    await writeFile(join(directory, name, file), bytes)
  }
  return join(directory, name)
}

const batches = Object.fromEntries(
  [1, 2, 3, 4, 5].map((number) => [`data_batch_${number}.bin`, record([number], 10 * number)]),
)
const inFolder = (files: Record<string, Uint8Array>, folder: string): Record<string, Uint8Array> =>
  Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`${folder}/${name}`, bytes]))
const archived = {
  ...inFolder({ 'batches.meta.txt': new Uint8Array(61), ...batches }, 'cifar-10-batches-bin'),
  'cifar-10-batches-bin/test_batch.bin': Buffer.concat([record([9], 0), record([0], 200)]),
}

describe('CIFAR-10 is read', () => {
  test.each([
    ['from its files', batches],
    ['from the folder of the archive', inFolder(batches, 'cifar-10-batches-bin')],
    ['from the archive', { 'cifar-10-binary.tar.gz': gzipSync(tarFile(archived)) }],
  ])('%s', async (name, files) => {
    const train = await cifar10('train', { directory: await place(name, files), normalize: false })
    expect([train.length, [...train.fields.t.data]]).toEqual([5, [1, 2, 3, 4, 5]])
    const { x, t } = await train.gatherBatch(Int32Array.of(2))
    expect([x.shape, await t.array(), train.info.classes[3]]).toEqual([[1, 3, 32, 32], [3], 'cat'])
    const values = await x.data()
    expect([values[0], values[1024], values[3071]]).toEqual([30, 31, 32])
  })

  test('from the cache', async () => {
    const cache = await place('cache', {
      'cifar10/cifar-10-binary.tar.gz': gzipSync(tarFile(archived)),
    })
    const testing = await cifar10('test', { cache, download: false })
    expect([...testing.fields.t.data]).toEqual([9, 0])
    expect((await testing.get(1).x.data())[0]).toBeCloseTo(200 / 255, 6)
  })
})

test('CIFAR-100 has classes and superclasses', async () => {
  const files = { 'test.bin': Buffer.concat([record([11, 98], 1), record([0, 0], 5)]) }
  const path = await place('cifar100', files)
  const fine = await cifar100('test', { directory: path })
  expect([...fine.fields.t.data].map((label) => fine.info.classes[label])).toEqual(['woman', 'apple'])
  const coarse = await cifar100('test', { directory: path, labels: 'coarse' })
  expect([...coarse.fields.t.data].map((label) => coarse.info.classes[label])).toEqual([
    'large_omnivores_and_herbivores',
    'aquatic_mammals',
  ])
  expect([fine.info.classes.length, coarse.info.classes.length]).toEqual([100, 20])
  await expect(cifar100('test', { directory: path, labels: 'both' as 'fine' })).rejects.toThrow(
    new ValueError("cifar100: labels are 'fine' or 'coarse': both"),
  )
})

describe('refuses', () => {
  const file = 'cifar-10-binary.tar.gz'
  const whole = tarFile(archived)
  const broken = Uint8Array.from(whole)
  broken[3] = 0xff
  test.each<[string, Record<string, Uint8Array>, string]>([
    [
      'half an image',
      { 'test_batch.bin': new Uint8Array(3072) },
      '3072 bytes are no whole images of 3073 bytes',
    ],
    ['no image', { 'test_batch.bin': new Uint8Array(0) }, '0 bytes are no whole images of 3073 bytes'],
    ['an unknown class', { 'test_batch.bin': record([10], 0) }, 'a label is from 0 to 9: 10 (offset 0)'],
    [
      'an archive that is cut off',
      { [file]: gzipSync(whole).subarray(0, 60) },
      'broken or truncated gzip stream',
    ],
    [
      'an archive that ends early',
      { [file]: gzipSync(whole.subarray(0, 2000)) },
      'the archive ends within cifar-10-batches-bin/data_batch_1.bin (offset ',
    ],
    [
      'an archive of something else',
      { [file]: new Uint8Array(600).fill(1) },
      'not a header of a tar archive, or a broken one (offset 0 of the archive)',
    ],
    [
      'a broken archive',
      { [file]: broken },
      'not a header of a tar archive, or a broken one (offset 0 of the archive)',
    ],
    [
      'an archive without the files',
      { [file]: tarFile({ 'a/other.bin': new Uint8Array(5) }) },
      'the archive has no test_batch.bin',
    ],
    [
      'a file that says it is too large',
      { [file]: hugeTar() },
      'test_batch.bin says it has 8589934591 bytes; at most 536870912 are read (offset 0 of the archive)',
    ],
  ])('%s', async (name, files, what) => {
    const error: unknown = await cifar10('test', { directory: await place(name, files) }).catch(
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(FormatError)
    expect((error as Error).message).toMatch(/^cifar10: .*\.(bin|gz): /)
    expect((error as Error).message).toContain(what)
  })

  test('a directory without them, and another split', async () => {
    const empty = await place('empty', { 'readme.txt': new Uint8Array(1) })
    await expect(cifar10('test', { directory: empty })).rejects.toThrow(
      new DataNotFoundError(`cifar10: not found: ${file} in ${empty}`),
    )
    await expect(cifar10('valid' as 'test')).rejects.toThrow(
      new ValueError("cifar10: the split is 'train' or 'test': valid"),
    )
  })

  /** Eleven octal digits, the checksum made right. */
  function hugeTar(): Uint8Array {
    const tar = Buffer.from(tarFile({ 'test_batch.bin': new Uint8Array(0) }))
    tar.write('77777777777', 124)
    tar.write('        ', 148)
    const sum = tar.subarray(0, 512).reduce((total, byte) => total + byte, 0)
    tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    return tar
  }
})
