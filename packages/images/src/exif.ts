import type { Orientation } from './header.ts'

const ORIENTATION = 0x0112
const SHORT = 3

/**
 * The orientation in an EXIF block, which is a TIFF file; 1 where it has none or is broken: a picture is no worse
 * for what stands beside it.
 *
 * @see CIPA DC-008 (Exif 2.32), section 4.6.4
 */
export function orientationOf(exif: Uint8Array): Orientation {
  const bytes = startsWithName(exif) ? exif.subarray(6) : exif
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (bytes.length < 14) return 1
  const order = view.getUint16(0)
  // "II" for Intel's order, "MM" for Motorola's.
  const littleEndian = order === 0x4949
  if (!littleEndian && order !== 0x4d4d) return 1
  const directory = view.getUint32(4, littleEndian)
  if (directory + 2 > bytes.length) return 1
  const count = view.getUint16(directory, littleEndian)
  for (let entry = directory + 2; entry < directory + 2 + 12 * count; entry += 12) {
    if (entry + 12 > bytes.length) return 1
    if (view.getUint16(entry, littleEndian) !== ORIENTATION) continue
    const value = view.getUint16(entry + 8, littleEndian)
    const known = view.getUint16(entry + 2, littleEndian) === SHORT && value >= 1 && value <= 8
    return known ? (value as Orientation) : 1
  }
  return 1
}

/** JPEG, and some writers of WebP, put "Exif\0\0" before the block. */
function startsWithName(bytes: Uint8Array): boolean {
  return [0x45, 0x78, 0x69, 0x66, 0, 0].every((byte, i) => bytes[i] === byte)
}
