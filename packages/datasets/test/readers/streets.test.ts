import { join } from 'node:path'
import { ValueError } from '@badak/tensor'
import { describe, expect, test } from 'vitest'
import { camvid, DataNotFoundError, flickr8k, oxfordPet, pennFudan } from '../../src/index.ts'
import { zipFile } from '../archives.ts'
import { labelPNG, png, workplace } from './files.ts'
import { colorPNG, flickrFiles, pedestrians, pennFudanFiles, petFiles } from './street-files.ts'

const { place, root } = workplace()
const inFolder = (folder: string, files: Readonly<Record<string, string | Uint8Array>>) =>
  Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [`${folder}/${name}`, Buffer.from(bytes as string)]),
  )

describe('Penn-Fudan', () => {
  const read = async (people: Awaited<ReturnType<typeof pennFudan>>): Promise<unknown> => {
    const { mask, boxes, labels, instances } = await people.get(0)
    return {
      names: [people.length, people.name(0), people.info.classes],
      boxes: [...boxes],
      labels: [...labels],
      masks: [mask, instances[1]!].map(({ data }) => [...data]),
    }
  }
  const expected = {
    names: [1, 'FudanPed00001', ['pedestrian']],
    boxes: [0, 1, 1, 3, 2, 0, 4, 3],
    labels: [0, 0],
    masks: [
      pedestrians.flat().map((id) => (id === 0 ? 0 : 1)),
      pedestrians.flat().map((id) => (id === 2 ? 1 : 0)),
    ],
  }

  test('from a directory', async () => {
    const directory = await place('penn', await pennFudanFiles())
    expect(await read(await pennFudan({ directory }))).toEqual(expected)
  })

  test('from the archive, fetched and unpacked once', async () => {
    const archive = zipFile(inFolder('PennFudanPed', await pennFudanFiles()))
    const served = await place('penn-served', { 'PennFudanPed.zip': archive })
    const cache = await place('penn-cache', {})
    expect(await read(await pennFudan({ cache, mirrors: [`file://${served}/`] }))).toEqual(expected)
    expect(await read(await pennFudan({ cache, mirrors: [], download: false }))).toEqual(expected)
  })
})

describe('CamVid', () => {
  const frame = { 'train/0001.png': png(4, 1) }
  const [road, lane, cyclist, nothing] = [
    [128, 64, 128],
    [128, 0, 192],
    [0, 128, 192],
    [0, 0, 0],
  ] as const
  const masks = { 'train_labels/0001_L.png': colorPNG(road, lane, cyclist, nothing) }
  const resolve = async (files: Readonly<Record<string, Promise<Uint8Array> | string>>) =>
    Object.fromEntries(
      await Promise.all(Object.entries(files).map(async ([name, bytes]) => [name, await bytes])),
    )

  test('has 11 classes or 32, by their colours', async () => {
    const directory = await place('camvid', await resolve({ ...frame, ...masks }))
    const eleven = await camvid('train', { directory })
    expect([...(await eleven.get(0)).mask.data]).toEqual([3, 3, 10, 255])
    expect([eleven.info.classes[3], eleven.info.colors![3], eleven.info.classes.length]).toEqual([
      'Road',
      road,
      11,
    ])
    const all = await camvid('train', { directory, classes: 32 })
    const { mask } = await all.get(0)
    expect(Array.from(mask.data, (label) => all.info.classes[label])).toEqual([
      'Road',
      'LaneMkgsDriv',
      'Bicyclist',
      'Void',
    ])
  })

  test('is read as it is at the home page, and as SegNet has it', async () => {
    const files = {
      'train.txt': '0001.png\n',
      '701_StillsRaw_full/0001.png': png(4, 1),
      'LabeledApproved_full/0001_L.png': colorPNG(road, lane, cyclist, nothing),
    }
    const raw = await camvid('train', { directory: await place('camvid-raw', await resolve(files)) })
    expect([...(await raw.get(0)).mask.data]).toEqual([3, 3, 10, 255])
    const annot = { ...(await resolve(frame)), 'trainannot/0001.png': labelPNG([[3, 3, 10, 11]]) }
    const directory = await place('camvid-annot', annot)
    expect([...(await (await camvid('train', { directory })).get(0)).mask.data]).toEqual([3, 3, 10, 255])
    await expect(camvid('train', { directory, classes: 32 })).rejects.toThrow(
      new DataNotFoundError(`camvid: ${join(directory, 'trainannot')}: these masks have 11 classes, not 32`),
    )
  })

  test('is refused where it is not', async () => {
    await expect(camvid('dev' as 'val')).rejects.toThrow(
      new ValueError('camvid: a split is train, val, test: dev'),
    )
    await expect(camvid('val', { classes: 12 as 11 })).rejects.toThrow(
      new ValueError('camvid: there are 11 or 32 classes: 12'),
    )
    await expect(camvid('val', { directory: root() })).rejects.toThrow(
      new DataNotFoundError(`camvid: not found: val and val_labels in ${root()}`),
    )
  })
})

test('Oxford-IIIT Pet', async () => {
  const directory = await place('pets', await petFiles())
  const pets = await oxfordPet('trainval', { directory })
  expect([pets.length, pets.info.classes]).toEqual([2, ['Abyssinian', 'Basset Hound']])
  const [cat, dog] = [await pets.get(0), await pets.get(1)]
  expect([cat.label, cat.species, [...cat.mask.data]]).toEqual([0, 'cat', [1, 0, 255]])
  expect([dog.label, dog.species, [...dog.mask.data]]).toEqual([1, 'dog', [255, 0, 1]])
})

test('Flickr8k', async () => {
  const train = await flickr8k('train', { directory: await place('flickr', await flickrFiles()) })
  const { image, captions } = await train.get(0)
  expect([image.width, captions, train.name(1)]).toEqual([6, ['A dog .', 'A grey dog .'], 'a.jpg'])
})
