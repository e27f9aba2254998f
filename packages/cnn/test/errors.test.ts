import { configure, IndexError, ShapeError, tensor, ValueError, zeros } from '@badak/tensor'
import * as cnn from '@badak/cnn'
import { beforeEach, expect, test } from 'vitest'

beforeEach(() => configure({ backend: 'reference' }))

const image = zeros([1, 3, 8, 8])
const pairs: [() => unknown, Error][] = [
  [
    () => new cnn.Conv2d(1, 1, 3, { paddingMode: 'mirror' as 'reflect' }),
    new ValueError('Conv2d: unknown paddingMode "mirror": expected zeros, reflect, replicate, circular'),
  ],
  [
    () => new cnn.Conv2d(3, 1, 3, { padding: 8, paddingMode: 'reflect' }).forward(image),
    new ShapeError('padAround: reflect has only 7 elements to put there: [8,8] around axis 2 of [1,3,8,8]'),
  ],
  [
    () => new cnn.Conv3d(3, 1, 3).forward(image),
    new ShapeError('Conv3d: input is not [N, C, D, H, W] with 3 channels: [1,3,8,8] x [1,3,3,3,3]'),
  ],
  [
    () => new cnn.Conv3d(3, 1, [3, 3] as never),
    new ValueError('Conv3d: kernelSize is neither a number nor [depth, height, width]: [3,3]'),
  ],
  [
    () => new cnn.ConvTranspose2d(4, 2, 3, { groups: 3 }),
    new ValueError('ConvTranspose2d: groups must divide both channels: 3 groups, 4 and 2 channels'),
  ],
  [
    () => new cnn.ConvTranspose2d(4, 2, 3, { stride: 2, outputPadding: [1, 2] }),
    new ValueError(
      'ConvTranspose2d: outputPadding is not below stride or dilation: 1x2 for stride 2x2, dilation 1x1',
    ),
  ],
  [
    () => new cnn.ConvTranspose2d(4, 2, 3).forward(image),
    new ShapeError('ConvTranspose2d: input is not [N, C, H, W] with 4 channels: [1,3,8,8] x [4,2,3,3]'),
  ],
  [
    () =>
      new cnn.ConvTranspose2d(3, 2, 3, { stride: 2, padding: 1 }).forward(image, { outputSize: [15, 17] }),
    new ValueError('ConvTranspose2d: outputSize is out of reach: 17 on axis 3, from 15 to 16 are possible'),
  ],
  [
    () => new cnn.ConvTranspose1d(1, 1, 2).forward(zeros([1, 1, 3]), { outputSize: [4, 4] as never }),
    new ValueError('ConvTranspose1d: outputSize has not one size for each of 1 axes: [4,4]'),
  ],
  [
    () => new cnn.MaxPool3d(2).forward(image),
    new ShapeError('MaxPool3d: input is not [N, C, D, H, W]: [1,3,8,8]'),
  ],
  [() => new cnn.MaxPool1d(2).forward(image), new ShapeError('MaxPool1d: input is not [N, C, L]: [1,3,8,8]')],
  [
    () => new cnn.AvgPool2d(2, { divisorOverride: 0 }),
    new ValueError('AvgPool2d: divisorOverride is not a number other than 0: 0'),
  ],
  [() => new cnn.LPPool2d(0, 2), new ValueError('LPPool2d: normType is not a positive number: 0')],
  [
    () => new cnn.MaxUnpool2d(2).forward(zeros([1, 1, 2, 2]), zeros([1, 1, 2, 1], { dtype: 'int32' })),
    new ShapeError('MaxUnpool2d: input and indices differ: [1,1,2,2] and [1,1,2,1]'),
  ],
  [
    () => new cnn.MaxUnpool2d(2).forward(zeros([1, 1, 1, 1]), tensor([[[[4]]]], { dtype: 'int32' })),
    new IndexError('MaxUnpool2d: index 4 lies outside of an image of 2x2: give outputSize'),
  ],
  [
    () =>
      new cnn.MaxUnpool2d(2).forward(zeros([1, 1, 2, 2]), zeros([1, 1, 2, 2], { dtype: 'int32' }), {
        outputSize: [4, 6],
      }),
    new ValueError('MaxUnpool2d: outputSize is not within a stride of 4x4: [4,6] for stride 2x2'),
  ],
  [
    () => new cnn.ZeroPad2d([1, 2, 3]),
    new ValueError('ZeroPad2d: padding is neither an integer nor [left, right, top, bottom]: [1,2,3]'),
  ],
  [
    () => new cnn.ReflectionPad1d(0.5),
    new ValueError('ReflectionPad1d: padding is neither an integer nor [left, right]: 0.5'),
  ],
  [() => new cnn.ZeroPad1d(1).forward(image), new ShapeError('ZeroPad1d: input is not [N, C, L]: [1,3,8,8]')],
  [
    () => cnn.padAround(tensor([1, 2, 3]), [[4, 0]], { mode: 'circular' }),
    new ShapeError('padAround: circular has only 3 elements to put there: [4,0] around axis 0 of [3]'),
  ],
  [
    () => cnn.padAround(tensor([1, 2, 3]), [[-2, -2]]),
    new ShapeError('padAround: there is less to cut off: [-2,-2] around axis 0 of [3]'),
  ],
  [
    () =>
      cnn.padAround(tensor([1]), [
        [1, 1],
        [1, 1],
      ]),
    new ShapeError('padAround: more widths than axes: 2 for [1]'),
  ],
  [
    () => cnn.padAround(tensor([1]), [[1, 0.5]]),
    new ValueError('padAround: a width is no integer: [1,0.5] around axis 0 of [1]'),
  ],
  [
    () => cnn.padAround(tensor([1]), [[1, 1]], { mode: 'edge' as 'replicate' }),
    new ValueError('padAround: unknown mode "edge": expected zeros, reflect, replicate, circular'),
  ],
  [
    () => new cnn.Upsample({ scaleFactor: 2, mode: 'cubic' as 'bicubic' }),
    new ValueError(
      'Upsample: unknown mode "cubic": expected nearest, nearest-exact, linear, bilinear, trilinear, bicubic, area',
    ),
  ],
  [
    () => new cnn.Upsample({ scaleFactor: 2, alignCorners: true }),
    new ValueError("Upsample: alignCorners is not for mode 'nearest': it knows no corners"),
  ],
  [
    () => new cnn.Upsample({}),
    new ValueError('Upsample: give one of size and scaleFactor: neither is there'),
  ],
  [
    () => cnn.interpolate(image, { size: 4, scaleFactor: 2 }),
    new ValueError('interpolate: give one of size and scaleFactor: both are there'),
  ],
  [
    () => cnn.interpolate(image, { size: 4, mode: 'linear' }),
    new ShapeError("interpolate: mode 'linear' needs an input of rank 3: [1,3,8,8]"),
  ],
  [
    () => cnn.interpolate(zeros([3, 3]), { size: 4 }),
    new ShapeError("interpolate: mode 'nearest' needs an input of rank 3, 4 or 5: [3,3]"),
  ],
  [
    () => cnn.interpolate(zeros([1, 3, 0, 3]), { size: 4 }),
    new ShapeError('interpolate: the image is empty: [1,3,0,3]'),
  ],
  [
    () => cnn.interpolate(image, { size: [4] }),
    new ValueError('interpolate: size has not one number for each of 2 axes: [4]'),
  ],
  [() => cnn.interpolate(image, { size: 0 }), new ValueError('interpolate: size is not an integer ≥ 1: 0')],
  [
    () => cnn.interpolate(image, { scaleFactor: 0.1 }),
    new ValueError('interpolate: scaleFactor leaves nothing of an axis: 0.1 times 8'),
  ],
  [
    () => cnn.pixelShuffle(image, 2),
    new ShapeError('pixelShuffle: 3 channels do not divide by 2²: [1,3,8,8]'),
  ],
  [
    () => cnn.pixelUnshuffle(image, 3),
    new ShapeError('pixelUnshuffle: height and width do not divide by 3: [1,3,8,8]'),
  ],
  [() => new cnn.PixelShuffle(0), new ValueError('PixelShuffle: upscaleFactor is not an integer ≥ 1: 0')],
  [
    () => new cnn.LocalResponseNorm(2, { beta: NaN }),
    new ValueError('LocalResponseNorm: beta is not a finite number: NaN'),
  ],
  [
    () => new cnn.LocalResponseNorm(2).forward(zeros([2, 3])),
    new ShapeError('localResponseNorm: input is not [N, C, …]: [2,3]'),
  ],
  [() => new cnn.Unfold([1, 0]), new ValueError('Unfold: kernelSize is not an integer ≥ 1: 0')],
  [
    () => new cnn.Fold(4, 2).forward(zeros([1, 4, 8])),
    new ShapeError('col2im: columns are not [N, C·4, 9]: [1,4,8]'),
  ],
]

