import { beforeAll, describe, expect, test } from 'vitest'
import { IndexError, ValueError } from '@badak/tensor'
import { DataLoader, DataNotFoundError, type Scene, type SceneDataset, scenes } from '../../src/index.ts'
import { sceneSuite } from './scene-suite.ts'

sceneSuite()

/** Many small scenes with much in them. */
let crowded: SceneDataset
let some: Scene[]
beforeAll(async () => {
  crowded = await scenes('train', { size: [90, 120], objects: [1, 8], occlusion: 0.6, rotation: 180 })
  some = Array.from({ length: 120 }, (_, index) => crowded.get(index))
})

describe('what a scene says of itself', () => {
  test('a box is the hull of its pixels in the instance mask, the area their number', () => {
    for (const { instances, objects } of some) {
      for (const [i, { box, area }] of objects.entries()) {
        const columns: number[] = []
        const rows: number[] = []
        for (const [pixel, owner] of instances.data.entries()) {
          if (owner !== i + 1) continue
          columns.push(pixel % instances.width)
          rows.push(Math.floor(pixel / instances.width))
        }
        const hull = [
          Math.min(...columns),
          Math.min(...rows),
          Math.max(...columns) + 1,
          Math.max(...rows) + 1,
        ]
        expect(box).toEqual(hull)
        expect(area).toBe(columns.length)
      }
    }
  })

  test('the class mask has the class of each object where the instance mask has the object', () => {
    for (const { mask, instances, objects } of some) {
      const labels = [0, ...objects.map(({ label }) => label)]
      expect(mask.data).toEqual(instances.data.map((owner) => labels[owner]!))
    }
  })

  test('the whole box holds the box; what is not seen is hidden or beyond the edge', () => {
    for (const { objects, image } of some) {
      for (const { box, amodalBox, visibility, area } of objects) {
        expect(amodalBox[0]).toBeLessThanOrEqual(box[0])
        expect(amodalBox[1]).toBeLessThanOrEqual(box[1])
        expect(amodalBox[2]).toBeGreaterThanOrEqual(box[2])
        expect(amodalBox[3]).toBeGreaterThanOrEqual(box[3])
        expect(visibility).toBeGreaterThanOrEqual(1 - 0.6)
        expect(visibility).toBeLessThanOrEqual(1)
        expect(area).toBeGreaterThan(0)
        const inside =
          amodalBox[0] >= 0 &&
          amodalBox[1] >= 0 &&
          amodalBox[2] <= image.width &&
          amodalBox[3] <= image.height
        // Where all of it is seen, its box is the whole one.
        expect(visibility < 1 || (inside && box.join() === amodalBox.join())).toBe(true)
      }
      // Nothing is in front of the last.
      const last = objects.at(-1)!
      const seen = [
        Math.max(0, last.amodalBox[0]),
        Math.max(0, last.amodalBox[1]),
        Math.min(image.width, last.amodalBox[2]),
        Math.min(image.height, last.amodalBox[3]),
      ]
      expect(last.box[0]).toBeGreaterThanOrEqual(seen[0]!)
      expect(last.box[3]).toBeLessThanOrEqual(seen[3]!)
    }
    const visibilities = some.flatMap(({ objects }) => objects.map(({ visibility }) => visibility))
    expect(visibilities.filter((visibility) => visibility < 0.9).length).toBeGreaterThan(50)
  })

  test('without occlusion, all of everything is seen', async () => {
    const data = await scenes('train', { objects: [4, 4], occlusion: 0 })
    for (let index = 0; index < 30; index++) {
      const { objects } = data.get(index)
      expect(objects.map(({ visibility }) => visibility)).toEqual([1, 1, 1, 1])
    }
  })

  test('the mask is where the sprite is: two scenes that differ in light and ground only have the same', async () => {
    // Where an object is not, the ground shows: black in one and white in the other.
    const plain = (value: number) =>
      ({ width: 8, height: 8, channels: 1, data: new Uint8Array(64).fill(value) }) as const
    const options = { objects: [1, 6], light: 0, noise: 0 } as const
    const black = await scenes('train', { ...options, backgrounds: [plain(0)] })
    const white = await scenes('train', { ...options, backgrounds: [plain(255)] })
    for (let index = 0; index < 20; index++) {
      const [a, b] = [black.get(index), white.get(index)]
      expect(a.instances.data).toEqual(b.instances.data)
      const wrong = a.instances.data.findIndex((owner, pixel) => {
        // The ground's share of a pixel is 1 − alpha, in all layers together.
        const ground = (b.image.data[3 * pixel]! - a.image.data[3 * pixel]!) / 255
        // An owner has at least half; six that have less than half each leave more than 1/64.
        return owner > 0 ? ground > 0.5 + 1 / 255 : ground < 1 / 64 - 1 / 255
      })
      expect(wrong).toBe(-1)
    }
  })

  test('a border of 255 lies along every edge and nowhere else', async () => {
    const data = await scenes('train', { border: 2, objects: [2, 5] })
    for (let index = 0; index < 10; index++) {
      const { mask, instances, objects } = data.get(index)
      const { width, height } = mask
      const expected = instances.data.map((owner, pixel) => {
        const near = isNearEdge(instances.data, width, height, pixel % width, Math.floor(pixel / width), 2)
        return near ? 255 : owner && objects[owner - 1]!.label
      })
      expect(mask.data).toEqual(expected)
    }
  })
})

