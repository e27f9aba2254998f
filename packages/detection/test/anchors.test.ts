// Anchors of FPN and default boxes of SSD as torchvision's generators lay them out.
import { ShapeError, ValueError } from '@badak/tensor'
import {
  anchorGrid,
  cellAnchors,
  defaultBoxes,
  generateAnchors,
  type AnchorOptions,
  type DefaultBoxOptions,
} from '@badak/detection'
import { expect, test } from 'vitest'
import { readCases, type Recorded } from '../../layers/test/fixture.ts'

interface Case {
  readonly name: 'generateAnchors' | 'defaultBoxes'
  readonly options: AnchorOptions & DefaultBoxOptions
  readonly output: Recorded
}

const cases = readCases<Case>(new URL('fixtures/anchors.json', import.meta.url))

test.each(cases.map((c, i) => [`${i} ${c.name}`, c] as const))('%s', (_, c) => {
  const actual = { generateAnchors, defaultBoxes }[c.name](c.options)
  expect(actual.length).toBe(c.output.data.length)
  // Anchors are whole pixels; default boxes are rounded in another order there.
  const digits = c.name === 'generateAnchors' ? 12 : 4
  for (const [i, value] of actual.entries())
    expect(value, `number ${i}`).toBeCloseTo(Number(c.output.data[i]), digits)
})

test('anchors by hand', () => {
  expect([...cellAnchors([16], [1, 4])]).toEqual([-8, -8, 8, 8, -4, -16, 4, 16])
  expect([...anchorGrid(Float32Array.of(-1, -2, 1, 2), [2, 2], [8, 4])]).toEqual(
    [
      [-1, -2, 1, 2],
      [3, -2, 5, 2],
      [-1, 6, 1, 10],
      [3, 6, 5, 10],
    ].flat(),
  )
  expect(anchorGrid(Float32Array.of(-1, -2, 1, 2), [0, 2], [8, 4]).length).toBe(0)
})

const errors: [() => unknown, Error][] = [
  [() => cellAnchors([0], [1]), new ValueError('cellAnchors: not every size is a positive number: 0')],
  [
    () => cellAnchors([8], [NaN]),
    new ValueError('cellAnchors: not every aspect ratio is a positive number: NaN'),
  ],
  [
    () => anchorGrid(new Float32Array(5), [1, 1], [1, 1]),
    new ShapeError('anchorGrid: anchors are [A, 4]: 5 numbers'),
  ],
  [
    () => anchorGrid(new Float32Array(4), [1.5, 1], [1, 1]),
    new ValueError('anchorGrid: a size is not [height, width]: [1.5, 1]'),
  ],
  [
    () => generateAnchors({ imageSize: [8, 8], featureSizes: [[1, 1]], sizes: [[8], [9]] }),
    new ShapeError('generateAnchors: 2 lists of sizes for 1 levels'),
  ],
  [
    () => defaultBoxes({ imageSize: [8, 8], featureSizes: [[1, 1]], aspectRatios: [[2]], scales: [1] }),
    new ShapeError('defaultBoxes: 1 scales for 1 levels, which take 2'),
  ],
  [
    () => defaultBoxes({ imageSize: [8, 8], featureSizes: [[1, 1]], aspectRatios: [[2]], steps: [0] }),
    new ValueError('defaultBoxes: not every step is a positive number: 0'),
  ],
]

test.each(errors)('error %#', (act, error) => {
  expect(act).toThrow(error)
})
