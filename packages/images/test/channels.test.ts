import { ShapeError, ValueError } from '@badak/tensor'
import { expect, test } from 'vitest'
import { composite, convert, crop, decodeImage, type Image } from '../src/index.ts'
import { cases, converted } from './fixtures.ts'

const rgba: Image = {
  width: 2,
  height: 1,
  channels: 4,
  data: Uint8Array.of(10, 20, 30, 0, 100, 200, 250, 51),
}

test('grey is the one of Pillow', () => {
  expect(convert(converted.rgb, 1)).toEqual(converted.grey)
})

test('channels are repeated, dropped, added', () => {
  const grey: Image = { width: 2, height: 1, channels: 1, data: Uint8Array.of(7, 8) }
  expect(convert(grey, 3).data).toEqual(Uint8Array.of(7, 7, 7, 8, 8, 8))
  expect(convert(grey, 4).data).toEqual(Uint8Array.of(7, 7, 7, 255, 8, 8, 8, 255))
  expect(convert(rgba, 3).data).toEqual(Uint8Array.of(10, 20, 30, 100, 200, 250))
  expect(convert(rgba, 4)).toBe(rgba)
  expect(() => convert(rgba, 2 as 1)).toThrow(
    new ValueError('convert: channels are 1 (grey), 3 (RGB) or 4 (RGBA): 2'),
  )
})

test('decoding converts when asked to', async () => {
  const { file, image } = cases.find(({ name }) => name === 'png palette 4 with alpha')!
  expect(image.channels).toBe(4)
  expect(await decodeImage(file, { channels: 3 })).toEqual(convert(image, 3))
  await expect(decodeImage(file, { channels: 0 as 1 })).rejects.toThrow(ValueError)
})

test('a transparent picture is laid on a background', () => {
  // 51 of 255 is a fifth: 255 − (255 − 100) / 5 = 224, 244, 254.
  expect(composite(rgba)).toEqual({
    width: 2,
    height: 1,
    channels: 3,
    data: Uint8Array.of(255, 255, 255, 224, 244, 254),
  })
  expect(composite(rgba, 0).data).toEqual(Uint8Array.of(0, 0, 0, 20, 40, 50))
  expect(composite(rgba, [0, 100, 255]).data).toEqual(Uint8Array.of(0, 100, 255, 20, 120, 254))
  expect(composite(converted.grey)).toBe(converted.grey)
  expect(() => composite(rgba, [0, 256, 0])).toThrow(
    new ValueError('composite: a background is a grey or three channels from 0 to 255: 0,256,0'),
  )
})

test('a rectangle is cut out', () => {
  const image: Image = { width: 3, height: 3, channels: 1, data: Uint8Array.from({ length: 9 }, (_, i) => i) }
  expect(crop(image, { top: 1, left: 0, height: 2, width: 2 })).toEqual({
    width: 2,
    height: 2,
    channels: 1,
    data: Uint8Array.of(3, 4, 6, 7),
  })
  for (const rectangle of [
    { top: 2, left: 0, height: 2, width: 2 },
    { top: 0, left: 0, height: 0, width: 2 },
    { top: -1, left: 0, height: 2, width: 2 },
    { top: 0.5, left: 0, height: 2, width: 2 },
  ])
    expect(() => crop(image, rectangle)).toThrow(ValueError)
  expect(() => crop(image, { top: 2, left: 1, height: 2, width: 2 })).toThrow(
    'crop: 2x2 at row 2, column 1 is not within 3x3',
  )
  expect(() => crop({ ...image, width: 2 }, { top: 0, left: 0, height: 1, width: 1 })).toThrow(ShapeError)
})
