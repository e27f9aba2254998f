import {
  configure,
  grad,
  Parameter,
  randomNormal,
  ShapeError,
  tensor,
  type Tensor,
  ValueError,
  zeros,
} from '@badak/tensor'
import {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  GroupNorm,
  groupNorm,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  LayerNorm,
  layerNorm,
  RMSNorm,
  rmsNorm,
} from '@badak/layers'
import { beforeEach, describe, expect, test } from 'vitest'
import { backends } from './backends.ts'

beforeEach(() => configure({ backend: 'reference' }))

describe('BatchNorm', () => {
  test('keeps its statistics in evaluation', async () => {
    const layer = new BatchNorm1d(2).eval()
    layer.forward(randomNormal([4, 2]))
    expect(await layer.runningMean!.array()).toEqual([0, 0])
    expect(await layer.numBatchesTracked!.item()).toBe(0)
  })

  test('passes no gradient through its statistics', () => {
    const layer = new BatchNorm1d(1)
    const x = new Parameter(tensor([[1], [2]]))
    layer.forward(x)
    layer
      .runningMean!.sum()
      .mul(new Parameter(tensor(1)))
      .backward()
    expect(x.grad).toBeUndefined()
  })
})

describe.each(backends)('on %s', (backend) => {
  beforeEach(() => configure({ backend }))

  test('functions need no parameters', async () => {
    const x = tensor([
      [1, 3],
      [2, 6],
    ])
    // By hand: both rows are one deviation on either side of their mean; the roots of mean squares are √5, √20.
    const expected = [-1, 1, -1, 1]
    const close = (values: ArrayLike<number>): number[] =>
      Array.from(values, (v) => Math.round(v * 1e4) / 1e4)
    expect(close(await layerNorm(x, 2, { eps: 1e-12 }).data())).toEqual(expected)
    expect(close(await layerNorm(x, [2], { eps: 1e-12, bias: tensor([1, 2]) }).data())).toEqual([0, 3, 0, 3])
    expect(close(await groupNorm(x, 1, { eps: 1e-12, weight: tensor([2, 3]) }).data())).toEqual([
      -2, 3, -2, 3,
    ])
    const roots = [1 / Math.sqrt(5), 3 / Math.sqrt(5), 2 / Math.sqrt(20), 6 / Math.sqrt(20)]
    expect(close(await rmsNorm(x, 2).data())).toEqual(close(roots))
  })
})

test('layers say what they are in a summary', () => {
  const named = [
    new BatchNorm1d(2),
    new BatchNorm2d(2),
    new BatchNorm3d(2),
    new InstanceNorm1d(3),
    new InstanceNorm2d(3),
    new InstanceNorm3d(3),
    new LayerNorm([2, 3]),
    new RMSNorm(4),
    new GroupNorm(2, 4),
  ]
  expect(named.map(String).join(' ')).toBe(
    'BatchNorm1d(2) BatchNorm2d(2) BatchNorm3d(2) InstanceNorm1d(3) InstanceNorm2d(3) InstanceNorm3d(3) ' +
      'LayerNorm(2x3) RMSNorm(4) GroupNorm(2, 4)',
  )
})

