import {
  configure,
  DTypeError,
  IndexError,
  ShapeError,
  tensor,
  ValueError,
  zeros,
  type Tensor,
} from '@badak/tensor'
import {
  binaryCrossEntropyWithLogits,
  crossEntropy,
  meanSquaredError,
  mse,
  softmaxCrossEntropy,
} from '@badak/layers'
import { beforeEach, describe, expect, test } from 'vitest'
import { backends } from './backends.ts'

beforeEach(() => configure({ backend: 'reference' }))

const ints = (values: number[]): Tensor => tensor(values, { dtype: 'int32' })
const logits = zeros([3, 10])

describe('softmaxCrossEntropy', () => {
  // By hand: equal logits give probability 1/C to each class.
  test('of a guess is log C', async () => {
    expect(await softmaxCrossEntropy(logits, ints([0, 5, 9])).item()).toBeCloseTo(Math.log(10), 6)
    expect(crossEntropy).toBe(softmaxCrossEntropy)
  })

  test('takes uint8 labels', async () => {
    const labels = tensor(Uint8Array.of(0, 5, 9))
    expect(await softmaxCrossEntropy(logits, labels).item()).toBeCloseTo(Math.log(10), 6)
  })

  test.each([
    [ints([1, 10, 2]), 'label 10 at row 1 is not one of 10 classes (0 to 9)'],
    [ints([1, 2, -1]), 'label -1 at row 2 is not one of 10 classes (0 to 9)'],
    [tensor([1, Number.NaN, 2]), 'label NaN at row 1 is not one of 10 classes (0 to 9)'],
    [tensor([0.5, 1, 2]), 'label 0.5 at row 0 is not one of 10 classes (0 to 9)'],
  ])('refuses a label that is no class, %#', (labels, text) => {
    expect(() => softmaxCrossEntropy(logits, labels)).toThrow(new ValueError(`softmaxCrossEntropy: ${text}`))
  })

  test('says where in an image a label is wrong', () => {
    const labels = tensor(Int32Array.of(0, 1, 2, 3, 0, 1, 7, 3), { shape: [2, 2, 2] })
    expect(() => softmaxCrossEntropy(zeros([2, 4, 2, 2]), labels)).toThrow(
      new ValueError('softmaxCrossEntropy: label 7 at [1,1,0] is not one of 4 classes (0 to 3)'),
    )
  })

  test('refuses labels that are not integers by type', () => {
    expect(() => softmaxCrossEntropy(logits, tensor([1, 2, 3]))).toThrow(
      new DTypeError(
        "softmaxCrossEntropy: labels are float32: make them int32: tensor(labels, { dtype: 'int32' })",
      ),
    )
  })

  test('refuses NaN among probabilities', () => {
    const probabilities = tensor([
      [0.5, 0.5],
      [1, Number.NaN],
    ])
    expect(() => softmaxCrossEntropy(zeros([2, 2]), probabilities)).toThrow(
      new ValueError('softmaxCrossEntropy: the target is NaN at [1,1]'),
    )
  })

  test('refuses shapes that do not fit', () => {
    expect(() => softmaxCrossEntropy(zeros([10]), ints([1]))).toThrow(
      new ShapeError('softmaxCrossEntropy: logits are not [N, C]: [10]'),
    )
    expect(() => softmaxCrossEntropy(logits, ints([1, 2]))).toThrow(
      new ShapeError(
        'softmaxCrossEntropy: target is neither [3] nor in the shape of the logits: [2] for logits [3,10]',
      ),
    )
    expect(() => softmaxCrossEntropy(logits, zeros([3, 9]))).toThrow(
      new ShapeError('softmaxCrossEntropy: shapes of prediction and target differ: [3,10], [3,9]'),
    )
  })

  test.each(backends)(
    'finds a computed label that is no class when the loss is evaluated, on %s',
    async (backend) => {
      configure({ backend })
      const computed = ints([1, 9, 2]).add(ints([0, 1, 0]))
      await expect(softmaxCrossEntropy(logits, computed).item()).rejects.toThrow(IndexError)
    },
  )
})

describe('the other losses', () => {
  test('refuse shapes that differ instead of broadcasting', () => {
    const text = 'shapes of prediction and target differ: [3,1], [3]'
    expect(() => mse(zeros([3, 1]), zeros([3]))).toThrow(new ShapeError(`meanSquaredError: ${text}`))
    expect(() => binaryCrossEntropyWithLogits(zeros([3, 1]), zeros([3]))).toThrow(
      new ShapeError(`binaryCrossEntropyWithLogits: ${text}`),
    )
  })

  test('refuse NaN targets', () => {
    const target = tensor([0, Number.NaN])
    expect(() => meanSquaredError(zeros([2]), target)).toThrow(
      new ValueError('meanSquaredError: the target is NaN at row 1'),
    )
    expect(() => binaryCrossEntropyWithLogits(zeros([2]), target)).toThrow(
      new ValueError('binaryCrossEntropyWithLogits: the target is NaN at row 1'),
    )
  })

  test('convert targets', async () => {
    expect(await mse(tensor([1, 3]), ints([1, 1])).item()).toBe(2)
    expect(await binaryCrossEntropyWithLogits(zeros([2]), tensor([true, false])).item()).toBeCloseTo(
      Math.LN2,
      6,
    )
  })

  test('refuse an unknown reduction', () => {
    expect(() => mse(zeros([1]), zeros([1]), { reduction: 'max' as 'sum' })).toThrow(
      new ValueError('meanSquaredError: unknown reduction "max": expected mean, sum or none'),
    )
  })
})
