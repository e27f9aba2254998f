// Average precision as pycocotools and Pascal VOC's development kit measure it, on 200 random data sets.
import { IndexError, ShapeError, ValueError } from '@badak/tensor'
import { CocoEvaluator, VocEvaluator, type Detections, type GroundTruth } from '@badak/detection'
import { describe, expect, test } from 'vitest'
import { readCases } from '../../layers/test/fixture.ts'
import { classes, drawDataSet } from './data-sets.ts'

const read = (name: string): number[][] =>
  readCases<(number | string)[]>(new URL(`fixtures/${name}.json`, import.meta.url)).map((row) =>
    row.map(Number),
  )

/** 1e-9 of each other, or both NaN. */
function expectClose(actual: readonly number[], wanted: readonly number[], what: string): void {
  const isClose = (a: number, b: number): boolean => Object.is(a, b) || Math.abs(a - b) < 1e-9
  expect(actual.length).toBe(wanted.length)
  const bad = actual.findIndex((value, i) => !isClose(value, wanted[i]!))
  expect(bad, `${what}: ${actual[bad]} for ${wanted[bad]}`).toBe(-1)
}

const row = (...values: number[]): Float32Array => Float32Array.from(values)
const found = (boxes: number[], scores: number[], labels: number[]): Detections => ({
  boxes: row(...boxes),
  scores: row(...scores),
  labels: Int32Array.from(labels),
})
const there = (boxes: number[], labels: number[]): GroundTruth => ({
  boxes: row(...boxes),
  labels: Int32Array.from(labels),
})

test('COCO', () => {
  const cases = read('coco')
  expect(cases.length).toBe(200)
  for (const [seed, wanted] of cases.entries()) {
    const evaluator = new CocoEvaluator(classes, { maxDetections: seed % 2 ? [1, 10, 100] : [1, 2, 3] })
    for (const { detections, truth } of drawDataSet(seed)) evaluator.add(detections, truth)
    const actual = [...Object.values(evaluator.summary()), ...Object.values(evaluator.perClass())] as number[]
    expectClose(actual, wanted, `data set ${seed}`)
  }
})

test('Pascal VOC', () => {
  const cases = read('voc')
  expect(cases.length).toBe(200)
  for (const [seed, wanted] of cases.entries()) {
    const actual = (['area', '11-point'] as const).flatMap((method) =>
      [false, true].flatMap((pixelInclusive) => {
        const evaluator = new VocEvaluator(classes, { method, pixelInclusive })
        for (const { detections, truth } of drawDataSet(seed)) evaluator.add(detections, truth)
        return Object.values(evaluator.summary().perClass)
      }),
    )
    expectClose(actual, wanted, `data set ${seed}`)
  }
})

