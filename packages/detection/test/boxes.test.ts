// Boxes on the host as torchvision's functions take them, on 1,000 random cases; soft suppression as its paper has it.
import { Generator, ShapeError, ValueError } from '@badak/tensor'
import {
  batchedNonMaximumSuppression,
  clipBoxes,
  convertBoxes,
  matchAnchors,
  nonMaximumSuppression,
  pairwiseIoU,
  removeSmallBoxes,
  sampleBalanced,
  softNonMaximumSuppression,
  type BoxFormat,
} from '@badak/detection'
import { expect, test } from 'vitest'
import { readCases } from '../../layers/test/fixture.ts'
import { ascendingOrder, descendingOrder } from '../src/order.ts'
import { draw, drawBoxes, drawScores, listHash, weighted } from './draws.ts'

type Case = [number, number, number, number, number, number, number | null, number]
const cases = readCases<Case>(new URL('fixtures/box-cases.json', import.meta.url))
const thresholds = [0, 0.3, 0.5, 0.6, 0.7]
const boxes = (...values: number[]): Float32Array => Float32Array.from(values)

test('1,000 random cases: suppression, matching and overlaps', () => {
  expect(cases.length).toBe(1000)
  for (const [seed, [nms, batched, match, , iou]] of cases.entries()) {
    const [n, m] = [1 + (draw(seed, 0) % 48), 1 + (draw(seed, 1) % 8)]
    const [some, others] = [drawBoxes(seed, 10, n, seed % 4 === 0), drawBoxes(seed, 1000, m)]
    const scores = drawScores(seed, n)
    const labels = Int32Array.from({ length: n }, (_, i) => draw(seed, 3000 + i) % 3)
    const options = { iouThreshold: thresholds[seed % 5]! }
    expect(listHash(nonMaximumSuppression(some, scores, options)), `NMS ${seed}`).toBe(nms)
    expect(listHash(batchedNonMaximumSuppression(some, scores, labels, options)), `batched ${seed}`).toBe(
      batched,
    )
    expect(Math.abs(weighted(seed, pairwiseIoU(others, some)) - iou)).toBeLessThan(1e-5)
    const { matches } = matchAnchors(some, others, { allowLowQualityMatches: seed % 2 === 1 })
    expect(listHash(matches), `matches ${seed}`).toBe(match)
  }
})

interface SoftCase {
  readonly seed: number
  readonly method: 'linear' | 'gaussian'
  readonly scoreThreshold: number
  readonly indices: readonly number[]
  readonly scores: readonly number[]
}

test.each(readCases<SoftCase>(new URL('fixtures/soft-suppression.json', import.meta.url)))(
  'soft suppression: $method $seed',
  ({ seed, indices, scores, ...options }) => {
    const n = 1 + (draw(seed, 0) % 24)
    const kept = softNonMaximumSuppression(drawBoxes(seed, 10, n), drawScores(seed, n), options)
    expect([...kept.indices]).toEqual(indices)
    kept.scores.forEach((score, i) => expect(score).toBeCloseTo(scores[i]!, 6))
  },
)

test('suppression of nothing, of equals, up to a limit, with infinite scores', () => {
  const none = new Float32Array(0)
  expect(nonMaximumSuppression(none, none)).toEqual(new Int32Array(0))
  expect(batchedNonMaximumSuppression(none, none, [])).toEqual(new Int32Array(0))
  expect(softNonMaximumSuppression(none, none)).toEqual({ indices: new Int32Array(0), scores: none })
  const equal = boxes(0, 0, 4, 4, 0, 0, 4, 4, 8, 8, 9, 9, 20, 20, 30, 30)
  expect([...nonMaximumSuppression(equal, boxes(1, 1, 1, 1))]).toEqual([0, 2, 3])
  expect([...nonMaximumSuppression(equal, boxes(1, 1, 1, 1), { limit: 2 })]).toEqual([0, 2])
  expect([...batchedNonMaximumSuppression(equal, boxes(1, 2, 3, 4), [0, 1, 0, 1], { limit: 3 })]).toEqual([
    3, 2, 1,
  ])
  expect([...nonMaximumSuppression(equal, boxes(-Infinity, 0, Infinity, -1))]).toEqual([2, 1, 3])
  // Points overlap nothing, not even themselves.
  expect([...nonMaximumSuppression(boxes(1, 1, 1, 1, 1, 1, 1, 1), boxes(0, 0))]).toEqual([0, 1])
})

