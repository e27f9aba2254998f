import { ShapeError, ValueError } from '@badak/tensor'
import { describe, expect, test } from 'vitest'
import { crop, type Image, type Rectangle, resize } from '../src/index.ts'
import { originals, resizedCases } from './fixtures.ts'

const original = (channels: number): Image => originals.find((image) => image.channels === channels)!

describe('gives the pixels that Pillow gives', () => {
  test.each(resizedCases)(
    '$filter to $image.height x $image.width, $image.channels channels',
    ({ filter, image: { data, height, width, channels } }) => {
      const result = resize(original(channels), [height, width], { filter: filter as 'box' })
      expect({ ...result, data: [...result.data] }).toEqual({ height, width, channels, data: [...data] })
    },
  )
})

test('a number is the shorter side; the other keeps the ratio, rounded down', () => {
  const sides = ({ height, width }: Image): number[] => [height, width]
  // 14 x 17: 17 · 5 / 14 = 6.07; turned: 17 x 14.
  expect(sides(resize(original(1), 5))).toEqual([5, 6])
  const upright: Image = { ...original(1), height: 17, width: 14 }
  expect(sides(resize(upright, 5))).toEqual([6, 5])
})

test('the same size is the same image', () => {
  expect(resize(original(3), [14, 17])).toBe(original(3))
})

describe('of an area gives what cropping before gives', () => {
  const area: Rectangle = { top: 3, left: 2, height: 9, width: 11 }
  const sizes = [[5, 5], [9, 4], [4, 11], [9, 11], [20, 30], [1, 1]] as const // prettier-ignore
  const filters = ['nearest', 'box', 'bilinear', 'bicubic', 'lanczos'] as const
  test.each(filters.flatMap((filter) => [1, 3, 4].map((channels) => [filter, channels] as const)))(
    '%s, %i channels',
    (filter, channels) => {
      const image = original(channels)
      for (const size of sizes)
        expect(resize(image, size, { filter, area })).toEqual(resize(crop(image, area), size, { filter }))
      expect(resize(image, 6, { filter, area })).toEqual(resize(crop(image, area), 6, { filter }))
    },
  )

  test('it must lie within the picture', () => {
    expect(() => resize(original(3), 4, { area: { ...area, left: 7 } })).toThrow(
      new ValueError('resize: 9x11 at row 3, column 7 is not within 14x17'),
    )
  })
})

/** As slow and as plain as can be: a sum for every value, in exact integers. */
function plainly(image: Image, height: number, width: number): number[] {
  const pass = (values: number[][], to: number): number[][] => {
    const from = values.length
    const stretch = Math.max(from / to, 1)
    return Array.from({ length: to }, (_, i) => {
      const centre = ((i + 0.5) * from) / to
      const first = Math.max(0, Math.trunc(centre - stretch + 0.5))
      const last = Math.min(from, Math.trunc(centre + stretch + 0.5))
      const raw = Array.from({ length: last - first }, (_, j) =>
        Math.max(0, 1 - Math.abs((j + first - centre + 0.5) * (1 / stretch))),
      )
      const sum = raw.reduce((a, b) => a + b, 0)
      const weights = raw.map((weight) => BigInt(Math.trunc((weight / sum) * 2 ** 22 + 0.5)))
      return values[0]!.map((_, x) =>
        Number(
          weights.reduce((total, weight, j) => total + weight * BigInt(values[first + j]![x]!), 1n << 21n) >>
            22n,
        ),
      )
    })
  }
  const { channels, data } = image
  const column = (x: number): number[] =>
    Array.from({ length: image.height * channels }, (_, i) => {
      const [y, c] = [Math.floor(i / channels), i % channels]
      return data[(y * image.width + x) * channels + c]!
    })
  const narrow = pass(
    Array.from({ length: image.width }, (_, x) => column(x)),
    width,
  )
  const line = (y: number): number[] =>
    narrow.flatMap((values) => values.slice(y * channels, (y + 1) * channels))
  return pass(
    Array.from({ length: image.height }, (_, y) => line(y)),
    height,
  ).flat()
}

test.each([[7, 90], [40, 3], [90, 40], [8, 8], [3, 1]])('by as many lines as it takes: to %i x %i', (height, width) => {
  for (const channels of [1, 3] as const) {
    const data = Uint8Array.from({ length: 61 * 47 * channels }, (_, i) => (i * i * 31 + i * 7) % 256)
    const image: Image = { width: 61, height: 47, channels, data }
    expect([...resize(image, [height, width]).data]).toEqual(plainly(image, height, width))
  }
}) // prettier-ignore

test('refuses sizes and filters that are none', () => {
  expect(() => resize(original(1), [0, 3])).toThrow(
    new ShapeError('resize: a size is of whole pixels, one at least: 0,3'),
  )
  expect(() => resize(original(1), 2.5)).toThrow(ShapeError)
  expect(() => resize(original(1), 3, { filter: 'cubic' as 'bicubic' })).toThrow(
    new ValueError('resize: a filter is nearest, box, bilinear, bicubic, lanczos: cubic'),
  )
  expect(() => resize({ ...original(1), height: 13 }, 3)).toThrow(
    new ShapeError('resize: the sides of the image do not fit its data: 13x17x1 for 238 values'),
  )
})
