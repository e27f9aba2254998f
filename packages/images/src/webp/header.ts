import { orientationOf } from '../exif.ts'
import type { Header, Orientation } from '../header.ts'
import { type Place, Reader, refuse } from '../place.ts'

/** Flags of VP8X. */
const ANIMATION = 0x02
const ALPHA = 0x10

/** @see RFC 9649 (WebP) */
export function webpHeader(bytes: Uint8Array, place: Place): Header {
  const reader = new Reader(bytes, place)
  const end = 8 + reader.uint32(4, true)
  if (end > bytes.length) refuse(place, `the file ends early, after ${bytes.length} of ${end} bytes`)
  const first = reader.tag(12)
  if (first === 'VP8 ') return { ...lossySize(reader, 20, place), channels: 3, orientation: 1 }
  if (first === 'VP8L') return { ...lossless(reader, 20, place), orientation: 1 }
  if (first !== 'VP8X') return refuse(place, `the WebP begins with ${JSON.stringify(first)}`)
  const flags = reader.uint8(20)
  if (flags & ANIMATION) refuse(place, 'the WebP is animated; still ones are read')
  const [width, height] = [uint24(reader, 24) + 1, uint24(reader, 27) + 1]
  return {
    width,
    height,
    channels: flags & ALPHA ? 4 : 3,
    orientation: checkChunks(reader, { width, height, end }, place),
  }
}

/** Compares the size of the picture with that of the canvas; finds the orientation on the way. */
function checkChunks(
  reader: Reader,
  { width, height, end }: { readonly width: number; readonly height: number; readonly end: number },
  place: Place,
): Orientation {
  let orientation: Orientation = 1
  let found = false
  for (let at = 30; at + 8 <= end;) {
    const [tag, length] = [reader.tag(at), reader.uint32(at + 4, true)]
    reader.need(at + 8, length)
    if (tag === 'EXIF') orientation = orientationOf(reader.bytes.subarray(at + 8, at + 8 + length))
    if (tag === 'VP8 ' || tag === 'VP8L') {
      const picture = (tag === 'VP8 ' ? lossySize : lossless)(reader, at + 8, place)
      if (picture.width !== width || picture.height !== height)
        refuse(place, `the WebP says ${width}x${height}, its picture is ${picture.width}x${picture.height}`)
      found = true
    }
    // Chunks of odd length are padded.
    at += 8 + length + (length % 2)
  }
  if (!found) refuse(place, 'the WebP has no picture')
  return orientation
}

function lossySize(reader: Reader, at: number, place: Place): { width: number; height: number } {
  if (uint24(reader, at + 3) !== 0x2a019d) refuse(place, `no picture where one should be (offset ${at})`)
  // The upper two bits say how to scale for display, which nobody does.
  return { width: reader.uint16(at + 6, true) & 0x3fff, height: reader.uint16(at + 8, true) & 0x3fff }
}

function lossless(reader: Reader, at: number, place: Place): Omit<Header, 'orientation'> {
  if (reader.uint8(at) !== 0x2f) refuse(place, `no picture where one should be (offset ${at})`)
  const bits = reader.uint32(at + 1, true)
  return {
    width: (bits & 0x3fff) + 1,
    height: ((bits >>> 14) & 0x3fff) + 1,
    channels: bits & (1 << 28) ? 4 : 3,
  }
}

function uint24(reader: Reader, at: number): number {
  return reader.uint16(at, true) + reader.uint8(at + 2) * 65536
}
