import { describe, expect, test } from 'vitest'
import { decodeImage, imageInfo } from '../src/index.ts'
import { cases } from './fixtures.ts'

/** Runs in Node and in Chromium: the pixels are the same. */
export function decodesAsPillow(): void {
  describe('gives the pixels that Pillow gives', () => {
    test.each(cases)('$name', async ({ file, image }) => {
      const { data, ...sides } = await decodeImage(file)
      const { data: expected, ...expectedSides } = image
      expect(sides).toEqual(expectedSides)
      expect(imageInfo(file)).toMatchObject(expectedSides)
      expect([...data]).toEqual([...expected])
    })
  })
}