describe('by hand', () => {
  // Two cats: one found, one found twice over; a detection of nothing between them.
  const detections = found(
    [0, 0, 10, 10, 50, 50, 60, 60, 0, 0, 10, 9, 20, 20, 30, 30],
    [0.9, 0.8, 0.7, 0.6],
    [0, 0, 0, 0],
  )
  const truth = there([0, 0, 10, 10, 20, 20, 30, 30], [0, 0])

  test('curves', () => {
    const voc = new VocEvaluator(['cat', 'dog'])
    const coco = new CocoEvaluator(['cat', 'dog'])
    for (const evaluator of [voc, coco]) {
      evaluator.add(detections, truth)
      const { recall, precision, scores, objects } = evaluator.curve('cat')
      expect([...recall]).toEqual([0.5, 0.5, 0.5, 1])
      expect([...precision]).toEqual([1, 1 / 2, 1 / 3, 1 / 2])
      expect([...scores]).toEqual([...detections.scores])
      expect(objects).toBe(2)
    }
    // 0.5 · 1 + 0.5 · 0.5; the dog, of which there is none, does not count.
    expect(voc.summary()).toEqual({ mAP: 0.75, perClass: { cat: 0.75, dog: NaN } })
    // 51 recalls up to 0.5 at 1, 50 at 0.5.
    expect(coco.summary().AP50).toBeCloseTo((51 + 25) / 101, 12)
    const points = new VocEvaluator(['cat'], { method: '11-point' })
    points.add(detections, truth)
    expect(points.summary().mAP).toBeCloseTo((6 + 2.5) / 11, 12)
  })

  test('what is difficult or a crowd is neither found nor missed', () => {
    const voc = new VocEvaluator(['cat'])
    voc.add(detections, { ...truth, isDifficult: [true, false] })
    expect([...voc.curve('cat').precision]).toEqual([0, 0.5])
    const coco = new CocoEvaluator(['cat'])
    coco.add(detections, { ...truth, isCrowd: [1, 0] })
    expect([...coco.curve(0).precision]).toEqual([0, 0.5])
  })

  test('images with nothing, and nothing at all', () => {
    const none = found([], [], [])
    const voc = new VocEvaluator(['cat'])
    const coco = new CocoEvaluator(['cat'])
    expect([voc.summary().mAP, coco.summary().AP]).toEqual([NaN, NaN])
    for (const evaluator of [voc, coco]) evaluator.add(none, there([], []))
    expect([voc.summary().mAP, coco.summary().AP]).toEqual([NaN, NaN])
    for (const evaluator of [voc, coco]) evaluator.add(none, truth)
    expect([voc.summary().mAP, coco.summary().AP, coco.summary().AR100]).toEqual([0, 0, 0])
    for (const evaluator of [voc, coco]) evaluator.add(detections, there([], []))
    expect([voc.summary().mAP, coco.summary().AP]).toEqual([0, 0])
  })

  test('a summary on the way changes nothing', () => {
    const [once, twice] = [new CocoEvaluator(classes), new CocoEvaluator(classes)]
    for (const { detections, truth } of drawDataSet(5)) {
      once.add(detections, truth)
      twice.add(detections, truth)
      twice.summary()
    }
    expect(twice.summary()).toEqual(once.summary())
    expect(once.summary().AP).toBeGreaterThan(0)
  })

  test('other thresholds', () => {
    const coco = new CocoEvaluator(['cat'], { iouThresholds: [0.9, 0.95] })
    coco.add(found([0, 0, 10, 9.2], [1], [0]), there([0, 0, 10, 10], [0]))
    const { AP, AP50 } = coco.summary()
    expect([AP, AP50]).toEqual([expect.closeTo(0.5, 12), NaN])
  })
})

const coco = new CocoEvaluator(['cat'])
const voc = new VocEvaluator(['cat'])
const nothing = there([], [])
const errors: [() => unknown, Error][] = [
  [() => new CocoEvaluator([]), new ValueError('CocoEvaluator: there are no classes')],
  [() => new VocEvaluator(['cat', 'cat']), new ValueError('VocEvaluator: two classes have the name cat')],
  [
    () => new CocoEvaluator(['cat'], { iouThresholds: [0] }),
    new ValueError('CocoEvaluator: a threshold is not above 0 and up to 1: 0'),
  ],
  [
    () => new CocoEvaluator(['cat'], { iouThresholds: [] }),
    new ShapeError('CocoEvaluator: thresholds are 1 to 31: 0'),
  ],
  [
    () => new CocoEvaluator(['cat'], { maxDetections: [1, 100, 10] }),
    new ValueError('CocoEvaluator: maxDetections are not three ascending integers: 1, 100, 10'),
  ],
  [
    () => new VocEvaluator(['cat'], { method: 'line' as 'area' }),
    new ValueError('VocEvaluator: method is not area or 11-point: line'),
  ],
  [
    () => coco.add(found([0, 0, 1, 1], [1], [3]), nothing),
    new IndexError('CocoEvaluator: there is no class 3, of 1'),
  ],
  [
    () => voc.add(found([0, 0, 1, 1], [], [0]), nothing),
    new ShapeError('VocEvaluator: 0 scores for 1 boxes'),
  ],
  [
    () => voc.add(found([5, 0, 1, 1], [1], [0]), nothing),
    new ValueError('VocEvaluator: detections: box 0 (5, 0, 1, 1) ends before it begins'),
  ],
  [
    () => voc.add(found([], [], []), { ...nothing, isCrowd: [1] }),
    new ShapeError('VocEvaluator: 1 isCrowd for 0 boxes'),
  ],
  [() => coco.curve('cow'), new IndexError('CocoEvaluator: there is no class cow')],
  [() => coco.curve('cat', 0.52), new ValueError('CocoEvaluator: 0.52 is not among the thresholds')],
]

test.each(errors)('error %#', (act, error) => {
  expect(act).toThrow(error)
})