test('orders of all floats, equal ones as they stand', () => {
  const values = Float32Array.of(-0, 3, -1e-40, -Infinity, 0, 1e30, -2, Infinity, 3, -2)
  expect([...descendingOrder(values)]).toEqual([7, 5, 1, 8, 0, 4, 2, 6, 9, 3])
  expect([...ascendingOrder(values)]).toEqual([3, 6, 9, 2, 0, 4, 1, 8, 5, 7])
})

test('matches of no objects, and of objects that no anchor overlaps', () => {
  const anchors = boxes(0, 0, 4, 4, 2, 0, 6, 4)
  const { matches, overlaps } = matchAnchors(anchors, new Float32Array(0), {
    lowThreshold: 0,
    highThreshold: 0,
  })
  expect([...matches, ...overlaps]).toEqual([-1, -1, 0, 0])
  const far = matchAnchors(anchors, boxes(90, 90, 99, 99), { allowLowQualityMatches: true })
  expect([...far.matches]).toEqual([-1, -1])
  // By hand: overlaps 1/3 and 8/8.
  const near = matchAnchors(anchors, boxes(2, 0, 6, 4))
  expect([...near.matches]).toEqual([-2, 0])
  expect([...near.overlaps]).toEqual([Math.fround(1 / 3), 1])
})

test('samples have the shares asked for, and come from the seed', () => {
  const matches = Int32Array.from({ length: 1000 }, (_, i) => (i % 10 === 0 ? i : i % 10 === 1 ? -2 : -1))
  const sample = (seed: number, count: number): ReturnType<typeof sampleBalanced> =>
    sampleBalanced(matches, { count, positiveFraction: 0.25, generator: new Generator(seed) })
  const { positive, negative } = sample(1, 64)
  expect([positive.length, negative.length]).toEqual([16, 48])
  expect(new Set([...positive, ...negative]).size).toBe(64)
  expect(positive.every((i) => i % 10 === 0) && negative.every((i) => i % 10 > 1)).toBe(true)
  expect(sample(1, 64)).toEqual(sample(1, 64))
  expect(sample(2, 64)).not.toEqual(sample(1, 64))
  const all = sample(1, 5000)
  expect([all.positive.length, all.negative.length]).toEqual([100, 800])
  // Each is drawn about as often as another: 2000 draws of 10 of 100, 200 ± 4·√180 each.
  const generator = new Generator(3)
  const counts = new Map<number, number>()
  const hundred = new Int32Array(100)
  for (let i = 0; i < 2000; i++) {
    for (const k of sampleBalanced(hundred, { count: 20, generator }).positive)
      counts.set(k, (counts.get(k) ?? 0) + 1)
  }
  expect(counts.size).toBe(100)
  expect(Math.max(...counts.values())).toBeLessThan(254)
  expect(Math.min(...counts.values())).toBeGreaterThan(146)
})

test('formats turn into each other and back', () => {
  const formats: Record<BoxFormat, Float32Array> = {
    xyxy: boxes(10, 20, 30, 50, 1, 1, 2, 3),
    xywh: boxes(10, 20, 20, 30, 1, 1, 1, 2),
    cxcywh: boxes(20, 35, 20, 30, 1.5, 2, 1, 2),
  }
  const names = Object.keys(formats) as BoxFormat[]
  for (const from of names) {
    for (const to of names)
      expect(convertBoxes(formats[from], from, to), `${from} ${to}`).toEqual(formats[to])
  }
})