test.each(pairs)('error %#', (act, error) => {
  expect(act).toThrow(error)
})

test('layers say what they are', () => {
  const layers = [
    new cnn.Conv3d(1, 2, [1, 3, 3]),
    new cnn.ConvTranspose2d(4, 2, 3),
    new cnn.MaxPool1d(2),
    new cnn.LPPool2d(2, 3),
    new cnn.AdaptiveMaxPool3d([null, 2, 3]),
    new cnn.GlobalAvgPool2d(),
    new cnn.MaxUnpool2d(2),
    new cnn.ReflectionPad2d([1, 2, 3, 4]),
    new cnn.Upsample({ scaleFactor: 2, mode: 'bilinear' }),
    new cnn.UpsamplingNearest2d({ size: [4, 5] }),
    new cnn.PixelShuffle(2),
    new cnn.PixelUnshuffle(3),
    new cnn.LocalResponseNorm(5),
    new cnn.Unfold(3),
    new cnn.Fold(4, 3),
  ]
  expect(layers.map(String)).toEqual([
    'Conv3d(1, 2, 1x3x3)',
    'ConvTranspose2d(4, 2, 3x3)',
    'MaxPool1d(2)',
    'LPPool2d(2, 3x3)',
    'AdaptiveMaxPool3d(samex2x3)',
    'GlobalAvgPool2d',
    'MaxUnpool2d(2x2)',
    'ReflectionPad2d(1, 2, 3, 4)',
    'Upsample(×2, bilinear)',
    'Upsample(4x5, nearest)',
    'PixelShuffle(2)',
    'PixelUnshuffle(3)',
    'LocalResponseNorm(5)',
    'Unfold(3x3)',
    'Fold(4x4, 3x3)',
  ])
})

