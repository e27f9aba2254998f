import { ShapeError, ValueError } from '@badak/tensor'
import { expect, test } from 'vitest'
import { encodeJPEG, encodePNG } from '../src/index.ts'
import { encodesAndDecodes } from './encode-suite.ts'
import { converted, originals } from './fixtures.ts'

encodesAndDecodes()

test('less quality is less bytes, and so is more work', async () => {
  const flat = { width: 20, height: 20, channels: 1, data: new Uint8Array(400) } as const
  const sizes = await Promise.all([
    encodeJPEG(converted.rgb, { quality: 30 }),
    encodeJPEG(converted.rgb, { quality: 95 }),
    encodePNG(flat, { level: 9 }),
    encodePNG(flat, { level: 0 }),
  ])
  const [low, high, packed, stored] = sizes.map(({ length }) => length)
  expect(low).toBeLessThan(high!)
  expect(packed).toBeLessThan(stored!)
  const baseline = await encodeJPEG(converted.rgb, { progressive: false })
  // Start of frame: 0xc0 is baseline, 0xc2 progressive.
  const has = (bytes: Uint8Array, marker: number): boolean =>
    bytes.some((byte, i) => byte === 0xff && bytes[i + 1] === marker)
  expect([has(baseline, 0xc0), has(await encodeJPEG(converted.rgb), 0xc2)]).toEqual([true, true])
})

test('refuses what a file cannot hold', async () => {
  const rgba = originals.find(({ channels }) => channels === 4)!
  await expect(encodeJPEG(rgba)).rejects.toThrow(
    new ValueError('encodeJPEG: a JPEG has no alpha: composite the image on a background first'),
  )
  await expect(encodeJPEG(converted.rgb, { quality: 0 })).rejects.toThrow(
    new ValueError('encodeJPEG: a quality is a whole number from 1 to 100: 0'),
  )
  await expect(encodePNG(converted.rgb, { level: 10 })).rejects.toThrow(
    new ValueError('encodePNG: a level is a whole number from 0 to 9: 10'),
  )
  const long = { width: 65_501, height: 1, channels: 1, data: new Uint8Array(65_501) } as const
  await expect(encodeJPEG(long)).rejects.toThrow(
    new ValueError('encodeJPEG: the sides of a JPEG are at most 65500 pixels: 65501x1'),
  )
  await expect(encodePNG({ ...converted.rgb, height: 1 })).rejects.toThrow(ShapeError)
})
