// Image, mask, boxes and points stay together: a shape drawn in all of them is the same shape afterwards.
import type { Image } from '@badak/images'
import { Generator, ShapeError, ValueError } from '@badak/tensor'
import { describe, expect, test } from 'vitest'
import { inverse, mapPoint, product } from '../../src/augment/homography.ts'
import {
  affine,
  centerCrop,
  compose,
  crop,
  flipHorizontal,
  oneOf,
  pad,
  perspective,
  randAugment,
  randomAffine,
  randomApply,
  randomCrop,
  randomHorizontalFlip,
  randomPerspective,
  randomResizedCrop,
  randomRotation,
  randomVerticalFlip,
  resize,
  rotate,
  type Sample,
  sampleGenerator,
  type Transform,
  trivialAugment,
  warp,
} from '../../src/index.ts'

const [WIDTH, HEIGHT] = [60, 44]
const areas = [
  [8, 6, 20, 18],
  [30, 10, 52, 30],
  [8, 26, 28, 40],
] as const

function plane(value: (x: number, y: number) => number): Image {
  const data = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => value(i % WIDTH, Math.floor(i / WIDTH)))
  return { width: WIDTH, height: HEIGHT, channels: 1, data }
}

const within = ([x0, y0, x1, y1]: readonly number[], x: number, y: number): boolean =>
  x >= x0! && x < x1! && y >= y0! && y < y1!

/** Rectangles of colour k + 1 in the mask, of 80 · (k + 1) in the image, with their boxes and middles. */
const drawn = {
  image: plane((x, y) => 80 * (areas.findLastIndex((area) => within(area, x, y)) + 1)),
  mask: plane((x, y) => areas.findLastIndex((area) => within(area, x, y)) + 1),
  boxes: Float32Array.from(areas.flat()),
  labels: Int32Array.of(1, 2, 3),
  instances: areas.map((area) => plane((x, y) => Number(within(area, x, y)))),
  keypoints: Float32Array.from(areas.flatMap(([x0, y0, x1, y1]) => [(x0 + x1) / 2, (y0 + y1) / 2, 2])),
  name: 'kept',
} satisfies Sample & { name: string }

/** The box about the pixels of one colour; undefined where there are none. */
function bounds({ width, data }: Image, color: number): [number, number, number, number] | undefined {
  const found = [...data.keys()].filter((i) => data[i] === color)
  if (found.length === 0) return undefined
  const [xs, ys] = [found.map((i) => i % width), found.map((i) => Math.floor(i / width))]
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs) + 1, Math.max(...ys) + 1]
}

const transforms: Record<string, Transform> = {
  randomHorizontalFlip: randomHorizontalFlip({ p: 1 }),
  randomVerticalFlip: randomVerticalFlip({ p: 1 }),
  randomCrop: randomCrop([36, 40], { padding: 5 }),
  'randomCrop, larger than the image': randomCrop([60, 80]),
  randomResizedCrop: randomResizedCrop([50, 70], { scale: [0.3, 1] }),
  centerCrop: centerCrop([31, 45]),
  pad: pad([3, 9, 1, 4]),
  'resize, larger': resize([91, 100]),
  'resize, shorter side': resize(33),
  randomRotation: randomRotation(180),
  'randomRotation, expanding': randomRotation(180, { expand: true }),
  randomAffine: randomAffine({ degrees: 30, translate: [0.2, 0.2], scale: [0.7, 1.4], shear: [20, 10] }),
  randomPerspective: randomPerspective({ p: 1 }),
  trivialAugment: trivialAugment(),
  randAugment: randAugment({ operations: 3, magnitude: 20 }),
  compose: compose([
    randomApply(randomRotation(40), 0.7),
    oneOf([randomCrop(40), randomResizedCrop(40, { scale: [0.4, 1] })]),
    randomHorizontalFlip(),
  ]),
}

