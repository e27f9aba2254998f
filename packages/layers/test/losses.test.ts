import {
  configure,
  DTypeError,
  IndexError,
  Parameter,
  ShapeError,
  tensor,
  ValueError,
  zeros,
  type Tensor,
} from '@badak/tensor'
import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  cosineEmbeddingLoss,
  CosineSimilarity,
  cosineSimilarity,
  crossEntropy,
  CrossEntropyLoss,
  diceLoss,
  focalLoss,
  gaussianNLLLoss,
  hingeEmbeddingLoss,
  hingeLoss,
  huberLoss,
  klDivergence,
  Loss,
  marginRankingLoss,
  meanSquaredError,
  mse,
  multiMarginLoss,
  nllLoss,
  PairwiseDistance,
  pairwiseDistance,
  poissonNLLLoss,
  smoothL1Loss,
  softmaxCrossEntropy,
  tripletMarginLoss,
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

describe('what counts', () => {
  test('an ignored example has no gradient, however bad it is', async () => {
    const x = new Parameter(
      tensor([
        [1, 2],
        [Infinity, -Infinity],
      ]),
    )
    const loss = softmaxCrossEntropy(x.mul(tensor([[1], [0.5]])), ints([0, 9]), { ignoreIndex: 9 })
    expect(await loss.item()).toBeCloseTo(Math.log(1 + Math.E), 6)
  })

  test('a label to be left out is named by the error', () => {
    const hint = (label: number): string => `: to leave such labels out: { ignoreIndex: ${label} }`
    expect(() => softmaxCrossEntropy(logits, ints([1, -100, 2]))).toThrow(
      new ValueError(
        `softmaxCrossEntropy: label -100 at row 1 is not one of 10 classes (0 to 9)${hint(-100)}`,
      ),
    )
    expect(() => nllLoss(logits, tensor(Uint8Array.of(1, 255, 2)))).toThrow(
      new ValueError(
        `negativeLogLikelihood: label 255 at row 1 is not one of 10 classes (0 to 9)${hint(255)}`,
      ),
    )
  })

  test('weights are used again in each step', async () => {
    const criterion = new CrossEntropyLoss({ weight: tensor([1, 3]) })
    const x = new Parameter(tensor([[1, 2]]))
    for (let step = 0; step < 3; step++) {
      const loss = criterion.forward(x, ints([1]))
      loss.backward()
      x.grad = undefined
      expect(await loss.item()).toBeCloseTo(Math.log(1 + Math.exp(-1)), 6)
    }
  })

  test('any function of tensors and options makes a module', async () => {
    const criterion = new Loss((x: Tensor, { power }: { power: number }) => x.pow(power).sum(), { power: 3 })
    expect(await criterion.forward(tensor([1, 2])).item()).toBe(9)
    expect(String(criterion)).toBe('Loss')
    const focal = new Loss(focalLoss, { gamma: 0, alpha: null })
    expect(await focal.forward(zeros([3]), zeros([3])).item()).toBeCloseTo(Math.LN2, 6)
  })
})