test('transposed convolutions have the parameters of PyTorch, and a size of choice', () => {
  const layer = new cnn.ConvTranspose2d(4, 6, [3, 5], { groups: 2, stride: 2, padding: 1 })
  expect(layer.namedParameters().map(([name, { shape }]) => [name, shape])).toEqual([
    ['weight', [4, 3, 3, 5]],
    ['bias', [6]],
  ])
  expect(layer.forward(zeros([2, 4, 5, 6])).shape).toEqual([2, 6, 9, 13])
  expect(layer.forward(zeros([2, 4, 5, 6]), { outputSize: [10, 13] }).shape).toEqual([2, 6, 10, 13])
  // 4·5·6 elements of each of two images, each spread by 3·3·5 weights.
  expect(layer.summary([2, 4, 5, 6])).toContain((2 * 4 * 5 * 6 * 45).toLocaleString('en-US'))
})

test('what is pooled and what unpools it', async () => {
  const x = tensor([
    [
      [
        [1, 5, 2],
        [3, 4, 9],
        [7, 0, 8],
      ],
    ],
  ])
  const { values, indices } = new cnn.MaxPool2d(2, { stride: 1, returnIndices: true }).forward(x)
  expect(await indices.array()).toEqual([
    [
      [
        [1, 5],
        [6, 5],
      ],
    ],
  ])
  // The 9 was found by two windows, and stands there once; the size is that of x.
  expect(await new cnn.MaxUnpool2d(2, { stride: 1 }).forward(values, indices).array()).toEqual([
    [
      [
        [0, 5, 0],
        [0, 0, 9],
        [7, 0, 0],
      ],
    ],
  ])
  const odd = new cnn.MaxPool2d(2, { returnIndices: true }).forward(x)
  const back = new cnn.MaxUnpool2d(2).forward(odd.values, odd.indices, { outputSize: [3, 3] })
  expect(await back.array()).toEqual([
    [
      [
        [0, 5, 0],
        [0, 0, 0],
        [0, 0, 0],
      ],
    ],
  ])
})

test('the nearest pixel is that pixel, whatever stands beside it', async () => {
  const x = tensor([[[1, Infinity, 3, 4]]])
  expect(await cnn.interpolate(x, { scaleFactor: 2 }).array()).toEqual([
    [[1, 1, Infinity, Infinity, 3, 3, 4, 4]],
  ])
})
