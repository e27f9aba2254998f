import { orientationOf } from '../exif.ts'
import type { Header, Orientation } from '../header.ts'
import { type Place, Reader, refuse } from '../place.ts'

const START_OF_SCAN = 0xda
const END_OF_IMAGE = 0xd9
const APP1 = 0xe1

/** What a start of frame says. Its number is how the picture is coded; those not here, the codec refuses too. */
const codings: Readonly<Record<number, string>> = {
  0xc3: 'lossless',
  0xc5: 'differential',
  0xc6: 'differential',
  0xc7: 'differential',
  0xc9: 'arithmetic',
  0xca: 'arithmetic',
  0xcb: 'arithmetic and lossless',
  0xcd: 'arithmetic and differential',
  0xce: 'arithmetic and differential',
  0xcf: 'arithmetic and differential',
}
const frames = new Set([0xc0, 0xc1, 0xc2, ...Object.keys(codings).map(Number)])

/**
 * Goes through the segments before the first scan as the codec does.
 *
 * @see ITU-T T.81 (JPEG), annex B
 */
export function jpegHeader(bytes: Uint8Array, place: Place): Header {
  const reader = new Reader(bytes, place)
  let orientation: Orientation = 1
  let frame: Omit<Header, 'orientation'> | undefined
  for (let at = 2; ;) {
    const { marker, end } = nextMarker(reader, at)
    if (marker === END_OF_IMAGE) return refuse(place, 'no picture before the end of the image')
    // Restart markers and TEM stand alone.
    if ((marker >= 0xd0 && marker <= 0xd8) || marker === 0x01) {
      at = end
      continue
    }
    const length = reader.uint16(end)
    if (length < 2) refuse(place, `a segment says it is ${length} bytes long (offset ${end})`)
    if (marker === START_OF_SCAN) {
      if (frame === undefined) return refuse(place, 'a scan comes before the sizes of the picture')
      return { ...frame, orientation }
    }
    reader.need(end, length)
    if (marker === APP1 && orientation === 1) orientation = exifIn(bytes.subarray(end + 2, end + length))
    if (frames.has(marker)) {
      if (frame !== undefined) refuse(place, `the picture has two sizes (offset ${end})`)
      frame = frameAt(reader, end, marker, place)
    }
    at = end + length
  }
}

/** The next marker, as the codec looks for it: over whatever stands before, which it warns of. */
function nextMarker(reader: Reader, start: number): { readonly marker: number; readonly end: number } {
  for (let at = start; ; at++) {
    while (reader.uint8(at) !== 0xff) at++
    while (reader.uint8(at) === 0xff) at++
    const marker = reader.uint8(at)
    if (marker !== 0) return { marker, end: at + 1 }
  }
}

function frameAt(reader: Reader, at: number, marker: number, place: Place): Omit<Header, 'orientation'> {
  const coding = codings[marker]
  if (coding !== undefined) refuse(place, `the JPEG is ${coding}; baseline and progressive ones are read`)
  const precision = reader.uint8(at + 2)
  if (precision !== 8) refuse(place, `the JPEG has ${precision} bits a channel; 8 are read`)
  const [height, width, components] = [reader.uint16(at + 3), reader.uint16(at + 5), reader.uint8(at + 7)]
  if (components === 4) refuse(place, 'the JPEG is in CMYK; grey and colour ones are read')
  if (components !== 1 && components !== 3)
    refuse(place, `the JPEG has ${components} channels; those with 1 and 3 are read`)
  checkDensity(reader.bytes.length, { width, height }, place)
  return { width, height, channels: components }
}

/** A block of 8×8 pixels takes one bit at least. */
function checkDensity(
  bytes: number,
  { width, height }: { readonly width: number; readonly height: number },
  place: Place,
): void {
  const blocks = Math.ceil(width / 8) * Math.ceil(height / 8)
  if (blocks > 8 * bytes) refuse(place, `${bytes} bytes are too few for ${width}x${height} pixels`)
}

function exifIn(segment: Uint8Array): Orientation {
  const isExif = [0x45, 0x78, 0x69, 0x66, 0, 0].every((byte, i) => segment[i] === byte)
  return isExif ? orientationOf(segment) : 1
}
