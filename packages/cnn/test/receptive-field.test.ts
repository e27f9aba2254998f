import {
  configure,
  maxPool2d,
  Parameter,
  relu,
  ShapeError,
  ValueError,
  zeros,
  type Tensor,
} from '@badak/tensor'
import * as cnn from '@badak/cnn'
import {
  AdaptiveAvgPool2d,
  Conv1d,
  Conv2d,
  ConvTranspose2d,
  MaxPool2d,
  outputSize,
  receptiveField,
  Upsample,
  ZeroPad2d,
} from '@badak/cnn'
import { BatchNorm2d, Flatten, Linear, Module, ReLU, Residual, Sequential, type Layer } from '@badak/layers'
import { beforeEach, describe, expect, test } from 'vitest'

beforeEach(() => configure({ backend: 'reference' }))

test.each([
  [224, { kernel: 7, stride: 2, padding: 3 }, 112],
  [112, { kernel: 3, stride: 2, padding: 1 }, 56],
  [5, { kernel: 3, padding: 'same' }, 5],
  [6, { kernel: 4, padding: 'same', dilation: 2 }, 6],
  [5, { kernel: 2, padding: 'valid' }, 4],
  [7, { kernel: 3, dilation: 2 }, 3],
  [6, { kernel: 3, stride: 2, ceilMode: true }, 3],
  // Three windows of one pixel, in steps of two: the third would begin in the padding behind.
  [3, { kernel: 2, stride: 2, padding: 1, ceilMode: true }, 2],
  [14, { kernel: 4, stride: 2, padding: 1, transposed: true }, 28],
  [7, { kernel: 3, stride: 2, padding: 1, outputPadding: 1, transposed: true }, 14],
  [[10, 12], { kernel: [3, 5], stride: [1, 2] }, [8, 4]],
] as [number, cnn.SlidingWindow, number][])('outputSize(%j, %j) is %j', (size, window, expected) => {
  expect(outputSize(size, window)).toEqual(expected)
})

test('outputSize is what layers give', () => {
  const image = zeros([1, 2, 13, 11])
  for (const stride of [1, 2, 3])
    for (const padding of [0, 1])
      for (const kernel of [2, 3, 5]) {
        const sizes = { stride, padding }
        const inside = (layer: Layer): readonly number[] => layer.forward(image).shape.slice(2)
        expect(inside(new Conv2d(2, 1, kernel, sizes))).toEqual(outputSize([13, 11], { kernel, ...sizes }))
        expect(inside(new MaxPool2d(kernel, { ...sizes, ceilMode: true }))).toEqual(
          outputSize([13, 11], { kernel, ...sizes, ceilMode: true }),
        )
        expect(inside(new ConvTranspose2d(2, 1, kernel, sizes))).toEqual(
          outputSize([13, 11], { kernel, ...sizes, transposed: true }),
        )
      }
})

/** AlexNet's features, as in torchvision. */
const alexNet = (): Sequential =>
  new Sequential(
    new Conv2d(3, 4, 11, { stride: 4, padding: 2 }),
    new ReLU(),
    new MaxPool2d(3, { stride: 2 }),
    new Conv2d(4, 4, 5, { padding: 2 }),
    new ReLU(),
    new MaxPool2d(3, { stride: 2 }),
    new Conv2d(4, 4, 3, { padding: 1 }),
    new ReLU(),
    new Conv2d(4, 4, 3, { padding: 1 }),
    new ReLU(),
    new Conv2d(4, 4, 3, { padding: 1 }),
    new ReLU(),
    new MaxPool2d(3, { stride: 2 }),
  )

test('AlexNet sees 195 pixels in steps of 32, VGG-16 212 in steps of 32 (Araujo et al. 2019, table 1)', () => {
  const last = receptiveField(alexNet(), [1, 3, 224, 224]).at(-1)!
  expect(last).toEqual({
    name: '12',
    layer: 'MaxPool2d(3x3)',
    outputSize: [6, 6],
    size: [195, 195],
    stride: [32, 32],
    start: [-66, -66],
  })
  const vgg = [2, 2, 3, 3, 3].flatMap((count, stage) => [
    ...Array.from(
      { length: count },
      (_, k) => new Conv2d(stage === 0 && k === 0 ? 3 : 2, 2, 3, { padding: 1 }),
    ),
    new MaxPool2d(2),
  ])
  const seen = receptiveField(vgg, [1, 3, 224, 224]).at(-1)!
  expect([seen.size, seen.stride, seen.start]).toEqual([
    [212, 212],
    [32, 32],
    [-90, -90],
  ])
})

class Block extends Module {
  readonly conv1 = new Conv2d(2, 2, 3, { padding: 1, stride: 2 })
  readonly bn1 = new BatchNorm2d(2)
  readonly conv2 = new Conv2d(2, 2, 3, { padding: 1 })
  readonly downsample = new Conv2d(2, 2, 1, { stride: 2 })
  readonly conv3 = new Conv2d(2, 2, 3, { padding: 1 })
  forward(x: Tensor): Tensor {
    const y = this.conv2.forward(relu(this.bn1.forward(this.conv1.forward(x))))
    return this.conv3.forward(relu(y.add(this.downsample.forward(x))))
  }
}

