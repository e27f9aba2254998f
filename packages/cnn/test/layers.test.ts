import { configure, ShapeError, tensor, ValueError, zeros } from '@badak/tensor'
import {
  AdaptiveAvgPool2d,
  AdaptiveMaxPool2d,
  AvgPool2d,
  col2im,
  Conv1d,
  Conv2d,
  GlobalAvgPool2d,
  im2col,
  MaxPool2d,
} from '@badak/cnn'
import { Sequential } from '@badak/layers'
import { beforeEach, expect, test } from 'vitest'

beforeEach(() => configure({ backend: 'reference' }))

test('a convolution has the parameters of PyTorch', () => {
  const layer = new Conv2d(4, 6, [3, 5], { groups: 2 })
  expect(layer.namedParameters().map(([name, { shape }]) => [name, shape])).toEqual([
    ['weight', [6, 2, 3, 5]],
    ['bias', [6]],
  ])
  expect(
    new Conv1d(2, 3, 4, { bias: false }).namedParameters().map(([name, { shape }]) => [name, shape]),
  ).toEqual([['weight', [3, 2, 4]]])
})

test('layers say what they are in a summary', () => {
  expect(
    [new Conv2d(1, 30, 5), new Conv1d(2, 3, 4), new MaxPool2d(2), new AvgPool2d([2, 3])].map(String),
  ).toEqual(['Conv2d(1, 30, 5x5)', 'Conv1d(2, 3, 4)', 'MaxPool2d(2x2)', 'AvgPool2d(2x3)'])
})

const image = zeros([1, 3, 8, 8])
const errors: [() => unknown, Error][] = [
  [() => new Conv2d(-1, 3, 3), new ValueError('Conv2d: inChannels is not an integer ≥ 1: -1')],
  [() => new Conv2d(1, 3, 0), new ValueError('Conv2d: kernelSize is not an integer ≥ 1: 0')],
  [
    () => new Conv2d(1, 3, [3] as never),
    new ValueError('Conv2d: kernelSize is neither a number nor [height, width]: [3]'),
  ],
  [() => new Conv2d(1, 3, 3, { stride: 0 }), new ValueError('Conv2d: stride is not an integer ≥ 1: 0')],
  [() => new Conv2d(1, 3, 3, { padding: -1 }), new ValueError('Conv2d: padding is not an integer ≥ 0: -1')],
  [
    () => new Conv2d(1, 3, 3, { padding: 'full' as 'same' }),
    new ValueError(`Conv2d: unknown padding "full": expected a number, 'same' or 'valid'`),
  ],
  [
    () => new Conv2d(1, 3, 3, { padding: 'same', stride: 2 }),
    new ValueError("Conv2d: padding 'same' needs stride 1: stride 2x2"),
  ],
  [
    () => new Conv2d(3, 4, 3, { groups: 2 }),
    new ValueError('Conv2d: groups must divide both channels: 2 groups, 3 and 4 channels'),
  ],
  [
    () => new Conv2d(4, 2, 3).forward(image),
    new ShapeError('Conv2d: input is not [N, C, H, W] with 4 channels: [1,3,8,8] x [2,4,3,3]'),
  ],
  [
    () => new Conv1d(3, 2, 3).forward(image),
    new ShapeError('Conv1d: input is not [N, C, L] with 3 channels: [1,3,8,8] x [2,3,3]'),
  ],
  [
    () => new MaxPool2d(2, { padding: 2 }),
    new ValueError('MaxPool2d: padding exceeds half of the kernel: padding 2x2, kernel 2x2'),
  ],
  [() => new AvgPool2d(2, { stride: [1, 0] }), new ValueError('AvgPool2d: stride is not an integer ≥ 1: 0')],
  [
    () => new MaxPool2d(2).forward(zeros([8, 8])),
    new ShapeError('MaxPool2d: input is not [N, C, H, W]: [8,8]'),
  ],
  [() => new AdaptiveAvgPool2d(0), new ValueError('AdaptiveAvgPool2d: outputSize is not an integer ≥ 1: 0')],
  [
    () => new AdaptiveAvgPool2d([1, 2, 3] as never),
    new ValueError('AdaptiveAvgPool2d: outputSize is neither a number nor [height, width]: [1,2,3]'),
  ],
  [
    () => new AdaptiveMaxPool2d(2).forward(zeros([3, 8, 8])),
    new ShapeError('AdaptiveMaxPool2d: input is not [N, C, H, W]: [3,8,8]'),
  ],
  [
    () => new AdaptiveMaxPool2d(2).forward(zeros([1, 3, 0, 8])),
    new ShapeError('AdaptiveMaxPool2d: the image is empty: [1,3,0,8]'),
  ],
  [
    () => new GlobalAvgPool2d().forward(zeros([1, 3, 8, 0])),
    new ShapeError('GlobalAvgPool2d: the image is empty: [1,3,8,0]'),
  ],
  [() => im2col(zeros([8, 8]), { kernel: 2 }), new ShapeError('im2col: input is not [N, C, H, W]: [8,8]')],
  [
    () => im2col(image, { kernel: 9 }),
    new ShapeError('im2col: the window exceeds the padded image: kernel 9x9, image 8x8'),
  ],
  [
    () => col2im(zeros([1, 12, 5]), [8, 8], { kernel: 2 }),
    new ShapeError('col2im: columns are not [N, C·4, 49]: [1,12,5]'),
  ],
]

test.each(errors)('error %#', (act, error) => {
  expect(act).toThrow(error)
})

test('adaptive pooling takes whatever size comes', async () => {
  expect(String(new AdaptiveAvgPool2d([null, 3]))).toBe('AdaptiveAvgPool2d(samex3)')
  expect(new AdaptiveAvgPool2d(7).forward(zeros([0, 3, 10, 9])).shape).toEqual([0, 3, 7, 7])
  expect(new AdaptiveMaxPool2d(null).forward(image)).toBe(image)
  const x = tensor([
    [
      [
        [1, 2],
        [3, Infinity],
      ],
      [
        [-1, -2],
        [-3, -4],
      ],
    ],
  ])
  expect(await new GlobalAvgPool2d().forward(x).data()).toEqual(Float32Array.of(Infinity, -2.5))
  // An infinity stays in the bins that it is in.
  const wide = tensor([[[[1, 2, 3, 4, Infinity]]]])
  expect(await new AdaptiveAvgPool2d([1, 3]).forward(wide).data()).toEqual(Float32Array.of(1.5, 3, Infinity))
})

test('a summary tells what convolutions cost', () => {
  const model = new Sequential(new Conv2d(4, 6, [3, 5], { groups: 2 }), new MaxPool2d(2))
  // By hand: 2 · 6·8·8 outputs of (4 / 2) · 3·5 products each.
  expect(model.summary([2, 4, 10, 12])).toBe(
    [
      'layer                output shape  parameters  multiply-adds',
      'Sequential           [2,6,4,4]',
      '0 Conv2d(4, 6, 3x5)  [2,6,8,8]            186         23,040',
      '1 MaxPool2d(2x2)     [2,6,4,4]',
      'total                                     186         23,040',
      'trainable                                 186',
    ].join('\n'),
  )
})
