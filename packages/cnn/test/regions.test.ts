// Regions of images as torchvision reads them.
import {
  configure,
  IndexError,
  Parameter,
  ShapeError,
  tensor,
  ValueError,
  zeros,
  type Tensor,
} from '@badak/tensor'
import { RoIAlign, roiAlign, RoIPool, roiPool, type PairLike } from '@badak/cnn'
import { describe, expect, test } from 'vitest'
import { backends } from '../../layers/test/backends.ts'
import { difference, readCases, toTensor, type Recorded } from '../../layers/test/fixture.ts'

interface Case {
  readonly name: 'roiAlign' | 'roiPool'
  readonly outputSize: PairLike
  readonly options: object
  readonly features: Recorded
  readonly boxes: Recorded | readonly Recorded[]
  readonly upstream: Recorded
  readonly output: Recorded
  readonly gradient: Recorded
}

const cases = readCases<Case>(new URL('fixtures/regions.json', import.meta.url))
const functions = { roiAlign, roiPool }

describe.each(backends)('%s', (backend) => {
  test.each(cases.map((c, i) => [`${i} ${c.name} ${JSON.stringify(c.options)}`, c] as const))(
    '%s',
    async (_, c) => {
      configure({ backend })
      const features = new Parameter(toTensor(c.features))
      const isList = (boxes: Case['boxes']): boxes is readonly Recorded[] => Array.isArray(boxes)
      const boxes = isList(c.boxes) ? c.boxes.map((each) => toTensor(each)) : toTensor(c.boxes)
      const y = functions[c.name](features, boxes, c.outputSize, c.options)
      y.mul(toTensor(c.upstream)).sum().backward()
      expect(await difference(y, c.output, 2e-6, 1)).toBe('none')
      expect(await difference(features.grad ?? zeros(c.features.shape), c.gradient, 4e-6, 1)).toBe('none')
    },
  )

  test('boxes may be computed where samplingRatio is given', async () => {
    configure({ backend })
    const features = tensor(
      Float32Array.from({ length: 36 }, (_, i) => i),
      { shape: [1, 1, 6, 6] },
    )
    const boxes = tensor([[0, 1, 1, 4, 5]])
    const align = (rows: Tensor): Promise<unknown> =>
      new RoIAlign([2, 3], { samplingRatio: 2, aligned: true }).forward(features, rows).array()
    expect(await align(boxes.add(0))).toEqual(await align(boxes))
    // By hand: means of a plane are its values at the centres: rows 1.5 and 3.5, columns 1, 2, 3.
    expect(await align(boxes)).toEqual([
      [
        [
          [10, 11, 12],
          [22, 23, 24],
        ],
      ],
    ])
  })
})

test('regions in parts are the regions', async () => {
  configure({ backend: 'wasm' })
  const values = Float32Array.from({ length: 512 * 64 }, (_, i) => Math.sin(i))
  const images = tensor(values, { shape: [1, 512, 8, 8] })
  const rows = Array.from({ length: 70 }, (_, k) => [0, k % 5, k % 3, 5 + (k % 3), 4 + (k % 4)])
  const align = (boxes: number[][]): Tensor => roiAlign(images, tensor(boxes), 7, { samplingRatio: 2 })
  const [whole, last] = [await align(rows).data(), await align(rows.slice(69)).data()]
  expect(whole.subarray(-last.length)).toEqual(last)
})

const features = zeros([2, 3, 8, 8])
const box = tensor([[0, 1, 1, 3, 3]])
const errors: [() => unknown, Error][] = [
  [() => roiAlign(zeros([3, 8, 8]), box, 2), new ShapeError('roiAlign: input is not [N, C, H, W]: [3,8,8]')],
  [() => roiAlign(features, zeros([4]), 2), new ShapeError('roiAlign: boxes are not [K, 5]: [4]')],
  [() => roiPool(features, [box, box], 2), new ShapeError('roiPool: boxes are not [L, 4]: [1,5]')],
  [() => roiPool(features, [zeros([1, 4])], 2), new ShapeError('roiPool: 1 lists of boxes for 2 images')],
  [
    () => roiAlign(features, tensor([[2, 1, 1, 3, 3]]), 2),
    new IndexError('roiAlign: box 0 is of image 2, of 2'),
  ],
  [() => roiAlign(features, box, 0), new ValueError('roiAlign: outputSize is not an integer ≥ 1: 0')],
  [
    () => new RoIAlign(2, { spatialScale: 0 }),
    new ValueError('RoIAlign: spatialScale is not a positive number: 0'),
  ],
  [
    () => new RoIAlign(2, { samplingRatio: 1.5 }),
    new ValueError('RoIAlign: samplingRatio is not an integer: 1.5'),
  ],
  [
    () => new RoIPool(2, { spatialScale: NaN }),
    new ValueError('RoIPool: spatialScale is not a positive number: NaN'),
  ],
  [
    () => roiAlign(features, box.add(0), 2),
    new ValueError(
      'roiAlign: without samplingRatio the boxes must come from the host: give a samplingRatio, or tensor(await boxes.data())',
    ),
  ],
  [
    () => roiPool(features, box.add(0), 2),
    new ValueError('roiPool: the boxes must come from the host: give tensor(await boxes.data())'),
  ],
]

test.each(errors)('error %#', (act, error) => {
  expect(act).toThrow(error)
})

test('layers say what they are', () => {
  expect([new RoIAlign(7), new RoIPool([7, 5])].map(String)).toEqual(['RoIAlign(7x7)', 'RoIPool(7x5)'])
})
