// Segments as scikit-image cuts them, hierarchies by hand, and what selective search finds.
import { ShapeError, ValueError } from '@badak/tensor'
import {
  graphSegmentation,
  groupRegions,
  pairwiseIoU,
  selectiveSearch,
  type ImageLike,
} from '@badak/detection'
import { describe, expect, test } from 'vitest'
import { readCases } from '../../layers/test/fixture.ts'
import { planesOf } from '../src/proposals/pixels.ts'
import { draw, listHash } from './draws.ts'

interface SegmentationCase {
  readonly seed: number
  readonly scale: number
  readonly sigma: number
  readonly minSize: number
  readonly count: number
  readonly labels: number
}
type Colors = Record<'rgb' | 'hsv' | 'lab', number[][]>

const cases = readCases<SegmentationCase | Colors>(new URL('fixtures/segmentation.json', import.meta.url))
const colors = cases.at(-1) as Colors

/** The image of `tools/record-fixtures/segmentation.py`. */
function drawImage(seed: number): ImageLike {
  const [width, height, patch] = [8 + (draw(seed, 0) % 40), 8 + (draw(seed, 1) % 40), 3 + (draw(seed, 2) % 9)]
  const noise = [4, 20, 60][seed % 3]!
  const data = Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const [x, y, c] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width), at % 3]
    const cell = Math.floor(y / patch) * 100 + Math.floor(x / patch)
    return (draw(seed, 100000 + cell * 3 + c) % 190) + (draw(seed, 10 + at) % noise)
  })
  return { width, height, channels: 3, data }
}

/** An image painted by a function of x and y. */
function paint(width: number, height: number, color: (x: number, y: number) => readonly number[]): ImageLike {
  const pixels = Array.from({ length: width * height }, (_, i) => color(i % width, Math.floor(i / width)))
  return { width, height, channels: pixels[0]!.length, data: Uint8Array.from(pixels.flat()) }
}

test.each(cases.slice(0, -1) as SegmentationCase[])(
  'segments: $seed, scale $scale, sigma $sigma, at least $minSize',
  ({ seed, count, labels, ...options }) => {
    const actual = graphSegmentation(drawImage(seed), options)
    expect([actual.count, listHash(actual.labels)]).toEqual([count, labels])
  },
)

test.each(['hsv', 'lab'] as const)('colours in %s', (space) => {
  const image = paint(colors.rgb.length, 1, (x) => colors.rgb[x]!)
  const planes = planesOf('test', image, space)
  for (const [i, wanted] of colors[space].entries())
    for (const [c, value] of wanted.entries())
      // The matrix of Lab has six digits.
      expect(Math.abs(planes[c as 0][i]! - value), `${colors.rgb[i]} ${c}`).toBeLessThan(0.02)
})

describe('a hierarchy by hand', () => {
  // Three segments: two columns, one, and one.
  const image = paint(4, 2, (x) => (x < 3 ? [10, 10, 10] : [200, 200, 200]))
  const segmentation = { width: 4, height: 2, count: 3, labels: Int32Array.of(0, 0, 1, 2, 0, 0, 1, 2) }

  test('by size, the smaller ones are joined first', () => {
    const regions = groupRegions(image, segmentation, { similarity: ['size'] })
    expect(regions).toEqual([
      { box: [0, 0, 2, 2], size: 4 },
      { box: [2, 0, 3, 2], size: 2 },
      { box: [3, 0, 4, 2], size: 2 },
      // 1 − (2 + 2) / 8; 1 − (4 + 4) / 8
      { box: [2, 0, 4, 2], size: 4, parts: [1, 2], similarity: 0.5 },
      { box: [0, 0, 4, 2], size: 8, parts: [0, 3], similarity: 0 },
    ])
  })

  test('by colour, equal ones; then none is shared', () => {
    const joined = groupRegions(image, segmentation, { similarity: ['color'] }).slice(3)
    expect(joined.map(({ parts }) => parts)).toEqual([
      [0, 1],
      [2, 3],
    ])
    expect(joined.map(({ similarity }) => similarity)).toEqual([expect.closeTo(1, 12), 0])
  })

  test('by fill, what fits into each other', () => {
    // An L around a square: their hull has no gap. The column beside leaves none either, and is joined last.
    const around = { width: 3, height: 2, count: 3, labels: Int32Array.of(0, 0, 2, 0, 1, 2) }
    const dark = paint(3, 2, () => [0])
    const joined = groupRegions(dark, around, { similarity: ['fill'] }).slice(3)
    // L and square: 1 − (4 − 4) / 6. L and column: 1 − (6 − 3 − 2) / 6. Square and column: 1 − (4 − 1 − 2) / 6.
    expect(joined).toEqual([
      { box: [0, 0, 2, 2], size: 4, parts: [0, 1], similarity: 1 },
      { box: [0, 0, 3, 2], size: 6, parts: [2, 3], similarity: 1 },
    ])
  })

  test('by texture, stripes go with stripes', () => {
    // Upright stripes left, plain in the middle, upright stripes right, lying ones below; all grey on average.
    const striped = paint(30, 20, (x, y) => [y >= 10 ? (y % 4 < 2 ? 0 : 200) : x % 4 < 2 ? 0 : 200])
    const labels = Int32Array.from({ length: 600 }, (_, i) => (i >= 300 ? 2 : i % 30 < 15 ? 0 : 1))
    const regions = groupRegions(
      striped,
      { width: 30, height: 20, count: 3, labels },
      { similarity: ['texture'] },
    )
    expect(regions[3]!.parts).toEqual([0, 1])
  })
})

