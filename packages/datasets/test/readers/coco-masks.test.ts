import { createHash } from 'node:crypto'
import type { Image } from '@badak/images'
import { FormatError, ShapeError } from '@badak/tensor'
import { describe, expect, test } from 'vitest'
import {
  compressRLE,
  decodeRLE,
  encodeRLE,
  mergeRLE,
  polygonsToRLE,
  type RLE,
  rleArea,
  rleBox,
} from '../../src/index.ts'
// tools/record-fixtures/coco-masks.py
import recorded from './coco-masks.json' with { type: 'json' }

/** That of the script: x ← 1664525·x + 1013904223 mod 2³². */
function lcg(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0
    return (state >>> 16) % below
  }
}

function randomMask(below: (n: number) => number, height: number, width: number): Image {
  const columns = new Uint8Array(height * width)
  for (let at = 0, value = below(2); at < columns.length; value = 1 - value) {
    const run = 1 + below(2 * height)
    columns.fill(value, at, at + run)
    at += run
  }
  const data = Uint8Array.from(columns, (_, i) => columns[(i % width) * height + Math.floor(i / width)]!)
  return { width, height, channels: 1, data }
}

function randomPolygon(below: (n: number) => number, height: number, width: number): number[] {
  return Array.from({ length: 3 + below(8) }, () => [
    below(4 * (width + 8)) / 4 - 4,
    below(4 * (height + 8)) / 4 - 4,
  ]).flat()
}

const textOf = (rle: RLE): string => compressRLE(rle).counts
/** pycocotools has left, top, width and height. */
const boxOf = (rle: RLE): string => {
  const [left, top, right, bottom] = rleBox(rle)
  return [left, top, right - left, bottom - top].join(',')
}

function caseOf(below: (n: number) => number): string {
  const [height, width] = [1 + below(40), 1 + below(40)]
  const [first, second] = [randomMask(below, height, width), randomMask(below, height, width)]
  const polygons = Array.from({ length: 1 + below(3) }, () => randomPolygon(below, height, width))
  const [a, b] = [encodeRLE(first), encodeRLE(second)]
  const text = textOf(a)
  // The way back, from numbers and from the text.
  expect(decodeRLE(a)).toEqual(first)
  expect(decodeRLE({ size: [height, width], counts: text })).toEqual(first)
  const whole = polygonsToRLE(polygons, { height, width })
  return [
    `${height}x${width}`,
    text,
    textOf(b),
    rleArea(a),
    boxOf(a),
    textOf(mergeRLE([a, b])),
    textOf(mergeRLE([a, b], { intersect: true })),
    ...polygons.map((polygon) => textOf(polygonsToRLE([polygon], { height, width }))),
    textOf(whole),
    rleArea(whole),
    boxOf(whole),
  ].join('|')
}

test('masks and polygons are those of pycocotools in a thousand random cases', () => {
  const below = lcg(recorded.seed)
  const lines = Array.from({ length: recorded.count }, () => caseOf(below))
  expect(lines.slice(0, recorded.first.length)).toEqual(recorded.first)
  expect(createHash('sha256').update(lines.join('\n')).digest('hex')).toBe(recorded.sha256)
})

test('small masks, by hand', () => {
  const mask: Image = { width: 3, height: 2, channels: 1, data: Uint8Array.of(1, 0, 1, 1, 1, 0) }
  expect(encodeRLE(mask)).toEqual({ size: [2, 3], counts: [0, 2, 1, 2, 1] })
  expect(rleBox({ size: [2, 3], counts: [6] })).toEqual([0, 0, 0, 0])
  // Runs of no length are nothing.
  expect(rleBox({ size: [2, 3], counts: [1, 0, 2, 1, 2] })).toEqual([1, 1, 2, 2])
  expect(mergeRLE([mask, mask].map(encodeRLE), { intersect: true }).counts).toEqual([0, 2, 1, 2, 1])
  const runs = { size: [2, 3], counts: [1, 0, 2, 1, 2] } as const
  expect(mergeRLE([runs, { size: [2, 3], counts: [6] }]).counts).toEqual([3, 1, 2])
})

describe('refuses', () => {
  const size = [2, 3] as const
  test.each<[string, () => unknown, Error]>([
    [
      'runs that are too few',
      () => decodeRLE({ size, counts: [1, 2] }),
      new FormatError('decodeRLE: the runs have 3 pixels, a mask of 2x3 has 6'),
    ],
    [
      'runs that go back',
      () => decodeRLE({ size, counts: [7, -1] }),
      new FormatError('decodeRLE: a run is a count of pixels: -1 (run 1)'),
    ],
    [
      'a text with other characters',
      () => rleArea({ size, counts: '1 5' }),
      new FormatError('rleArea: the text of runs is broken, or cut off (character 1 of 3)'),
    ],
    [
      'a text that ends in a number',
      () => rleArea({ size, counts: '1_' }),
      new FormatError('rleArea: the text of runs is broken, or cut off (character 2 of 2)'),
    ],
    [
      'a number without end',
      () => rleArea({ size, counts: 'o'.repeat(40) }),
      new FormatError('rleArea: the text of runs is broken, or cut off (character 7 of 40)'),
    ],
    [
      'more pixels than an image has',
      () => decodeRLE({ size: [1e5, 1e5], counts: [1e10] }),
      new FormatError('decodeRLE: 100000x100000 pixels are more than 89478485'),
    ],
    [
      'a size that is none',
      () => decodeRLE({ size: [0, 3], counts: [] }),
      new FormatError('decodeRLE: the size of a mask is its height and width: [0,3]'),
    ],
    [
      'sizes that differ',
      () =>
        mergeRLE([
          { size, counts: [6] },
          { size: [3, 2], counts: [6] },
        ]),
      new ShapeError('mergeRLE: sizes differ: 2x3 and 3x2'),
    ],
    ['no masks', () => mergeRLE([]), new ShapeError('mergeRLE: there are no masks')],
    [
      'a mask in colour',
      () => encodeRLE({ width: 1, height: 1, channels: 3, data: new Uint8Array(3) }),
      new ShapeError('encodeRLE: a mask has one channel: 3'),
    ],
    [
      'a polygon of two points',
      () => polygonsToRLE([[0, 0, 1, 1]], { height: 2, width: 3 }),
      new FormatError('polygonsToRLE: polygon 0: a polygon is x and y of three points or more: 4 numbers'),
    ],
    [
      'half a point',
      () => polygonsToRLE([[0, 0, 1, 1, 2, 2, 3]], { height: 2, width: 3 }),
      new FormatError('polygonsToRLE: polygon 0: a polygon is x and y of three points or more: 7 numbers'),
    ],
    [
      'what is no number',
      () => polygonsToRLE([[0, 0, 1, NaN, 2, 2]], { height: 2, width: 3 }),
      new FormatError('polygonsToRLE: polygon 0: a coordinate is a number: [0, 0, 1, NaN, 2, 2]'),
    ],
    [
      'an outline that takes for ever',
      () => polygonsToRLE([[0, 0, 1e9, 0, 0, 1]], { height: 2, width: 3 }),
      new FormatError('polygonsToRLE: polygon 0: its outline is too long: 2000000002 pixels'),
    ],
    [
      'no polygon',
      () => polygonsToRLE([], { height: 2, width: 3 }),
      new FormatError('polygonsToRLE: there is no polygon'),
    ],
  ])('%s', (_, work, error) => {
    expect(work).toThrow(error)
  })
})
