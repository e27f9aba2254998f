import { configure, type NestedNumbers, ShapeError, tensor, ValueError } from '@badak/tensor'
import { describe, expect, test } from 'vitest'
import recorded from './fixtures/metrics.json' with { type: 'json' }
import {
  Accuracy,
  AveragePrecision,
  BinaryAccuracy,
  Bleu,
  ConfusionMatrix,
  F1,
  Mean,
  MeanIoU,
  type Metric,
  Perplexity,
  Precision,
  Recall,
  RocAuc,
  TopKAccuracy,
} from '../src/index.ts'

const classes = (values: NestedNumbers) => tensor(values, { dtype: 'int32' })

describe.each(['reference', 'wasm'] as const)('%s', (backend) => {
  test.each(recorded.classification)(
    '$metric agrees with $source',
    async ({ metric, options, batches, value }) => {
      configure({ backend })
      const made = create(metric, options)
      for (const { scores, targets } of batches) await made.update(tensor(scores), classes(targets))
      // Scores are float32, figures are computed in double.
      expect([made.value].flat(2)).toEqual([value].flat(2).map((figure) => expect.closeTo(figure, 6)))
      expect(resumed(made, metric, options).value).toEqual(made.value)
      made.reset()
      expect(JSON.stringify(made.state)).toMatch(/^\[(\[0?\],?)*\]$/)
    },
  )
})

function create(name: string, options: Record<string, unknown>): Metric<unknown> {
  const count = options['classes'] as number
  const makers: Record<string, () => Metric<unknown>> = {
    Accuracy: () => new Accuracy(options),
    TopKAccuracy: () => new TopKAccuracy(options['k'] as number, options),
    ConfusionMatrix: () => new ConfusionMatrix(count, options),
    Precision: () => new Precision(count, options),
    Recall: () => new Recall(count, options),
    F1: () => new F1(count, options),
    MeanIoU: () => new MeanIoU(count, options),
    RocAuc: () => new RocAuc(),
    AveragePrecision: () => new AveragePrecision(),
    Perplexity: () => new Perplexity(options),
  }
  return makers[name]!()
}

/** The metric as a resumed run has it: made anew, with a state that has been through JSON. */
function resumed(metric: Metric<unknown>, name: string, options: Record<string, unknown>): Metric<unknown> {
  const other = create(name, options)
  other.state = JSON.parse(JSON.stringify(metric.state)) as never
  return other
}

test('of equal scores the lower class comes first', async () => {
  const top2 = new TopKAccuracy(2)
  await top2.update(tensor([[1, 1, 1, 0]]), classes([1]))
  expect(top2.value).toBe(1)
  await top2.update(tensor([[1, 1, 1, 0]]), classes([2]))
  expect(top2.value).toBe(1 / 2)
})

test('a mean of any function, and yes-or-no decisions', async () => {
  const error = new Mean((y, t) => y.sub(t).abs())
  await error.update(tensor([1, 2]), tensor([3, 2]))
  await error.update(tensor([5]), tensor([1]))
  expect(error.value).toBe(2)
  const decisions = new BinaryAccuracy()
  await decisions.update(tensor([-1, 2, 0.1, -3]), tensor([0, 1, 0, 1]))
  expect(decisions.value).toBe(0.5)
})

test('nothing measured is NaN', () => {
  const metrics = [new Accuracy(), new RocAuc(), new MeanIoU(3), new Perplexity(), new Bleu(), new F1(3)]
  expect(metrics.map(({ value }) => value)).toEqual(metrics.map(() => NaN))
})

test.each(recorded.bleu)('BLEU agrees with $source', ({ corpus, options, value }) => {
  const bleu = new Bleu(options)
  for (const { candidate, references } of corpus) {
    bleu.update(
      candidate.split(' '),
      references.map((reference) => reference.split(' ')),
    )
  }
  expect(bleu.value).toBeCloseTo(value, 10)
})

test('what does not fit is refused', () => {
  expect(() => new Accuracy().measure(tensor([1, 2]), classes([0, 1]))).toThrow(
    new ShapeError('Accuracy: scores are [N, C, ...] and targets [N, ...]: [2] and [2]'),
  )
  expect(() => new RocAuc().measure(tensor([[1, 2]]), classes([0, 1]))).toThrow(
    new ShapeError(
      'RocAuc: expected scores [N] or [N, C] with targets alike, or with classes [N]: [1,2] and [2]',
    ),
  )
  expect(() => new TopKAccuracy(0)).toThrow(new ValueError('TopKAccuracy: k is not an integer ≥ 1: 0'))
  expect(() => new MeanIoU(1)).toThrow(
    new ValueError('MeanIoU: the number of classes is not an integer ≥ 2: 1'),
  )
  expect(() => new Bleu({ maxN: 0 })).toThrow(new ValueError('Bleu: maxN is not an integer ≥ 1: 0'))
  expect(() => new Bleu().update(['a'], [])).toThrow(new ValueError('Bleu: a translation has no reference'))
})