test('where paths meet, the larger field counts', () => {
  const fields = receptiveField(new Block(), [1, 2, 16, 16])
  expect(fields.map(({ name, size, stride, start }) => [name, size[0], stride[0], start[0]])).toEqual([
    ['conv1', 3, 2, -1],
    ['bn1', 3, 2, -1],
    ['conv2', 7, 2, -3],
    ['downsample', 1, 2, 0],
    ['conv3', 11, 2, -5],
  ])
  const residual = new Sequential(new Residual(new Conv2d(2, 2, 5, { padding: 2 })), new Conv2d(2, 2, 3))
  expect(receptiveField(residual, [1, 2, 9, 9]).at(-1)).toMatchObject({ size: [7, 7], start: [-2, -2] })
})

/** Which pixels of the input the element of the output at `at` depends on, along the last axis: by its gradient. */
async function seenBy(layers: Layer[], length: number, at: number): Promise<[number, number]> {
  const x = new Parameter(zeros([1, 1, 1, length]))
  const y = new Sequential(...layers).forward(x)
  y.slice([0, 0, 0, at]).backward()
  const gradient = [...(await x.grad!.data())].map((g) => Math.abs(g) > 1e-12)
  return [gradient.indexOf(true), gradient.lastIndexOf(true)]
}

const row = (
  kernel: number,
  options: { stride?: number; padding?: number; dilation?: number } = {},
): Conv2d => {
  const { stride = 1, padding = 0, dilation = 1 } = options
  return new Conv2d(1, 1, [1, kernel], {
    stride: [1, stride],
    padding: [0, padding],
    dilation: [1, dilation],
  })
}

test.each([
  ['convolutions', () => [row(3, { stride: 2 }), row(5, { dilation: 2 }), row(2)]],
  ['padding', () => [new ZeroPad2d([3, 0, 0, 0]), row(4), row(3, { stride: 3 })]],
  [
    'a doubling',
    () => [row(3), new ConvTranspose2d(1, 1, [1, 4], { stride: [1, 2], padding: [0, 1] }), row(3)],
  ],
  ['an upsampling', () => [row(3), new Upsample({ scaleFactor: [1, 2], mode: 'bilinear' }), row(2)]],
  ['bins', () => [row(3), new AdaptiveAvgPool2d([1, 5])]],
] as [string, () => Layer[]][])('gradients reach no further than the field: %s', async (_, make) => {
  const layers = make()
  const length = 42
  const { size, stride, start, outputSize: sizes } = receptiveField(layers, [1, 1, 1, length]).at(-1)!
  for (const at of [4, Math.floor(sizes[1]! / 2)].filter((i) => i < sizes[1]!)) {
    const [first, last] = await seenBy(layers, length, at)
    const from = start[1]! + at * stride[1]!
    expect(first).toBeGreaterThanOrEqual(Math.max(0, Math.floor(from)))
    expect(last).toBeLessThanOrEqual(Math.ceil(from + size[1]! - 1))
    // Whole steps: exactly the field.
    const exact: [number, number] = [from, from + size[1]! - 1]
    expect(Number.isInteger(stride[1]) ? [first, last] : exact).toEqual(exact)
  }
})

test('the list ends with the images', () => {
  const model = new Sequential(alexNet(), new AdaptiveAvgPool2d(1), new Flatten(), new Linear(4, 2))
  const fields = receptiveField(model, [1, 3, 224, 224])
  expect(fields.map(({ name }) => name).slice(-2)).toEqual(['0.12', '1'])
  expect(fields.at(-1)!.size).toEqual([355, 355])
  expect(
    receptiveField([new Conv1d(1, 1, 3), new Conv1d(1, 1, 3, { stride: 2 })], [1, 1, 20]).at(-1)!.size,
  ).toEqual([5])
  expect(model.training).toBe(true)
})

class Shrinking extends Module {
  forward(x: Tensor): Tensor {
    return maxPool2d(x, { kernel: 2 })
  }
  override toString(): string {
    return 'Shrinking'
  }
}

class Hidden extends Module {
  readonly conv = new Conv2d(1, 1, 3)
  forward(x: Tensor): Tensor {
    return this.conv.forward(maxPool2d(x, { kernel: 2 }))
  }
}

describe('errors', () => {
  test.each([
    [
      () => receptiveField([new Conv2d(1, 1, 3)], [1, 1]),
      new ValueError('receptiveField: the input is not of sequences, images or volumes: [1,1]'),
    ],
    [
      () => receptiveField([new Shrinking()], [1, 1, 8, 8]),
      new ValueError(
        'receptiveField: 0 does not say what it sees: it makes [1,1,4,4] of [1,1,8,8] and has no footprint()',
      ),
    ],
    [
      () => receptiveField(new Hidden(), [1, 1, 8, 8]),
      new ValueError('receptiveField: conv takes [1,1,4,4], which no layer before it has given'),
    ],
    [
      () => outputSize(3, { kernel: 4 }),
      new ShapeError('outputSize: nothing is left of a size of 3: {"kernel":4}'),
    ],
    [() => outputSize(-1, { kernel: 1 }), new ValueError('outputSize: a size is not an integer ≥ 0: -1')],
    [
      () => outputSize([8, 8], { kernel: [1, 2, 3] }),
      new ValueError('outputSize: kernel has not one size for each of 2 axes: [1,2,3]'),
    ],
    [
      () => outputSize(8, { kernel: 3, padding: 'full' as 'same' }),
      new ValueError(`outputSize: unknown padding "full": expected a number, 'same' or 'valid'`),
    ],
    [
      () => outputSize(8, { kernel: 3, padding: 'same', stride: 2 }),
      new ValueError("outputSize: padding 'same' needs stride 1: stride 2"),
    ],
  ] as [() => unknown, Error][])('%#', (act, error) => {
    expect(act).toThrow(error)
  })
})