const column = zeros([3, 1])
const row = zeros([3])
const pair = zeros([2, 2])
const errors: [() => unknown, Error][] = [
  [
    () => softmaxCrossEntropy(logits, ints([1, 2, 3]), { weight: row }),
    new ShapeError('softmaxCrossEntropy: weight is not one per class: [3] for 10 classes'),
  ],
  [
    () => softmaxCrossEntropy(logits, logits, { weight: row }),
    new ShapeError('softmaxCrossEntropy: weight is not one per class: [3] for 10 classes'),
  ],
  [
    () => softmaxCrossEntropy(logits, logits, { ignoreIndex: 1 }),
    new ValueError('softmaxCrossEntropy: ignoreIndex is for classes, the target holds probabilities: [3,10]'),
  ],
  [
    () => softmaxCrossEntropy(logits, ints([1, 2, 3]), { ignoreIndex: 0.5 }),
    new ValueError('softmaxCrossEntropy: ignoreIndex is not an integer: 0.5'),
  ],
  [
    () => softmaxCrossEntropy(logits, ints([1, 2, 3]), { labelSmoothing: 1.1 }),
    new ValueError('softmaxCrossEntropy: labelSmoothing is not in [0, 1]: 1.1'),
  ],
  [
    () => nllLoss(logits, ints([1])),
    new ShapeError('negativeLogLikelihood: target is not [3]: [1] for input [3,10]'),
  ],
  [() => nllLoss(row, ints([1])), new ShapeError('negativeLogLikelihood: input is not [N, C]: [3]')],
  [
    () => multiMarginLoss(zeros([1, 2, 3]), ints([1])),
    new ShapeError('multiMarginLoss: scores are not [N, C]: [1,2,3]'),
  ],
  [
    () => multiMarginLoss(logits, ints([1, 2, 3]), { p: 3 as 2 }),
    new ValueError('multiMarginLoss: unknown p "3": expected 1 or 2'),
  ],
  [
    () => multiMarginLoss(logits, ints([1, 2, 3]), { margin: Number.NaN }),
    new ValueError('multiMarginLoss: margin is not a finite number: NaN'),
  ],
  [
    () => binaryCrossEntropy(tensor([0.5, 1.5]), zeros([2])),
    new ValueError('binaryCrossEntropy: the prediction is no probability at row 1: 1.5'),
  ],
  [
    () => binaryCrossEntropy(tensor([0.5, Number.NaN]), zeros([2])),
    new ValueError('binaryCrossEntropy: the prediction is no probability at row 1: NaN'),
  ],
  [
    () => binaryCrossEntropy(row.add(0.5), row, { weight: column }),
    new ShapeError('binaryCrossEntropy: weight does not broadcast to the target: [3,1] to [3]'),
  ],
  [
    () => binaryCrossEntropyWithLogits(row, row, { weight: tensor([1, 2]) }),
    new ShapeError('binaryCrossEntropyWithLogits: weight does not broadcast to the target: [2] to [3]'),
  ],
  [
    () => binaryCrossEntropyWithLogits(pair, pair, { posWeight: row }),
    new ShapeError('binaryCrossEntropyWithLogits: posWeight does not broadcast to the target: [3] to [2,2]'),
  ],
  [() => focalLoss(row, row, { alpha: 2 }), new ValueError('focalLoss: alpha is not in [0, 1]: 2')],
  [() => focalLoss(row, row, { gamma: -1 }), new ValueError('focalLoss: gamma is not a number ≥ 0: -1')],
  [() => diceLoss(pair, pair), new ShapeError('diceLoss: prediction is not [N, C, ...]: [2,2]')],
  [() => diceLoss(pair, pair, { smooth: 0 }), new ValueError('diceLoss: smooth is not a positive number: 0')],
  [
    () => hingeLoss(row, tensor([1, 0, -1])),
    new ValueError('hingeLoss: the target is neither 1 nor -1 at row 1: 0'),
  ],
  [
    () => hingeEmbeddingLoss(row, tensor([1, 0, -1])),
    new ValueError('hingeEmbeddingLoss: the target is neither 1 nor -1 at row 1: 0'),
  ],
  [
    () => hingeEmbeddingLoss(row, row, { margin: Infinity }),
    new ValueError('hingeEmbeddingLoss: margin is not a finite number: Infinity'),
  ],
  [
    () => marginRankingLoss(row, column, row),
    new ShapeError('marginRankingLoss: shapes of a and b differ: [3], [3,1]'),
  ],
  [() => huberLoss(row, row, { delta: 0 }), new ValueError('huberLoss: delta is not a positive number: 0')],
  [() => smoothL1Loss(row, row, { beta: -1 }), new ValueError('smoothL1Loss: beta is not a number ≥ 0: -1')],
  [
    () => klDivergence(row, row, { reduction: 'max' as 'sum' }),
    new ValueError('klDivergence: unknown reduction "max": expected mean, sum, none or batchmean'),
  ],
  [
    () => tripletMarginLoss(pair, pair, row),
    new ShapeError('tripletMarginLoss: shapes of anchor and negative differ: [2,2], [3]'),
  ],
  [
    () => tripletMarginLoss(pair, pair, pair, { margin: 0 }),
    new ValueError('tripletMarginLoss: margin is not a positive number: 0'),
  ],
  [
    () => cosineEmbeddingLoss(pair, pair, row),
    new ShapeError(
      'cosineEmbeddingLoss: inputs and target are not [N, D] and [N], or [D] and []: [2,2] and [3]',
    ),
  ],
  [
    () => cosineEmbeddingLoss(pair, pair, tensor([1, 2])),
    new ValueError('cosineEmbeddingLoss: the target is neither 1 nor -1 at row 1: 2'),
  ],
  [
    () => poissonNLLLoss(row, row, { eps: 0 }),
    new ValueError('poissonNLLLoss: eps is not a positive number: 0'),
  ],
  [
    () => gaussianNLLLoss(pair, pair, row),
    new ShapeError(
      'gaussianNLLLoss: variance has neither the shape of the mean nor 1 for its last axis: [3], [2,2]',
    ),
  ],
  [
    () => gaussianNLLLoss(row, row, tensor([1, -1, 1])),
    new ValueError('gaussianNLLLoss: the variance is negative at row 1: -1'),
  ],
  [
    () => pairwiseDistance(pair, row),
    new ShapeError('pairwiseDistance: inputs are not of one shape [..., D]: [2,2], [3]'),
  ],
  [
    () => pairwiseDistance(pair, pair, { p: 0 }),
    new ValueError('pairwiseDistance: p is not a number > 0: 0'),
  ],
  [() => new PairwiseDistance({ p: -1 }), new ValueError('PairwiseDistance: p is not a number > 0: -1')],
  [() => cosineSimilarity(pair, row), new ShapeError('cosineSimilarity: shapes differ: [2,2], [3]')],
  [
    () => cosineSimilarity(pair, pair, { eps: 0 }),
    new ValueError('cosineSimilarity: eps is not a positive number: 0'),
  ],
  [
    () => new CosineSimilarity({ eps: -1 }),
    new ValueError('CosineSimilarity: eps is not a positive number: -1'),
  ],
]

test.each(errors)('error %#', (act, error) => {
  expect(act).toThrow(error)
})