const four = zeros([2, 3, 4, 4])
const errors: [() => unknown, Error][] = [
  [() => new BatchNorm2d(0), new ValueError('BatchNorm2d: numFeatures is not an integer ≥ 1: 0')],
  [() => new BatchNorm2d(3, { eps: 0 }), new ValueError('BatchNorm2d: eps is not a positive number: 0')],
  [() => new BatchNorm2d(3, { momentum: 2 }), new ValueError('BatchNorm2d: momentum is not in [0, 1]: 2')],
  [
    () => new BatchNorm2d(4).forward(four),
    new ShapeError('BatchNorm2d: input is not [N, C, H, W] with 4 channels: [2,3,4,4]'),
  ],
  [
    () => new BatchNorm1d(3).forward(four),
    new ShapeError('BatchNorm1d: input is not [N, C] or [N, C, L] with 3 channels: [2,3,4,4]'),
  ],
  [
    () => new BatchNorm3d(3).forward(four),
    new ShapeError('BatchNorm3d: input is not [N, C, D, H, W] with 3 channels: [2,3,4,4]'),
  ],
  [
    () => new BatchNorm1d(3).forward(zeros([1, 3])),
    new ValueError('BatchNorm1d: one value per channel has no variance: [1,3]'),
  ],
  [
    () => new InstanceNorm1d(3, { momentum: -1 }),
    new ValueError('InstanceNorm1d: momentum is not in [0, 1]: -1'),
  ],
  [
    () => new InstanceNorm2d(2).forward(four),
    new ShapeError('InstanceNorm2d: input is not [N, C, H, W] with 2 channels: [2,3,4,4]'),
  ],
  [
    () => new InstanceNorm1d(3).eval().forward(zeros([2, 3, 1])),
    new ValueError('InstanceNorm1d: one value per channel has no variance: [2,3,1]'),
  ],
  [() => new LayerNorm([]), new ShapeError('LayerNorm: normalizedShape has no axes: []')],
  [() => new LayerNorm([2, 0]), new ValueError('LayerNorm: normalizedShape is not an integer ≥ 1: 0')],
  [() => new LayerNorm(2, { eps: 0 }), new ValueError('LayerNorm: eps is not a positive number: 0')],
  [
    () => new LayerNorm([3, 4]).forward(four),
    new ShapeError('layerNorm: input does not end in [3,4]: [2,3,4,4]'),
  ],
  [
    () => layerNorm(four, 4, { weight: zeros([3]) }),
    new ShapeError('layerNorm: weight or bias is not [4]: [3]'),
  ],
  [() => layerNorm(zeros([4]), [1, 4]), new ShapeError('layerNorm: input does not end in [1,4]: [4]')],
  [() => layerNorm(four, 4, { eps: -1 }), new ValueError('layerNorm: eps is not a positive number: -1')],
  [() => new RMSNorm(2, { eps: 0 }), new ValueError('RMSNorm: eps is not a positive number: 0')],
  [() => new RMSNorm(0), new ValueError('RMSNorm: normalizedShape is not an integer ≥ 1: 0')],
  [() => new RMSNorm(3).forward(four), new ShapeError('rmsNorm: input does not end in [3]: [2,3,4,4]')],
  [() => rmsNorm(four, 4, { eps: 0 }), new ValueError('rmsNorm: eps is not a positive number: 0')],
  [() => new GroupNorm(2, 3), new ValueError('GroupNorm: 2 groups do not divide 3 channels')],
  [() => new GroupNorm(0, 3), new ValueError('GroupNorm: numGroups is not an integer ≥ 1: 0')],
  [() => new GroupNorm(1, 0), new ValueError('GroupNorm: numChannels is not an integer ≥ 1: 0')],
  [
    () => new GroupNorm(2, 4).forward(four),
    new ShapeError('GroupNorm: input is not [N, C, ...] with 4 channels: [2,3,4,4]'),
  ],
  [() => groupNorm(four, 2), new ValueError('groupNorm: 2 groups do not divide 3 channels')],
  [() => groupNorm(zeros([3]), 1), new ShapeError('groupNorm: input is not [N, C, ...]: [3]')],
  [
    () => groupNorm(four, 1, { bias: zeros([4]) }),
    new ShapeError('groupNorm: weight or bias is not [3]: [4]'),
  ],
]

test.each(errors)('error %#', (act, error) => {
  expect(act).toThrow(error)
})

describe('a batch norm', () => {
  test('has gradients of gradients through mean and variance', async () => {
    const values = [0.3, -1.2, 2.1, 0.7, -0.4, 1.9, 0.2, -2.5]
    const f64 = (data: number[]): Tensor => tensor(data, { shape: [4, 2], dtype: 'float64' })
    const layer = new BatchNorm1d(2, { trackRunningStats: false, affine: false })
    const weights = f64([0.5, -1, 2, 0.25, -0.75, 1.5, 1, -2])
    const first = grad((x: Tensor) => layer.forward(x).mul(weights).tanh().sum())
    const direction = f64([1, 2, -1, 0.5, 0.25, -2, 3, 1])
    const second = grad((x: Tensor) => first(x).mul(direction).sum())
    const slope = async (f: (x: Tensor) => Tensor, k: number): Promise<number> => {
      const at = (h: number) => f(f64(values.map((v, i) => (i === k ? v + h : v))))
      return ((await at(1e-5).item()) - (await at(-1e-5).item())) / 2e-5
    }
    const [once, twice] = await Promise.all([first(f64(values)).data(), second(f64(values)).data()])
    for (const k of values.keys()) {
      expect(once[k]).toBeCloseTo(await slope((x) => layer.forward(x).mul(weights).tanh().sum(), k), 8)
      expect(twice[k]).toBeCloseTo(await slope((x) => first(x).mul(direction).sum(), k), 8)
    }
  })
})
