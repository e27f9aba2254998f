import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { IndexError, ValueError } from '@badak/tensor'
import { describe, expect, test } from 'vitest'
import {
  centerCrop,
  DataLoader,
  DataNotFoundError,
  sampleDataset,
  vocClassification,
  vocDetection,
  vocSegmentation,
} from '../../src/index.ts'
import { vocColor } from '../../src/voc/classes.ts'
import { tarFile } from '../archives.ts'
import { workplace } from './files.ts'
import { vocFiles, vocObject, vocXML } from './voc-files.ts'

const { place, root } = workplace()
const folders = async (folder: string): Promise<Record<string, string | Uint8Array>> =>
  Object.fromEntries(Object.entries(await vocFiles()).map(([name, bytes]) => [`${folder}${name}`, bytes]))

describe.each(['VOCdevkit/VOC2012/', 'VOC2012/', ''])('a directory with %sImageSets', (folder) => {
  test('has objects', async () => {
    const directory = await place(`voc-${folder}`, await folders(folder))
    const train = await vocDetection(2012, 'train', { directory })
    expect([train.length, train.name(1), train.info.classes[11], train.skipped.count]).toEqual([
      2,
      'b',
      'dog',
      0,
    ])
    const { image, boxes, labels, objects } = await train.get(0)
    expect([image.width, image.height, image.channels]).toEqual([8, 6, 3])
    // From pixels that count from 1, the last one included, to edges.
    expect([...boxes]).toEqual([1, 2, 5, 6, 0, 0, 8, 6])
    expect([...labels]).toEqual([11, 14])
    expect(objects).toEqual([
      { difficult: false, truncated: true, occluded: false, pose: 'Left' },
      { difficult: true, truncated: false, occluded: false, pose: 'Left' },
    ])
    expect((await train.get(1)).boxes.length).toBe(0)
    await expect(train.get(2)).rejects.toThrow(new IndexError('vocDetection: there are 2 samples: 2'))
  })
})

test('what is known of objects goes where their boxes go', async () => {
  const directory = await place('voc-crop', await vocFiles())
  const train = await vocDetection(2012, 'train', { directory })
  const sample = await train.get(0)
  const far = { ...sample, boxes: Float32Array.of(0, 0, 1, 1, 0, 0, 8, 6) }
  const kept = centerCrop([2, 2])(far)
  expect([[...kept.labels], kept.objects.map(({ difficult }) => difficult)]).toEqual([[14], [true]])
})

test('masks are indices of the palette', async () => {
  const directory = await place('voc-masks', await vocFiles())
  const train = await vocSegmentation(2012, 'train', { directory, instances: true })
  expect([train.length, train.info.classes[0], train.info.classes.length]).toEqual([1, 'background', 21])
  const { mask, boxes, labels, instances } = await train.get(0)
  expect([...mask.data.subarray(8, 16)]).toEqual([0, 0, 255, 12, 12, 255, 0, 0])
  expect([...boxes!, ...labels!]).toEqual([6, 2, 8, 4, 3, 1, 5, 4, 14, 11])
  expect(instances!.map(({ data }) => data.reduce((sum, value) => sum + value, 0))).toEqual([4, 6])
  for await (const batch of new DataLoader(
    sampleDataset(await vocSegmentation(2012, 'train', { directory })),
    {
      batchSize: 1,
      seed: 1,
    },
  ))
    expect([batch.x.shape, batch.mask.shape, batch.mask.dtype]).toEqual([[1, 3, 6, 8], [1, 6, 8], 'uint8'])
})

test('classes are those that are seen', async () => {
  const directory = await place('voc-classes', await vocFiles())
  const train = await vocClassification(2012, 'train', { directory })
  const { label, difficult } = await train.get(0)
  expect([label[11], label.reduce((sum, value) => sum + value, 0), difficult[14]]).toEqual([1, 1, 1])
  expect((await train.get(1)).label[14]).toBe(1)
})

test('the archive in the cache is unpacked, and kept so', async () => {
  const cache = await place('voc-cache', {})
  const archive = tarFile(
    Object.fromEntries(
      Object.entries(await folders('VOCdevkit/VOC2007/')).map(([name, bytes]) => [
        name,
        Buffer.from(bytes as string),
      ]),
    ),
  )
  await place('served', { 'VOCtrainval_06-Nov-2007.tar': archive })
  const options = { cache, mirrors: [`file://${join(root(), 'served')}`] }
  // The archive of the test is not the one that is published.
  await expect(vocDetection(2007, 'train', options)).rejects.toThrow(
    /MD5 is [\da-f]{32}, not c52e279531787c972589f7e41ab4ae64$/,
  )
  await expect(vocDetection(2007, 'train', { cache, download: false })).rejects.toThrow(
    new DataNotFoundError(
      `vocDetection: not found: ImageSets/Main/train.txt in ${join(cache, 'voc2007')}, and download is false`,
    ),
  )
})

test('colours are those of VOClabelcolormap.m', () => {
  // The first and the last classes, and the border, as the development kit's page shows them.
  expect([0, 1, 2, 15, 20, 255].map((label) => vocColor(label))).toEqual([
    [0, 0, 0],
    [128, 0, 0],
    [0, 128, 0],
    [192, 128, 128],
    [0, 64, 128],
    [224, 224, 192],
  ])
})

describe('with onBroken', () => {
  test("'skip', objects that are broken are left out and reported", async () => {
    const directory = await place('voc-skip', await vocFiles())
    const file = join(directory, 'Annotations/a.xml')
    await writeFile(file, vocXML(vocObject({ name: 'unicorn' }) + vocObject()))
    const train = await vocDetection(2012, 'train', { directory, onBroken: 'skip' })
    for (let epoch = 0; epoch < 2; epoch++) expect([...(await train.get(0)).labels]).toEqual([11])
    expect(train.skipped.records).toEqual([
      {
        name: `vocDetection: ${file}: object 0`,
        reason: `vocDetection: ${file}: object 0: unknown class: "unicorn"`,
      },
    ])
    expect(train.skipped.toString()).toMatch(/^skipped 1:\n {2}vocDetection: .*unicorn"$/)
  })

  test('of another kind, it is refused', async () => {
    const error = new ValueError("vocDetection: onBroken is 'throw' or 'skip': ignore")
    await expect(vocDetection(2012, 'train', { onBroken: 'ignore' as 'skip' })).rejects.toThrow(error)
  })
})

test('years and splits that are not there', async () => {
  await expect(vocDetection(2010 as 2012, 'train')).rejects.toThrow(
    new ValueError('vocDetection: the year is 2007 or 2012: 2010'),
  )
  await expect(vocSegmentation(2012, 'test')).rejects.toThrow(
    new ValueError('vocSegmentation: a split of 2012 is train, val, trainval: test'),
  )
})
