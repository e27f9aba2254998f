// Boxes as tensors: values and gradients of torchvision's functions.
import { Parameter, ShapeError, ValueError, configure, tensor, zeros, type Tensor } from '@badak/tensor'
import {
  boxArea,
  boxIoU,
  clipBoxes,
  completeBoxIoULoss,
  convertBoxes,
  decodeBoxes,
  distanceBoxIoULoss,
  encodeBoxes,
  generalisedBoxIoU,
  generalisedBoxIoULoss,
} from '@badak/detection'
import { describe, expect, test } from 'vitest'
import { backends } from '../../layers/test/backends.ts'
import { difference, readCases, toTensor, type Recorded } from '../../layers/test/fixture.ts'
import { draw, drawBoxes, weighted } from './draws.ts'

type Case = [number, number, number, number, number, number, number | null, number]
const cases = readCases<Case>(new URL('fixtures/box-cases.json', import.meta.url))

interface LossCase {
  readonly name: keyof typeof losses
  readonly boxes: Recorded
  readonly targets: Recorded
  readonly output: Recorded
  readonly gradient: Recorded
}

const losses = { generalisedBoxIoULoss, distanceBoxIoULoss, completeBoxIoULoss }
const lossCases = readCases<LossCase>(new URL('fixtures/box-losses.json', import.meta.url))
const rows = (values: Float32Array): Tensor => tensor(values, { shape: [values.length / 4, 4] })

/** Every case on wasm; the reference is slow and takes a tenth. */
const share = { reference: 10, wasm: 1 }

describe.each(backends)('%s', (backend) => {
  test('random cases: areas, overlaps, offsets', { timeout: 60_000 }, async () => {
    configure({ backend })
    for (let seed = 0; seed < cases.length; seed += share[backend]) {
      const [n, m, flat] = [1 + (draw(seed, 0) % 48), 1 + (draw(seed, 1) % 8), seed % 4 === 0]
      const host = drawBoxes(seed, 10, n, flat)
      const [some, others] = [rows(host), rows(drawBoxes(seed, 1000, m))]
      const partners = rows(Float32Array.from([...host.subarray(4), ...host.subarray(0, 4)]))
      const options = seed % 2 ? { weights: [10, 10, 5, 5] as const } : {}
      const offsets = Float32Array.from(
        { length: 4 * n },
        (_, i) => ((draw(seed, 4000 + i) % 2001) - 1000) / 200,
      )
      const results = [
        boxArea(some),
        boxIoU(others, some),
        generalisedBoxIoU(some, others),
        flat ? undefined : encodeBoxes(some, partners, options),
        decodeBoxes(rows(offsets), some, options),
      ]
      for (const [i, result] of results.entries()) {
        const wanted = cases[seed]![3 + i]
        if (!result || wanted == null) continue
        // 1e-5 of what the terms add up to.
        const values = await result.data()
        const size = weighted(seed, values.map(Math.abs))
        expect(Math.abs(weighted(seed, values) - wanted), `${seed} ${i}`).toBeLessThan(
          1e-5 * Math.max(1, size),
        )
      }
    }
  })

  test.each(lossCases)('$name and its gradient', async (c) => {
    configure({ backend })
    const x = new Parameter(toTensor(c.boxes))
    const y = losses[c.name](x, toTensor(c.targets), { reduction: 'none' })
    y.sum().backward()
    expect(await difference(y, c.output, 1e-5)).toBe('none')
    expect(await difference(x.grad!, c.gradient, 1e-4, 0.01)).toBe('none')
    const total = await losses[c.name](x, toTensor(c.targets), { reduction: 'sum' }).item()
    const mean = await losses[c.name](x, toTensor(c.targets)).item()
    expect(total).toBeCloseTo(
      c.output.data.reduce<number>((sum, value) => sum + Number(value), 0),
      4,
    )
    expect(mean).toBeCloseTo(total / 17, 6)
  })

  test('degenerate boxes have finite values and gradients', async () => {
    configure({ backend })
    const points = tensor([
      [1, 1, 1, 1],
      [2, 2, 1, 1],
      [0, 0, 2, 2],
    ])
    const x = new Parameter(points)
    const iou = boxIoU(x, points)
    iou.add(generalisedBoxIoU(x, points)).sum().backward()
    expect(await iou.array()).toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [0, 0, 1],
    ])
    expect((await x.grad!.data()).every(Number.isFinite)).toBe(true)
    expect(await boxArea(points).array()).toEqual([0, 0, 4])
    for (const loss of Object.values(losses)) {
      const y = new Parameter(points)
      loss(y, points).backward()
      expect((await y.grad!.data()).every(Number.isFinite)).toBe(true)
    }
  })

  test('no boxes', async () => {
    configure({ backend })
    const none = zeros([0, 4])
    expect(boxIoU(none, tensor([[0, 0, 1, 1]])).shape).toEqual([0, 1])
    expect(await boxIoU(none, tensor([[0, 0, 1, 1]])).data()).toEqual(new Float32Array(0))
    for (const f of [encodeBoxes, decodeBoxes])
      expect(await f(none, none).data()).toEqual(new Float32Array(0))
    for (const loss of Object.values(losses)) expect(await loss(none, none).item()).toBe(0)
  })

  test('formats, edges, and a box for each class', async () => {
    configure({ backend })
    const box = tensor([[10, 20, 30, 50]])
    expect(await convertBoxes(box, 'xyxy', 'cxcywh').array()).toEqual([[20, 35, 20, 30]])
    expect(await convertBoxes(convertBoxes(box, 'xyxy', 'xywh'), 'xywh', 'xyxy').array()).toEqual([
      [10, 20, 30, 50],
    ])
    expect(await convertBoxes(tensor([[20, 35, 20, 30]]), 'cxcywh', 'xywh').array()).toEqual([
      [10, 20, 20, 30],
    ])
    expect(await clipBoxes(tensor([[-5, 2, 30, 9]]), [8, 20]).array()).toEqual([[0, 2, 20, 8]])
    // By hand: twice as wide; moved by half a height; exp stops at 62.5 times the size.
    const offsets = tensor([
      [
        [0, 0, Math.log(2), 0],
        [0, 0.5, 0, 0],
        [0, 0, 99, 0],
      ],
    ])
    expect(await decodeBoxes(offsets, box).array()).toEqual([
      [
        [expect.closeTo(0, 4), 20, expect.closeTo(40, 4), 50],
        [10, 35, 30, 65],
        [expect.closeTo(-605, 2), 20, expect.closeTo(645, 2), 50],
      ],
    ])
    expect(
      await decodeBoxes(encodeBoxes(box, tensor([[0, 0, 9, 7]])), tensor([[0, 0, 9, 7]])).array(),
    ).toEqual([[10, 20, 30, 50].map((value) => expect.closeTo(value, 4))])
  })
})

