import {
  configure,
  DTypeError,
  evaluate,
  grad,
  IndexError,
  logSoftmax,
  Parameter,
  randomNormal,
  seed,
  ShapeError,
  tensor,
  ValueError,
  zeros,
  type Tensor,
} from '@badak/tensor'
import { CTCLoss, ctcLoss } from '@badak/layers'
import { beforeEach, describe, expect, test } from 'vitest'
import { backends } from './backends.ts'

beforeEach(() => configure({ backend: 'reference' }))

const ints = (data: number[] | number[][]): Tensor => tensor(data, { dtype: 'int32' })
const none = { reduction: 'none' } as const

/** All paths of `steps` classes. */
function paths(steps: number, classes: number): number[][] {
  if (steps === 0) return [[]]
  return paths(steps - 1, classes).flatMap((path) => Array.from({ length: classes }, (_, c) => [...path, c]))
}

/** What a path spells: repetitions once, without blanks. */
function spelled(path: readonly number[]): string {
  return path.filter((label, t) => label !== 0 && label !== path[t - 1]).join()
}

describe.each(backends)('ctcLoss on %s', (backend) => {
  beforeEach(() => {
    configure({ backend })
    seed(9)
  })

  test.each([[[1]], [[1, 2]], [[1, 1]], [[2, 1, 2]], [[]]])(
    'counts every path that spells %j',
    async (labels) => {
      const [T, C] = [4, 3]
      const logProbabilities = logSoftmax(randomNormal([T, 1, C]))
      const values = await logProbabilities.data()
      // Equation 3 of Graves et al., by enumeration.
      const probability = paths(T, C)
        .filter((path) => spelled(path) === labels.join())
        .map((path) => Math.exp(path.reduce((sum, label, t) => sum + values[t * C + label]!, 0)))
        .reduce((a, b) => a + b)
      const loss = ctcLoss(logProbabilities, ints(labels), [T], [labels.length], { reduction: 'sum' })
      expect(await loss.item()).toBeCloseTo(-Math.log(probability), 5)
    },
  )

  test('a target that cannot be costs Infinity, or nothing, and has no gradient', async () => {
    const logits = new Parameter(randomNormal([3, 3, 3]))
    const loss = (zeroInfinity: boolean): Tensor =>
      ctcLoss(
        logSoftmax(logits),
        ints([
          [1, 1],
          [1, 2],
          [2, 1],
        ]),
        [2, 2, 1],
        [2, 2, 2],
        { ...none, zeroInfinity },
      )
    const [first, second, third] = await loss(false).data()
    expect([first, third]).toEqual([Infinity, Infinity])
    expect(second).toBeGreaterThan(0)
    expect((await loss(true).data())[0]).toBe(0)
    loss(false).sum().backward()
    const gradient = Array.from(await logits.grad!.data())
    expect(gradient.every(Number.isFinite)).toBe(true)
    // By example: none for the first and the third, and none where the second has ended.
    const used = gradient.map((value, k) => (value === 0 ? -1 : Math.floor(k / 3))).filter((k) => k >= 0)
    expect(new Set(used)).toEqual(new Set([1, 4]))
  })

  test('a class of probability 0 is no NaN', async () => {
    const x = new Parameter(
      tensor([[[-Infinity, 0, -Infinity]], [[Math.log(0.5), Math.log(0.5), -Infinity]]]),
    )
    const loss = ctcLoss(x, ints([[1]]), [2], [1], none)
    // By hand: 1 at first, then 1 or blank.
    expect(await loss.sum().item()).toBeCloseTo(0, 6)
    ctcLoss(x, ints([[1]]), [2], [1], none)
      .sum()
      .backward()
    expect((await x.grad!.data()).every(Number.isFinite)).toBe(true)
    expect(await ctcLoss(x, ints([[2]]), [2], [1], none).array()).toEqual([Infinity])
  })

  test('probabilities beyond all sense are no NaN', async () => {
    const x = new Parameter(zeros([3, 1, 2]).sub(1.1e10))
    const loss = ctcLoss(x, ints([[1]]), [3], [1], { reduction: 'sum' })
    loss.backward()
    expect((await loss.item()) / 3.3e10).toBeCloseTo(1, 6)
    expect((await x.grad!.data()).every(Number.isFinite)).toBe(true)
  })

  test('targets and lengths may be computed', async () => {
    const x = logSoftmax(randomNormal([4, 2, 3]))
    const expected = await ctcLoss(
      x,
      ints([
        [1, 2],
        [2, 0],
      ]),
      [4, 3],
      [2, 1],
      none,
    ).array()
    const zero = ints([0, 0])
    const computed = ints([
      [0, 1],
      [1, 8],
    ]).add(
      ints([
        [1, 1],
        [1, 1],
      ]),
    )
    const loss = ctcLoss(x, computed, ints([4, 3]).add(zero), ints([2, 1]).add(zero), none)
    expect(await loss.array()).toEqual(expected)
    expect(await ctcLoss(x, ints([1, 2, 2]), ints([4, 3]), ints([2, 1]), none).array()).toEqual(expected)
    expect(await new CTCLoss(none).forward(x, ints([1, 2, 2]), [4, 3], [2, 1]).array()).toEqual(expected)
  })

  test('finds a computed label that is no class when the loss is evaluated', async () => {
    const computed = ints([[3]]).add(ints([[1]]))
    await expect(ctcLoss(zeros([2, 1, 3]), computed, [2], [1]).item()).rejects.toThrow(IndexError)
  })
})