test('boxes are cut at the edges, small ones go', () => {
  expect(clipBoxes(boxes(-5, 2, 30, 9, 40, 40, 50, 50), [8, 20])).toEqual(boxes(0, 2, 20, 8, 20, 8, 20, 8))
  expect([...removeSmallBoxes(boxes(0, 0, 5, 5, 0, 0, 4.9, 9, 3, 3, 8, 8.1, 7, 0, 2, 9), 5)]).toEqual([0, 2])
  expect([...removeSmallBoxes(new Float32Array(0), 5)]).toEqual([])
})

const one = boxes(0, 0, 1, 1)
const errors: [() => unknown, Error][] = [
  [
    () => nonMaximumSuppression(boxes(1, 2, 3), one),
    new ShapeError('nonMaximumSuppression: boxes are [N, 4]: 3 numbers'),
  ],
  [() => nonMaximumSuppression(one, one), new ShapeError('nonMaximumSuppression: 4 scores for 1 boxes')],
  [
    () => nonMaximumSuppression(boxes(0, 0, 1, 1, 0, NaN, 1, 1), boxes(1, 1)),
    new ValueError('nonMaximumSuppression: boxes: box 1 (0, NaN, 1, 1) is not finite'),
  ],
  [() => nonMaximumSuppression(one, boxes(NaN)), new ValueError('nonMaximumSuppression: score 0 is NaN')],
  [
    () => nonMaximumSuppression(one, boxes(1), { iouThreshold: 1.5 }),
    new ValueError('nonMaximumSuppression: iouThreshold is not a number from 0 to 1: 1.5'),
  ],
  [
    () => nonMaximumSuppression(one, boxes(1), { limit: -1 }),
    new ValueError('nonMaximumSuppression: limit is not an integer ≥ 0: -1'),
  ],
  [
    () => batchedNonMaximumSuppression(one, boxes(1), [1, 2]),
    new ShapeError('batchedNonMaximumSuppression: 2 labels for 1 boxes'),
  ],
  [
    () => softNonMaximumSuppression(one, boxes(1), { sigma: 0 }),
    new ValueError('softNonMaximumSuppression: sigma is not a positive number: 0'),
  ],
  [
    () => softNonMaximumSuppression(one, boxes(1), { method: 'cubic' as 'linear' }),
    new ValueError('softNonMaximumSuppression: method is not linear or gaussian: cubic'),
  ],
  [
    () => softNonMaximumSuppression(one, boxes(1), { scoreThreshold: NaN }),
    new ValueError('softNonMaximumSuppression: scoreThreshold is NaN'),
  ],
  [
    () => matchAnchors(one, boxes(3, 0, 1, 1)),
    new ValueError('matchAnchors: targets: box 0 (3, 0, 1, 1) ends before it begins'),
  ],
  [
    () => matchAnchors(one, one, { lowThreshold: 0.8 }),
    new ValueError('matchAnchors: lowThreshold is above highThreshold: 0.8, 0.7'),
  ],
  [
    () => sampleBalanced([0], { count: 1.5 }),
    new ValueError('sampleBalanced: count is not an integer ≥ 0: 1.5'),
  ],
  [
    () => sampleBalanced([0], { positiveFraction: 2 }),
    new ValueError('sampleBalanced: positiveFraction is not a number from 0 to 1: 2'),
  ],
  [() => convertBoxes(boxes(1), 'xyxy', 'xywh'), new ShapeError('convertBoxes: boxes are [N, 4]: 1 numbers')],
  [
    () => convertBoxes(one, 'yxyx' as 'xyxy', 'xywh'),
    new ValueError('convertBoxes: the format is not xyxy, xywh or cxcywh: yxyx'),
  ],
  [() => clipBoxes(boxes(1), [1, 1]), new ShapeError('clipBoxes: boxes are [N, 4]: 1 numbers')],
  [() => clipBoxes(one, [NaN, 1]), new ValueError('clipBoxes: the size is not [height, width]: [NaN, 1]')],
  [() => removeSmallBoxes(one, NaN), new ValueError('removeSmallBoxes: minSize is NaN')],
  [() => pairwiseIoU(one, boxes(1)), new ShapeError('pairwiseIoU: others are [N, 4]: 1 numbers')],
]

test.each(errors)('error %#', (act, error) => {
  expect(act).toThrow(error)
})