const box = tensor([[0, 0, 1, 1]])
const errors: [() => unknown, Error][] = [
  [() => boxArea(zeros([3])), new ShapeError('boxArea: boxes are not [..., 4]: [3]')],
  [() => boxIoU(box, zeros([4])), new ShapeError('boxIoU: others are not [N, 4]: [4]')],
  [
    () => generalisedBoxIoU(zeros([1, 5]), box),
    new ShapeError('generalisedBoxIoU: boxes are not [N, 4]: [1,5]'),
  ],
  [
    () => distanceBoxIoULoss(box, zeros([2, 4])),
    new ShapeError('distanceBoxIoULoss: shapes of boxes and targets differ: [1,4], [2,4]'),
  ],
  [
    () => completeBoxIoULoss(box, box, { reduction: 'max' as 'sum' }),
    new ValueError('completeBoxIoULoss: reduction is not one of mean, sum, none: max'),
  ],
  [
    () => encodeBoxes(box, zeros([2, 4])),
    new ShapeError('encodeBoxes: shapes of boxes and references differ: [1,4], [2,4]'),
  ],
  [
    () =>
      encodeBoxes(
        tensor([
          [0, 0, 1, 1],
          [2, 2, 2, 5],
        ]),
        zeros([2, 4]),
      ),
    new ValueError('encodeBoxes: boxes: box 1 (2, 2, 2, 5) has no area'),
  ],
  [
    () => encodeBoxes(box, tensor([[NaN, 0, 1, 1]])),
    new ValueError('encodeBoxes: references: box 0 (NaN, 0, 1, 1) has no area'),
  ],
  [
    () => decodeBoxes(box, zeros([2, 4])),
    new ShapeError('decodeBoxes: offsets are not as many as references: [1,4], [2,4]'),
  ],
  [
    () => decodeBoxes(box, box, { weights: [1, 0, 1, 1] }),
    new ValueError('decodeBoxes: weights are not four positive numbers: 1, 0, 1, 1'),
  ],
  [() => decodeBoxes(box, box, { maxLogScale: NaN }), new ValueError('decodeBoxes: maxLogScale is NaN')],
  [() => clipBoxes(box, [-1, 1]), new ValueError('clipBoxes: the size is not [height, width]: [-1, 1]')],
]

test.each(errors)('error %#', (act, error) => {
  expect(act).toThrow(error)
})