test('the gradient of the gradient is that of finite differences', async () => {
  seed(10)
  const dtype = 'float64'
  const [at, along] = [randomNormal([5, 2, 3], { dtype }), randomNormal([5, 2, 3], { dtype })]
  await evaluate(at, along)
  const gradient = grad((logits: Tensor) =>
    ctcLoss(
      logSoftmax(logits),
      ints([
        [1, 1],
        [2, 1],
      ]),
      [5, 4],
      [2, 2],
    ),
  )
  const second = await grad((logits: Tensor) => gradient(logits).mul(along).sum())(at).data()
  const step = 1e-5
  const [above, below] = [at.add(along.mul(step)), at.sub(along.mul(step))].map((logits) => gradient(logits))
  const expected = await above!
    .sub(below!)
    .div(2 * step)
    .data()
  for (const [k, value] of second.entries()) expect(value).toBeCloseTo(expected[k]!, 8)
})

const x = zeros([4, 2, 3])
const good = ints([
  [1, 2],
  [2, 1],
])
const errors: [() => unknown, Error][] = [
  [
    () => ctcLoss(zeros([4, 3]), good, [4, 4], [2, 2]),
    new ShapeError('ctcLoss: input is not [T, N, C] with T ≥ 1: [4,3]'),
  ],
  [
    () => ctcLoss(zeros([0, 2, 3]), good, [0, 0], [2, 2]),
    new ShapeError('ctcLoss: input is not [T, N, C] with T ≥ 1: [0,2,3]'),
  ],
  [
    () => ctcLoss(x, good, [4, 4], [2, 2], { blank: 3 }),
    new ValueError('ctcLoss: blank 3 is not one of 3 classes (0 to 2)'),
  ],
  [
    () => ctcLoss(x, good, [4, 4], [2, 2], { reduction: 'max' as 'sum' }),
    new ValueError('ctcLoss: unknown reduction "max": expected mean, sum or none'),
  ],
  [
    () => ctcLoss(x, zeros([2, 2]), [4, 4], [2, 2]),
    new DTypeError("ctcLoss: targets are float32: make them int32: tensor(targets, { dtype: 'int32' })"),
  ],
  [
    () => ctcLoss(x, ints([[1], [2], [1]]), [4, 4], [1, 1]),
    new ShapeError('ctcLoss: targets are neither [2, S] nor one after the other: [3,1]'),
  ],
  [
    () => ctcLoss(x, good, [4], [2, 2]),
    new ShapeError('ctcLoss: inputLengths are not [2], one for each example: [1]'),
  ],
  [
    () => ctcLoss(x, good, [4, 5], [2, 2]),
    new ValueError('ctcLoss: inputLengths: 5 at row 1 is not an integer from 0 to 4'),
  ],
  [
    () => ctcLoss(x, good, [4, 4], [2, 3]),
    new ValueError('ctcLoss: targetLengths: 3 at row 1 is not an integer from 0 to 2'),
  ],
  [
    () => ctcLoss(x, ints([1, 2, 1]), [4, 4], [1, 1]),
    new ShapeError('ctcLoss: targetLengths add up to 2, targets are [3]'),
  ],
  [
    () => ctcLoss(x, ints([1, 2]), [4, 4], ints([1, 0]).add(ints([0, 1]))),
    new ValueError('ctcLoss: targets one after the other need lengths that are known, not computed'),
  ],
  [
    () =>
      ctcLoss(
        x,
        ints([
          [1, 2],
          [2, 0],
        ]),
        [4, 4],
        [2, 2],
      ),
    new ValueError('ctcLoss: label 0 at position 1 of example 1 is the blank'),
  ],
  [
    () => ctcLoss(x, ints([1, 2, 3]), [4, 4], [1, 2]),
    new ValueError('ctcLoss: label 3 at position 1 of example 1 is not one of 3 classes (0 to 2)'),
  ],
]

test.each(errors)('error %#', (act, error) => {
  expect(act).toThrow(error)
})