/** By definition: whether a pixel within `reach` has a neighbour of another object within it, seen from each edge. */
function isNearEdge(
  owners: Uint8Array,
  width: number,
  height: number,
  x: number,
  y: number,
  reach: number,
): boolean {
  const at = (column: number, row: number): number => owners[row * width + column]!
  const inside = (column: number, row: number): boolean =>
    column >= 0 && row >= 0 && column < width && row < height
  for (let row = y - reach; row <= y + reach; row++) {
    for (let column = x - reach; column <= x + reach; column++) {
      // An edge between (column, row) and its neighbour, both within reach of (x, y).
      if (!inside(column, row)) continue
      const right =
        column + 1 <= x + reach && inside(column + 1, row) && at(column, row) !== at(column + 1, row)
      const below = row + 1 <= y + reach && inside(column, row + 1) && at(column, row) !== at(column, row + 1)
      if (right || below) return true
    }
  }
  return false
}

describe('the data set', () => {
  test('a scene depends on its index alone, not on what was asked for before', async () => {
    const again = await scenes('train', { size: [90, 120], objects: [1, 8], occlusion: 0.6, rotation: 180 })
    for (const index of [77, 3, 119, 0]) expect(again.get(index)).toEqual(some[index])
  })

  test('seeds and splits differ; transfer is test with the other vendor', async () => {
    const first = async (split: 'train' | 'validation' | 'test' | 'transfer', options = {}): Promise<Scene> =>
      (await scenes(split, options)).get(0)
    const different = await Promise.all([
      first('train'),
      first('validation'),
      first('test'),
      first('train', { seed: 1 }),
    ])
    expect(new Set(different.map(({ image }) => image.data.join())).size).toBe(4)
    expect(await first('transfer')).toEqual(await first('test', { vendor: 'twitter' }))
    expect(await first('transfer', { vendor: 'twitter' })).toEqual(await first('test', { vendor: 'google' }))
  })

  test('counts, classes and sizes are spread as asked', async () => {
    const data = await scenes('train', { size: 96, objects: [0, 4], scale: [0.2, 0.4], rotation: 0 })
    const counts = new Map<number, number>()
    const labels = new Map<number, number>()
    const sprites = new Set<string>()
    for (let index = 0; index < 600; index++) {
      const { objects } = data.get(index)
      counts.set(objects.length, (counts.get(objects.length) ?? 0) + 1)
      for (const { label, sprite, amodalBox } of objects) {
        labels.set(label, (labels.get(label) ?? 0) + 1)
        sprites.add(sprite)
        const size = Math.max(amodalBox[2] - amodalBox[0], amodalBox[3] - amodalBox[1])
        expect(size).toBeLessThanOrEqual(0.4 * 96 + 1)
        // The least that a sprite fills of its square is three quarters.
        expect(size).toBeGreaterThan(0.2 * 96 * 0.7)
      }
    }
    expect(new Set(counts.keys())).toEqual(new Set([0, 1, 2, 3, 4]))
    // 120 of each expected, standard deviation 9.8; five of those are allowed.
    for (const count of counts.values()) expect(Math.abs(count - 120)).toBeLessThan(49)
    // 1200 objects in 12 classes: 100 of each, standard deviation 9.6 of the classes and some more of the total.
    expect(labels.size).toBe(12)
    for (const count of labels.values()) expect(Math.abs(count - 100)).toBeLessThan(52)
    // Of 55 faces, each not drawn in 100 times with probability 0.16, some are missing, of other classes few.
    expect(sprites.size).toBeGreaterThan(175)
  })

  test('some classes, in an order of their own', async () => {
    const data = await scenes('train', { classes: ['heart', 'car'], objects: [3, 3] })
    expect(data.classes).toEqual(['background', 'heart', 'car'])
    const labels = Array.from({ length: 20 }, (_, index) => data.get(index).objects).flat()
    expect(new Set(labels.map(({ label }) => label))).toEqual(new Set([1, 2]))
    for (const { label, sprite } of labels)
      expect(sprite.includes('heart') || sprite === 'cupid').toBe(label === 1)
  })

  test('batches', async () => {
    const data = await scenes('validation', { size: [40, 60], length: 5, objects: [0, 2], seed: 4 })
    const shapes: unknown[] = []
    for await (const { x, masks, instances, boxes, labels, captions } of new DataLoader(data, {
      batchSize: 3,
    })) {
      shapes.push([
        x.shape,
        x.dtype,
        masks.shape,
        masks.dtype,
        instances.shape,
        boxes.length,
        labels.length,
        captions.length,
      ])
    }
    const rows = (n: number) => [[n, 3, 40, 60], 'float32', [n, 40, 60], 'int32', [n, 40, 60], n, n, n]
    expect(shapes).toEqual([rows(3), rows(2)])
    const { x, masks, boxes, labels } = data.gatherBatch(Int32Array.of(4, 1))
    const scene = data.get(1)
    const pixels = (await x.data()) as Float32Array
    for (const [pixel, channel] of [
      [0, 0],
      [777, 1],
      [2399, 2],
    ] as const) {
      expect(pixels[(3 + channel) * 2400 + pixel]).toBe(
        Math.fround(scene.image.data[3 * pixel + channel]! / 255),
      )
    }
    expect(((await masks.data()) as Int32Array).slice(2400)).toEqual(Int32Array.from(scene.mask.data))
    expect(await boxes[1]!.array()).toEqual(scene.objects.map(({ box }) => [...box]))
    expect(await labels[1]!.array()).toEqual(scene.objects.map(({ label }) => label))
  })

  test('a scene without objects', async () => {
    const data = await scenes('train', { objects: [0, 0], size: [1, 1], scale: [1, 1] }).catch(
      (error: Error) => error,
    )
    expect(data).toEqual(
      new ValueError('scenes: an object would be 1 pixels large, at least 6 are needed: raise size or scale'),
    )
    const empty = await scenes('train', { objects: [0, 0], size: 30 })
    const { objects, mask, captions } = empty.get(0)
    expect([objects, mask.data.every((label) => label === 0), captions[0]]).toEqual([
      [],
      true,
      'an empty scene',
    ])
    expect(empty.gatherBatch(Int32Array.of(0)).boxes[0]!.shape).toEqual([0, 4])
  })

  test('as many objects as are asked for find room, in every scene', async () => {
    const data = await scenes('train', { size: 128, objects: [30, 30], scale: [0.09, 0.6], occlusion: 0.1 })
    for (let index = 0; index < 40; index++) expect(data.get(index).objects.length).toBe(30)
  })
})