describe.each(Object.entries(transforms))('%s', (name, transform) => {
  // Each drawing puts the edge of a mask up to half a pixel off.
  const slack = /compose|randAugment/.test(name) ? 1.5 : 1e-3

  const results = Array.from({ length: 25 }, (_, i) => transform(drawn, sampleGenerator(3, 0, i)))

  test('boxes bound the mask, within the image', () => {
    const wrong: unknown[] = []
    for (const { mask, boxes, labels, image } of results) {
      expect([mask.width, mask.height]).toEqual([image.width, image.height])
      for (const label of [1, 2, 3]) {
        const pixels = bounds(mask, label)
        const at = labels.indexOf(label)
        const box = [...boxes.subarray(4 * at, 4 * at + 4)] as [number, number, number, number]
        // A pixel is in the mask when its centre is in the shape.
        const bounded =
          !pixels ||
          (pixels[0] + 0.5 >= box[0] - slack &&
            pixels[1] + 0.5 >= box[1] - slack &&
            pixels[2] - 0.5 <= box[2] + slack &&
            pixels[3] - 0.5 <= box[3] + slack)
        const inImage = box.every((side, i) => side >= 0 && side <= (i % 2 ? image.height : image.width))
        // Dropped: less than a pixel wide or high, in which a row of pixels may have its centres.
        const narrow = !pixels || Math.min(pixels[2] - pixels[0], pixels[3] - pixels[1]) <= 1
        if (!(at < 0 ? narrow : bounded && inImage)) wrong.push({ label, box, pixels })
      }
    }
    expect(wrong).toEqual([])
  })

  test('points stay in the middle of their shapes, with the boxes and instances that are left', () => {
    const wrong: unknown[] = []
    for (const { mask, instances, keypoints, labels, boxes, name } of results) {
      const { length } = labels
      expect([boxes.length / 4, instances.length, keypoints.length / 3, name]).toEqual([
        length,
        length,
        length,
        'kept',
      ])
      for (const [at, label] of labels.entries()) {
        const [x, y, visible] = [...keypoints.subarray(3 * at, 3 * at + 3)] as [number, number, number]
        // On the border between two pixels, either may be it.
        const between = [x, y].some((place) => Math.abs(place - Math.round(place)) < 0.01)
        const color = mask.data[Math.floor(y) * mask.width + Math.floor(x)]
        const right = visible === 2 ? between || color === label : visible === 0 && x === 0 && y === 0
        const instance = instances[at]!.data.every((value, i) => (value === 1) === (mask.data[i] === label))
        if (!right || !instance) wrong.push({ label, x, y, visible, color, instance })
      }
    }
    expect(wrong).toEqual([])
  })

  test('the image goes where the mask goes', () => {
    for (const { image, mask } of results.slice(0, 5)) {
      // What colour a shape has, whatever a policy made of it.
      const colors = [0, 1, 2, 3].map((label) => {
        const values = image.data.filter((_, i) => mask.data[i] === label).toSorted()
        return values[values.length >> 1]
      })
      const same = mask.data.filter((label, i) => Math.abs(image.data[i]! - colors[label]!) <= 3)
      // Colours run into each other where shapes meet.
      expect(same.length / mask.data.length).toBeGreaterThan(0.75)
    }
  })
})

test('a quarter of a turn is exact, and four of them are none', () => {
  const square = { image: { ...drawn.image, width: 4, height: 4, data: drawn.image.data.slice(600, 616) } }
  const turned = rotate(square, 90)
  for (let y = 0; y < 4; y++)
    for (let x = 0; x < 4; x++) expect(turned.image.data[(3 - x) * 4 + y]).toBe(square.image.data[y * 4 + x])
  expect(rotate(rotate(turned, 180), 90).image.data).toEqual(square.image.data)
})

test('a map and its inverse cancel; a flat one has none', () => {
  const there = [1.2, 0.3, 5, -0.2, 0.9, 3, 0.001, 0.002, 1] as const
  const [x, y] = mapPoint(product(inverse(there), there), 12, 34)
  expect([x, y]).toEqual([expect.closeTo(12, 9), expect.closeTo(34, 9)])
  expect(() => warp(drawn, [1, 1, 0, 1, 1, 0, 0, 0, 1])).toThrow(
    new ValueError('homography: nothing takes it back: its determinant is 0'),
  )
})

test('boxes that are hardly left are dropped, with all that belongs to them', () => {
  const area = { left: 18, top: 0, width: 30, height: 44 }
  expect([...crop(drawn, area).labels]).toEqual([1, 2, 3])
  // The first box has 2 of 12 columns left, the second 18 of 22, the third 10 of 20.
  expect([...crop(drawn, area, { minVisible: 0.75 }).labels]).toEqual([2])
  const few = crop(drawn, area, { minBoxSize: 3 })
  expect([...few.labels]).toEqual([2, 3])
  expect([...few.boxes]).toEqual([12, 10, 30, 30, 0, 26, 10, 40])
  expect([few.instances.length, ...few.keypoints]).toEqual([2, 23, 20, 2, 0, 33, 2])
  const none = crop(drawn, { left: 0, top: 0, width: 4, height: 4 })
  expect([none.boxes.length, none.labels.length, none.instances.length, none.keypoints.length]).toEqual([
    0, 0, 0, 0,
  ])
  expect(crop(none, { left: 0, top: 0, width: 2, height: 2 }).boxes).toHaveLength(0)
})

