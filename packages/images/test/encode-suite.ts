import { expect, test } from 'vitest'
import { convert, decodeImage, encodeJPEG, encodePNG, imageInfo } from '../src/index.ts'
import { cases, converted, originals } from './fixtures.ts'

/** Runs in Node and in Chromium. */
export function encodesAndDecodes(): void {
  test('PNG gives back each pixel', async () => {
    for (const image of [...originals, converted.rgb, ...cases.slice(0, 3).map((one) => one.image)])
      expect(await decodeImage(await encodePNG(image))).toEqual(image)
  })

  test('JPEG gives back much the same pixels, in grey and in colour', async () => {
    for (const image of [convert(converted.rgb, 1), converted.rgb]) {
      const bytes = await encodeJPEG(image, { quality: 100 })
      const { data, channels } = await decodeImage(bytes)
      expect([imageInfo(bytes).channels, channels]).toEqual([image.channels, image.channels])
      const error = data.reduce((sum, value, i) => sum + (value - image.data[i]!) ** 2, 0) / data.length
      // In dB. Chroma at half the resolution loses much of a noisy picture.
      expect(10 * Math.log10(255 ** 2 / error)).toBeGreaterThan(image.channels === 1 ? 45 : 25)
    }
  })
}
