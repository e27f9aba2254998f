import { ShapeError, ValueError } from '@badak/tensor'
import { describe, expect, test } from 'vitest'
import { type Image, resize } from '../src/index.ts'
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