describe('selective search', () => {
  const inside = ([x1, y1, x2, y2]: readonly number[], x: number, y: number): boolean =>
    x >= x1! && x < x2! && y >= y1! && y < y2!
  const squares = [
    [10, 12, 34, 40],
    [50, 8, 74, 30],
    [40, 50, 80, 78],
  ]
  const inks = [
    [220, 40, 30],
    [30, 60, 210],
    [240, 220, 60],
  ]
  const scene = paint(96, 88, (x, y) => {
    const shade = draw(7, y * 96 + x) % 12
    const at = squares.findIndex((square) => inside(square, x, y))
    return (inks[at] ?? [120, 150, 120]).map((value) => value - 6 + shade)
  })

  test.each(['single', 'fast', 'quality'] as const)('%s finds what stands out', (strategy) => {
    const boxes = selectiveSearch(scene, { strategy })
    const overlaps = pairwiseIoU(Float32Array.from(squares.flat()), boxes)
    const count = boxes.length / 4
    for (let s = 0; s < squares.length; s++)
      expect(Math.max(...overlaps.subarray(s * count, (s + 1) * count))).toBeGreaterThan(0.8)
    const rows = Array.from({ length: count }, (_, i) => boxes.subarray(4 * i, 4 * i + 4).join())
    expect(new Set(rows).size).toBe(count)
    expect(rows).toContain('0,0,96,88')
  })

  test('the same seed, the same boxes; limits hold', () => {
    expect(selectiveSearch(scene)).toEqual(selectiveSearch(scene))
    expect(selectiveSearch(scene, { seed: 1 })).not.toEqual(selectiveSearch(scene))
    const some = selectiveSearch(scene, { minSide: 20, limit: 5 })
    expect(some.length).toBe(20)
    for (let i = 0; i < 20; i += 4)
      expect(Math.min(some[i + 2]! - some[i]!, some[i + 3]! - some[i + 1]!)).toBeGreaterThanOrEqual(20)
  })

  test('one pixel, one colour, grey and alpha', () => {
    const pixel = { width: 1, height: 1, channels: 3, data: Uint8Array.of(1, 2, 3) }
    expect([...selectiveSearch(pixel)]).toEqual([0, 0, 1, 1])
    expect([...selectiveSearch(paint(9, 5, () => [7]))]).toEqual([0, 0, 9, 5])
    expect([...selectiveSearch(paint(1, 5, () => [7]))]).toEqual([0, 0, 1, 5])
    const opaque = paint(96, 88, (x, y) => [
      ...scene.data.subarray(3 * (y * 96 + x), 3 * (y * 96 + x) + 3),
      9,
    ])
    expect(selectiveSearch(opaque)).toEqual(selectiveSearch(scene))
  })
})

const grey = paint(4, 2, () => [0])
const other = { width: 2, height: 2, count: 1, labels: new Int32Array(4) }
const errors: [() => unknown, Error][] = [
  [
    () => graphSegmentation({ ...grey, width: 5 }),
    new ShapeError('graphSegmentation: the sides of the image do not fit its data: 2x5x1 for 8 values'),
  ],
  [
    () => selectiveSearch({ ...grey, channels: 2 }),
    new ValueError('selectiveSearch: channels are 1 (grey), 3 (RGB) or 4 (RGBA): 2'),
  ],
  [
    () => graphSegmentation(grey, { sigma: -1 }),
    new ValueError('graphSegmentation: sigma is not a number ≥ 0: -1'),
  ],
  [
    () => graphSegmentation(grey, { colorSpace: 'xyz' as 'rgb' }),
    new ValueError('graphSegmentation: the colour space is not rgb, hsv or lab: xyz'),
  ],
  [() => groupRegions(grey, other), new ShapeError('groupRegions: the image is 2x4, its segmentation 2x2')],
  [
    () => groupRegions(grey, graphSegmentation(grey), { similarity: [] }),
    new ValueError('groupRegions: similarity is not of color, texture, size, fill: none'),
  ],
  [
    () => selectiveSearch(grey, { strategy: 'slow' as 'fast' }),
    new ValueError('selectiveSearch: strategy is not single, fast or quality: slow'),
  ],
  [
    () => selectiveSearch(grey, { scales: [NaN] }),
    new ValueError('selectiveSearch: a scale is not a number ≥ 0: NaN'),
  ],
  [
    () => selectiveSearch(grey, { limit: -1 }),
    new ValueError('selectiveSearch: limit is not a number ≥ 0: -1'),
  ],
]

test.each(errors)('error %#', (act, error) => {
  expect(act).toThrow(error)
})
