// Kinds of mistakes by hand, after the definitions of Hoiem et al. 2012 and of TIDE.
import { IndexError, ValueError } from '@badak/tensor'
import { CocoEvaluator, ErrorAnalysis, type Detections, type GroundTruth } from '@badak/detection'
import { expect, test } from 'vitest'
import { classes, drawDataSet } from './data-sets.ts'

type Box = readonly [number, number, number, number]
const names = ['cat', 'dog', 'car']

function found(...rows: [Box, number, number][]): Detections {
  return {
    boxes: Float32Array.from(rows.flatMap(([box]) => box)),
    labels: Int32Array.from(rows, ([, label]) => label),
    scores: Float32Array.from(rows, ([, , score]) => score),
  }
}

function there(...rows: [Box, number][]): GroundTruth {
  return {
    boxes: Float32Array.from(rows.flatMap(([box]) => box)),
    labels: Int32Array.from(rows, ([, label]) => label),
  }
}

const cat: Box = [0, 0, 10, 10]
const dog: Box = [50, 0, 60, 10]
const car: Box = [100, 0, 120, 10]
const truth = there([cat, 0], [dog, 1], [car, 2])

test('each kind', () => {
  const analysis = new ErrorAnalysis(names, { similar: [['cat', 'dog']], scoreThreshold: 0.05 })
  const { kinds, objects, missed } = analysis.add(
    found(
      [[0, 0, 10, 9], 0, 0.8],
      // The better of two has the object, whatever their order.
      [cat, 0, 0.7],
      // 3/10 of its object.
      [[0, 0, 10, 3], 0, 0.6],
      [dog, 0, 0.5],
      [dog, 2, 0.5],
      [[50, 0, 60, 3], 0, 0.4],
      [[200, 0, 210, 10], 1, 0.3],
      [car, 2, 0.01],
    ),
    truth,
  )
  expect(kinds).toEqual([
    'correct',
    'duplicate',
    'localisation',
    'similar',
    'other',
    'both',
    'background',
    undefined,
  ])
  expect([...objects]).toEqual([0, 0, 0, 1, 1, 1, -1, -1])
  // The dog was seen as something else; the car was not seen.
  expect(missed).toEqual([2])
  expect(analysis.counts('cat')).toEqual({
    correct: 1,
    ignored: 0,
    localisation: 1,
    similar: 1,
    other: 0,
    both: 1,
    duplicate: 1,
    background: 0,
    missed: 0,
  })
  expect(analysis.counts().missed).toBe(1)
  expect(analysis.counts(2)).toMatchObject({ other: 1, missed: 1 })
})

test('of two detections the one with the higher score is correct', () => {
  const { kinds } = new ErrorAnalysis(names).add(found([cat, 0, 0.4], [cat, 0, 0.9]), truth)
  expect(kinds).toEqual(['duplicate', 'correct'])
})

test('what is difficult or a crowd makes no mistakes', () => {
  const analysis = new ErrorAnalysis(names)
  const inCrowd = found([[100, 0, 104, 4], 2, 0.9], [dog, 1, 0.8])
  const { kinds, missed } = analysis.add(inCrowd, { ...truth, isCrowd: [0, 0, 1], isDifficult: [1, 1, 0] })
  expect(kinds).toEqual(['ignored', 'ignored'])
  expect(missed).toEqual([])
})

test('as many are correct as COCO counts at the same overlap, where images have no crowds', () => {
  let total = 0
  for (let seed = 0; seed < 100; seed++) {
    const analysis = new ErrorAnalysis(classes)
    const coco = new CocoEvaluator(classes)
    for (const { detections, truth: objects } of drawDataSet(seed)) {
      const plain = { boxes: objects.boxes, labels: objects.labels }
      const errors = analysis.add(detections, plain)
      expect(errors.kinds.every((kind) => kind !== undefined && kind !== 'ignored')).toBe(true)
      coco.add(detections, plain)
    }
    for (const [label, name] of classes.entries()) {
      const { recall, objects } = coco.curve(label)
      expect(analysis.counts(name).correct).toBe(Math.round((recall.at(-1) ?? 0) * objects) || 0)
      total += analysis.counts(name).correct
    }
  }
  expect(total).toBeGreaterThan(200)
})

const errors: [() => unknown, Error][] = [
  [() => new ErrorAnalysis([]), new ValueError('ErrorAnalysis: there are no classes')],
  [
    () => new ErrorAnalysis(names, { backgroundThreshold: 0.6 }),
    new ValueError('ErrorAnalysis: backgroundThreshold is not from 0 to below iouThreshold: 0.6, 0.5'),
  ],
  [
    () => new ErrorAnalysis(names, { scoreThreshold: NaN }),
    new ValueError('ErrorAnalysis: scoreThreshold is NaN'),
  ],
  [
    () => new ErrorAnalysis(names, { similar: [['cat', 'cow']] }),
    new IndexError('ErrorAnalysis: there is no class cow'),
  ],
  [
    () => new ErrorAnalysis(names).add(found([cat, 5, 1]), truth),
    new IndexError('ErrorAnalysis: there is no class 5, of 3'),
  ],
]

test.each(errors)('error %#', (act, error) => {
  expect(act).toThrow(error)
})
