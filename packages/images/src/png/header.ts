import { orientationOf } from '../exif.ts'
import type { Header, Orientation } from '../header.ts'
import type { Channels } from '../image.ts'
import { type Place, Reader, refuse } from '../place.ts'

/** Which bit depths go with which colours. */
const depths: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
}
const PALETTE = 3
/** Samples of a pixel, by the colour's number. */
const samples: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 }
/** Deflate makes at most this many bytes of one. */
const MAX_RATIO = 1032

/**
 * Goes through all chunks, and compares their checksums: what reaches the codec is what was written.
 *
 * @see https://www.w3.org/TR/png-3/
 */
export function pngHeader(bytes: Uint8Array, place: Place): Header {
  const reader = new Reader(bytes, place)
  const header = readIHDR(reader, place)
  let orientation: Orientation = 1
  let [hasTransparency, hasPalette, compressed] = [false, false, 0]
  for (let at = 8; ;) {
    const length = reader.uint32(at)
    const type = reader.tag(at + 4)
    reader.need(at + 8, length + 4)
    const data = bytes.subarray(at + 8, at + 8 + length)
    if (crc32(bytes.subarray(at + 4, at + 8 + length)) !== reader.uint32(at + 8 + length))
      refuse(place, `the checksum of ${JSON.stringify(type)} is wrong (offset ${at})`)
    if (type === 'IDAT') compressed += length
    if (type === 'PLTE') hasPalette = true
    if (type === 'tRNS') hasTransparency = true
    if (type === 'eXIf') orientation = orientationOf(data)
    if (type === 'IEND') break
    at += 12 + length
  }
  const { width, height, colour, depth } = header
  if (colour === PALETTE && !hasPalette) refuse(place, 'the PNG has no palette, and needs one')
  const expected = height * (1 + Math.ceil((width * samples[colour]! * depth) / 8))
  if (expected > compressed * MAX_RATIO)
    refuse(place, `${compressed} bytes are too few for ${width}x${height} pixels`)
  return { width, height, channels: channelsOf(colour, hasTransparency), orientation }
}

interface PNGHeader {
  readonly width: number
  readonly height: number
  readonly colour: number
  readonly depth: number
}

function readIHDR(reader: Reader, place: Place): PNGHeader {
  if (reader.tag(12) !== 'IHDR' || reader.uint32(8) !== 13)
    refuse(place, 'the PNG does not begin with its sizes')
  const [width, height] = [reader.uint32(16), reader.uint32(20)]
  const [depth, colour] = [reader.uint8(24), reader.uint8(25)]
  if (!depths[colour]?.includes(depth)) refuse(place, `no PNG has colour type ${colour} with ${depth} bits`)
  return { width, height, colour, depth }
}

function channelsOf(colour: number, hasTransparency: boolean): Channels {
  if (colour >= 4 || hasTransparency) return 4
  return colour === 0 ? 1 : 3
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1
  return value
})

function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff
  for (const byte of bytes) value = table[(value ^ byte) & 0xff]! ^ (value >>> 8)
  return ~value >>> 0
}