test('a mirror swaps left and right', () => {
  const { image } = drawn
  const person = { image, keypoints: Float32Array.of(10, 5, 2, 20, 6, 1, 0, 0, 0) }
  const flip = randomHorizontalFlip({ p: 1, keypointPairs: [[0, 1]] })
  expect([...flip(person, new Generator(0)).keypoints]).toEqual([40, 6, 1, 50, 5, 2, 0, 0, 0])
  const wrong = randomHorizontalFlip({ p: 1, keypointPairs: [[0, 3]] })
  expect(() => wrong(person, new Generator(0))).toThrow(
    new ValueError('flip: there are 3 keypoints: no pair 0, 3'),
  )
})

test('what does not fit is refused by name', () => {
  const { image } = drawn
  const flip = (sample: Sample) => () => flipHorizontal(sample)
  expect(flip({ image: { ...image, width: 61 } })).toThrow(
    new ShapeError('flip: the image has 2640 bytes: 61 x 44 x 1 are 2684'),
  )
  expect(flip({ image, mask: { ...image, width: 30, data: image.data.slice(0, 30 * 44) } })).toThrow(
    new ShapeError("flip: the mask is no plane of the image's size: 30 x 44 x 1 for 60 x 44"),
  )
  expect(flip({ image, boxes: new Float32Array(6) })).toThrow(
    new ShapeError('flip: boxes are [N,4]: 6 numbers'),
  )
  expect(flip({ image, boxes: new Float32Array(8), labels: Int32Array.of(1) })).toThrow(
    new ShapeError('flip: labels for boxes: 1 for 2'),
  )
  expect(flip({ image, boxes: new Float32Array(8), keypoints: new Float32Array(9) })).toThrow(
    new ShapeError('flip: keypoints are [2,K,3] for 2 boxes: 9 numbers'),
  )
  expect(flip({ image, keypoints: new Float32Array(4) })).toThrow(
    new ShapeError('flip: keypoints are [K,3]: 4 numbers'),
  )
  const errors: [() => unknown, string][] = [
    [
      () => crop(drawn, { left: 0.5, top: 0, width: 3, height: 3 }),
      'crop: not an area of whole pixels: 3 x 3 at (0.5, 0)',
    ],
    [() => affine(drawn, { scale: 0 }), 'affine: scale must be above 0: 0'],
    [() => rotate(drawn, NaN), 'rotate: angle must be finite: NaN'],
    [
      () => rotate(drawn, 3, { fill: [1, 2] }),
      'fill: expected bytes, one or one for each of 1 channels: [1,2]',
    ],
    [
      () => perspective(drawn, [[0, 0], [1, 0], [2, 0], [0, 1]], [[0, 0], [1, 0], [1, 1], [0, 1]]), // prettier-ignore
      'perspective: three corners are on a line',
    ],
    [() => pad(-1), 'pad: padding must be whole pixels, from 0: [-1,-1]'],
    [() => randomCrop(0), 'randomCrop: size must be whole pixels, from 1: [0,0]'],
    [() => resize(1.5), 'resize: size must be whole pixels, from 1: [1.5]'],
    [
      () => randomResizedCrop(8, { scale: [0, 1] }),
      'randomResizedCrop: scale must be a range above 0: 0 to 1',
    ],
    [() => randomRotation([10, -10]), 'randomRotation: degrees must be a range: 10 to -10'],
    [() => randomAffine({ scale: [0, 1] }), 'randomAffine: scale must be above 0: 0 to 1'],
    [() => randomAffine({ translate: [2, 0] }), 'randomAffine: translate must be from 0 to 1: [2,0]'],
    [() => randomPerspective({ distortion: 2 }), 'randomPerspective: distortion must be from 0 to 1: 2'],
    [() => randomHorizontalFlip({ p: 1.1 }), 'randomHorizontalFlip: p must be from 0 to 1: 1.1'],
    [() => randAugment({ magnitude: 31 }), 'randAugment: magnitude must be an integer from 0 to 30: 31'],
    [() => oneOf([randAugment()], [-1]), 'oneOf: 1 steps need as many weights with a sum above 0: [-1]'],
  ]
  for (const [run, message] of errors) expect(run).toThrow(new ValueError(message))
})
