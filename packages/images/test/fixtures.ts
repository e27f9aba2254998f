import files from './fixtures/files.json' with { type: 'json' }
import resized from './fixtures/resized.json' with { type: 'json' }
import type { Image } from '../src/index.ts'

/** Recorded from Pillow by tools/record-fixtures/images.py. */
export const cases = files.cases.map(({ name, file, ...image }) => ({
  name,
  file: bytesOf(file),
  image: imageOf(image),
}))

export const refused = files.refused.map(({ name, file }) => ({ name, file: bytesOf(file) }))

const { width, height, rgb, grey } = files.converted
export const converted = {
  rgb: imageOf({ width, height, channels: 3, pixels: rgb }),
  grey: imageOf({ width, height, channels: 1, pixels: grey }),
}

export const originals = resized.images.map(imageOf)
export const resizedCases = resized.cases.map(({ filter, ...image }) => ({ filter, image: imageOf(image) }))

function imageOf(fields: { width: number; height: number; channels: number; pixels: string }): Image {
  const { width, height, channels, pixels } = fields
  return { width, height, channels: channels as 1 | 3 | 4, data: bytesOf(pixels) }
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
}
