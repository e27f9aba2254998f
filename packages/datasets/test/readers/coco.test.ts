import { join } from 'node:path'
import { ValueError } from '@badak/tensor'
import { describe, expect, test } from 'vitest'
import {
  cocoCaptions,
  cocoDetection,
  cocoKeypoints,
  DataLoader,
  DataNotFoundError,
  flipHorizontal,
  sampleDataset,
} from '../../src/index.ts'
import { cocoFiles, cocoJSON } from './coco-files.ts'
import { workplace } from './files.ts'

const { place } = workplace()

describe('objects', () => {
  // The same 2×3 pixels, from (1, 2).
  const outside = 1 * 6 + 2
  const segmentations = {
    polygons: [[1, 2, 3, 2, 3, 5, 1, 5]],
    runs: { size: [6, 8], counts: [outside, 3, 3, 3, 48 - outside - 9] },
  }

  test.each(Object.entries(segmentations))('have masks, of %s', async (name, segmentation) => {
    const json = cocoJSON({ segmentation, iscrowd: name === 'runs' ? 1 : 0, area: 6 })
    const directory = await place(`coco-${name}`, await cocoFiles(json))
    const val = await cocoDetection('val2017', { directory, masks: true })
    // In the order of the ids, which have gaps.
    expect([val.info.classes, val.categoryIds, val.length]).toEqual([['person', 'dog'], [1, 18], 2])
    const { boxes, labels, objects, instances, imageId } = await val.get(0)
    expect([[...boxes], [...labels], imageId]).toEqual([[1, 2, 5, 5], [1], 9])
    expect(objects).toEqual([{ id: 5, area: 6, crowd: name === 'runs' }])
    const inside = Array.from(instances![0]!.data.entries()).flatMap(([i, value]) => (value ? [i] : []))
    expect(inside).toEqual([17, 18, 25, 26, 33, 34])
    expect([(await val.get(1)).boxes.length, val.name(1)]).toEqual([0, '000003.jpg'])
  })

  test('may be without crowds, and images without objects left out', async () => {
    const directory = await place('coco-crowd', await cocoFiles(cocoJSON({ iscrowd: 1 })))
    expect((await (await cocoDetection('val2017', { directory, crowd: false })).get(0)).boxes.length).toBe(0)
    expect((await cocoDetection('val2017', { directory, empty: false })).length).toBe(1)
    expect((await cocoDetection('val2017', { directory, empty: false, crowd: false })).length).toBe(0)
  })

  test('come in batches, and from files of other names', async () => {
    const files = await cocoFiles()
    const directory = await place('coco-own', {
      'mine.json': files['annotations/instances_val2017.json']!,
      'pictures/000009.jpg': files['val2017/000009.jpg']!,
      'pictures/000003.jpg': files['val2017/000003.jpg']!,
    })
    const mine = await cocoDetection({ annotations: 'mine.json', images: 'pictures' }, { directory })
    const flipped = sampleDataset(mine, { transform: flipHorizontal })
    for await (const { x, boxes, labels } of new DataLoader(flipped, { batchSize: 2 })) {
      expect([x.shape, boxes.map((each) => [...each]), labels.length]).toEqual([
        [2, 3, 6, 8],
        [[3, 2, 7, 5], []],
        2,
      ])
    }
  })

  test('that are broken are left out and reported', async () => {
    const annotations = [
      { id: 1, image_id: 9, category_id: 18, bbox: [1, 2, 0, 3], segmentation: [[1, 2, 3, 4, 5, 6]] },
      { id: 2, image_id: 9, category_id: 18, bbox: [1, 2, 3, 3], segmentation: [[1, 2]] },
      { id: 3, image_id: 9, category_id: 1, bbox: [1, 2, 3, 3.5], segmentation: [[1, 2, 4, 2, 4, 5]] },
    ]
    const directory = await place('coco-skip', await cocoFiles(cocoJSON({}, { annotations })))
    const val = await cocoDetection('val2017', { directory, masks: true, onBroken: 'skip' })
    const { labels, objects, instances } = await val.get(0)
    expect([[...labels], objects.map(({ id }) => id), instances!.length]).toEqual([[0], [3], 1])
    const file = `cocoDetection: ${join(directory, 'annotations/instances_val2017.json')}`
    expect(val.skipped.records.map(({ reason }) => reason)).toEqual([
      `${file}: annotation 1: the box is empty: [1, 2, 1, 5]`,
      `${file}: annotation 2: polygon 0: a polygon is x and y of three points or more: 2 numbers`,
    ])
  })
})

test('captions', async () => {
  const annotations = [
    { id: 1, image_id: 3, caption: 'A dog.\n' },
    { id: 2, image_id: 9, caption: 'Grey.' },
    { id: 3, image_id: 3, caption: 'A grey wall.' },
  ]
  const json = cocoJSON({}, { annotations, categories: undefined })
  const directory = await place('coco-captions', await cocoFiles(json, 'captions'))
  const val = await cocoCaptions('val2017', { directory })
  const { imageId, captions, image } = await val.get(1)
  expect([imageId, captions, image.width]).toEqual([3, ['A dog.', 'A grey wall.'], 8])
})

test('points of people', async () => {
  const categories = [{ id: 1, name: 'person', keypoints: ['nose', 'tail'], skeleton: [[1, 2]] }]
  const object = { category_id: 1, keypoints: [2, 3, 2, 0, 0, 0] }
  const directory = await place(
    'coco-points',
    await cocoFiles(cocoJSON(object, { categories }), 'person_keypoints'),
  )
  const people = await cocoKeypoints('val2017', { directory })
  expect([people.keypointNames, people.skeleton]).toEqual([['nose', 'tail'], [[0, 1]]])
  expect([...(await people.get(0)).keypoints]).toEqual([2.5, 3.5, 2, 0, 0, 0])
  expect([...flipHorizontal(await people.get(0)).keypoints]).toEqual([5.5, 3.5, 2, 0, 0, 0])
})

test('it has to be fetched by hand', async () => {
  const cache = await place('coco-cache', {})
  await expect(cocoDetection('val2017', { cache })).rejects.toThrow(
    new DataNotFoundError(
      `cocoDetection: not found: annotations/instances_val2017.json in ${join(cache, 'coco')}: ` +
        'it has to be fetched by hand, see https://cocodataset.org',
    ),
  )
  await expect(cocoDetection('test2017' as 'val2017', { cache })).rejects.toThrow(
    new ValueError('cocoDetection: a split is train2014, val2014, train2017, val2017: test2017'),
  )
})