describe('errors', () => {
  test.each([
    [{ size: 20 }, 'an object would be 4 pixels large, at least 6 are needed: raise size or scale'],
    [{ size: [128, 0] }, 'size: expected pixels from 1 to 8192: [128, 0]'],
    [{ size: 12.5 }, 'size: expected pixels from 1 to 8192: 12.5'],
    [{ seed: -1 }, 'seed: expected an integer from 0 to 2^32 - 1: -1'],
    [{ objects: [3, 2] }, 'objects: expected counts, the least and the most, up to 254: [3, 2]'],
    [{ objects: [1, 255] }, 'objects: expected counts, the least and the most, up to 254: [1, 255]'],
    [
      { objects: [1, 40] },
      '40 objects of 25.6 pixels or more have no room, at most 10 have: lower objects or scale',
    ],
    [
      { scale: [0.2, 1.5] },
      'scale: expected shares of the shorter side, the least and the greatest: [0.2, 1.5]',
    ],
    [{ rotation: 200 }, 'rotation: expected degrees from 0 to 180: 200'],
    [{ light: NaN }, 'light: expected a number from 0 to 1: NaN'],
    [{ noise: 2 }, 'noise: expected a number from 0 to 1: 2'],
    [{ occlusion: 1 }, 'occlusion: expected a share from 0 to 0.9: 1'],
    [{ border: 1.5 }, 'border: expected pixels from 0 to 16: 1.5'],
    [{ length: 0.5 }, 'length: expected an integer from 0 to 2^30: 0.5'],
    [{ backgrounds: [] }, 'backgrounds: expected one or more: []'],
    [
      { backgrounds: ['sky' as 'plain'] },
      'backgrounds: expected plain, gradient, clouds, stripes, checker, clutter, or images: sky',
    ],
    [
      { backgrounds: [{ width: 2, height: 2, channels: 3, data: new Uint8Array(11) }] },
      'backgrounds: expected images with all their pixels: 2x2x3 with 11 bytes',
    ],
    [
      { classes: ['car', 'boat'] },
      'unknown class boat; known: face, cat, dog, bird, car, tree, flower, fruit, building, ball, heart, clock',
    ],
    [{ classes: [] }, 'classes: expected one class or more: []'],
    [{ classes: ['car', 'car'] }, 'classes: expected different classes: [car, car]'],
    [{ vendor: 'apple' as 'google' }, 'vendor is one of google, twitter: apple'],
  ] as const)('%o', async (options, message) => {
    await expect(scenes('train', options)).rejects.toThrow(new ValueError(`scenes: ${message}`))
  })

  test('splits and indices', async () => {
    await expect(scenes('dev' as 'test')).rejects.toThrow(
      new ValueError('scenes: the split is one of train, validation, test, transfer: dev'),
    )
    const data = await scenes('test', { length: 3 })
    for (const index of [3, -1, 0.5]) {
      expect(() => data.get(index)).toThrow(new IndexError(`scenes: there are 3 scenes: ${index}`))
    }
    expect(() => data.gatherBatch(Int32Array.of(0, 9))).toThrow(
      new IndexError('scenes: there are 3 scenes: 9'),
    )
  })

  test('no atlas where it should be', async () => {
    await expect(scenes('test', { atlas: '/nowhere' })).rejects.toThrow(DataNotFoundError)
    await expect(scenes('test', { atlas: '/nowhere/' })).rejects.toThrow(
      'scenes: /nowhere/google.png: no such file or directory',
    )
  })
})
