import { FormatError, ValueError } from '@badak/tensor'
import { describe, expect, test } from 'vitest'
import { crc32 } from 'node:zlib'
import { decodeImage, imageInfo } from '../src/index.ts'
import { cases, refused } from './fixtures.ts'

const file = (name: string): Uint8Array => cases.find((one) => one.name === name)!.file
const [jpeg, progressive, png, webp] = [
  file('jpeg 4:2:0'),
  file('jpeg progressive'),
  file('png colour and alpha 8'),
  file('webp lossy'),
]
const cmyk = refused.find(({ name }) => name === 'cmyk.jpg')!.file
const animated = refused.find(({ name }) => name === 'animated.webp')!.file

/** The file with some bytes replaced. */
function patch(bytes: Uint8Array, offset: number, ...values: number[]): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy.set(values, offset)
  return copy
}

/** A PNG file with a chunk's data replaced, its checksum right. */
function patchPNG(bytes: Uint8Array, tag: string, change: (data: Uint8Array) => void): Uint8Array {
  const copy = Uint8Array.from(bytes)
  const view = new DataView(copy.buffer)
  for (let at = 8; ; at += 12 + view.getUint32(at)) {
    const length = view.getUint32(at)
    if (String.fromCharCode(...copy.subarray(at + 4, at + 8)) !== tag) continue
    change(copy.subarray(at + 8, at + 8 + length))
    view.setUint32(at + 8 + length, crc32(copy.subarray(at + 4, at + 8 + length)))
    return copy
  }
}

const sized = (width: number, height: number): Uint8Array =>
  patchPNG(png, 'IHDR', (data) => {
    new DataView(data.buffer, data.byteOffset).setUint32(0, width)
    new DataView(data.buffer, data.byteOffset).setUint32(4, height)
  })

/** Where the marker of a segment stands. */
function segment(bytes: Uint8Array, marker: number): number {
  return bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === marker)
}
const frame = segment(jpeg, 0xc0)

describe('refuses, naming the file', () => {
  test.each([
    ['nothing', new Uint8Array(0), 'the file is empty'],
    ['a GIF', new TextEncoder().encode('GIF89a'), 'neither JPEG, PNG nor WebP: it starts with 47 49 46 38'],
    [
      'an HTML page',
      new TextEncoder().encode('<html>'),
      'neither JPEG, PNG nor WebP: it starts with 3c 68 74 6d',
    ],
    [
      'other RIFF files',
      patch(webp, 8, 0x57, 0x41, 0x56, 0x45),
      'neither JPEG, PNG nor WebP: it starts with 52 49 46 46',
    ],

    ['a JPEG of three bytes', jpeg.subarray(0, 3), 'the file ends early, after 3 bytes'],
    ['a JPEG cut off in its header', jpeg.subarray(0, 300), 'the file ends early, after 300 bytes'],
    ['a JPEG cut off in its data', jpeg.subarray(0, -40), 'Premature end of JPEG file'],
    ['a progressive JPEG cut off', progressive.subarray(0, -40), 'Premature end of JPEG file'],
    ['a JPEG without an end', jpeg.subarray(0, -2), 'Premature end of JPEG file'],
    [
      'a JPEG that ends at once',
      Uint8Array.of(0xff, 0xd8, 0xff, 0xd9),
      'no picture before the end of the image',
    ],
    [
      'a JPEG with a segment of no length',
      patch(jpeg, 4, 0, 1),
      'a segment says it is 1 bytes long (offset 4)',
    ],
    ['a JPEG without sizes', patch(jpeg, frame + 1, 0xfe), 'a scan comes before the sizes of the picture'],
    ['a JPEG of 12 bits', patch(jpeg, frame + 4, 12), 'the JPEG has 12 bits a channel; 8 are read'],
    [
      'a lossless JPEG',
      patch(jpeg, frame + 1, 0xc3),
      'the JPEG is lossless; baseline and progressive ones are read',
    ],
    [
      'an arithmetic JPEG',
      patch(jpeg, frame + 1, 0xc9),
      'the JPEG is arithmetic; baseline and progressive ones are read',
    ],
    ['a JPEG of no height', patch(jpeg, frame + 5, 0, 0), 'the picture has no pixels: 19x0'],
    [
      'a JPEG that lies about its size',
      patch(jpeg, frame + 5, 0x20, 0, 0x20, 0),
      `${jpeg.length} bytes are too few for 8192x8192 pixels`,
    ],
    [
      'a JPEG that lies a little',
      patch(jpeg, frame + 5, 0, 96, 0, 96),
      'Corrupt JPEG data: premature end of data segment',
    ],
    [
      'a JPEG without tables',
      patch(jpeg, segment(jpeg, 0xdb) + 1, 0xfe),
      'Quantization table 0x00 was not defined',
    ],
    ['a JPEG in CMYK', cmyk, 'the JPEG is in CMYK; grey and colour ones are read'],

    ['a PNG of eight bytes', png.subarray(0, 8), 'the file ends early, after 8 bytes'],
    ['a PNG cut off', png.subarray(0, 200), 'the file ends early, after 200 bytes'],
    ['a PNG without an end', png.subarray(0, -12), `the file ends early, after ${png.length - 12} bytes`],
    [
      'a PNG that begins with something else',
      patch(png, 12, 0x49, 0x44, 0x41, 0x54),
      'the PNG does not begin with its sizes',
    ],
    ['a PNG with a wrong bit', patch(png, 80, ~png[80]!), 'the checksum of "IDAT" is wrong (offset 65)'],
    [
      'a PNG of 3 bits',
      patchPNG(png, 'IHDR', (data) => (data[8] = 3)),
      'no PNG has colour type 6 with 3 bits',
    ],
    [
      'a PNG without a palette',
      patchPNG(png, 'IHDR', (data) => (data[9] = 3)),
      'the PNG has no palette, and needs one',
    ],
    ['a PNG of no width', sized(0, 9), 'the picture has no pixels: 0x9'],
    ['a PNG that lies about its size', sized(8000, 9000), '416 bytes are too few for 8000x9000 pixels'],
    ['a PNG that lies a little', sized(11, 200), 'the data of the PNG are cut off or broken'],
    [
      'a PNG that does not inflate',
      patchPNG(png, 'IDAT', (data) => data.fill(0x55)),
      'the data of the PNG are cut off or broken',
    ],

    [
      'a WebP cut off',
      webp.subarray(0, -20),
      `the file ends early, after ${webp.length - 20} of ${webp.length} bytes`,
    ],
    [
      'a WebP of twelve bytes',
      patch(webp.subarray(0, 12), 4, 4, 0, 0, 0),
      'the file ends early, after 12 bytes',
    ],
    ['a WebP of another kind', patch(webp, 12, 0x58), 'the WebP begins with "XP8 "'],
    ['a WebP without a picture', patch(webp, 23, 0), 'no picture where one should be (offset 20)'],
    [
      'a WebP with broken data',
      patch(webp, 30, ...new Uint8Array(60).fill(0xff)),
      'the WebP is cut off or broken',
    ],
    ['an animated WebP', animated, 'the WebP is animated; still ones are read'],
  ])('%s', async (_, bytes, what) => {
    const error: unknown = await decodeImage(bytes, { name: 'x.img' }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(FormatError)
    const { message } = error as Error
    expect(message).toMatch(/^decodeImage: x\.img: /)
    const said = message.replace('decodeImage: x.img: ', '')
    expect(said).toBe(what)
  })

  test('pictures with more pixels than are allowed', async () => {
    await expect(decodeImage(png, { maxPixels: 98 })).rejects.toThrow(
      new FormatError('decodeImage: bytes: 11x9 pixels are more than maxPixels, 98'),
    )
    expect((await decodeImage(png, { maxPixels: 99 })).width).toBe(11)
    expect(() => imageInfo(sized(60_000, 60_000), { name: 'bomb.png' })).toThrow(FormatError)
  })

  test('what are no bytes', async () => {
    await expect(decodeImage('cat.jpg' as never)).rejects.toThrow(
      new ValueError('decodeImage: expected the bytes of a file, a Uint8Array: string'),
    )
  })
})

test('a byte inverted anywhere is no crash, and the codecs go on', async () => {
  const wrong: unknown[] = []
  for (const bytes of [jpeg, progressive, png, webp]) {
    for (let at = 0; at < bytes.length; at += 5) {
      const error: unknown = await decodeImage(patch(bytes, at, ~bytes[at]!)).catch(
        (reason: unknown) => reason,
      )
      if (error instanceof Error && !(error instanceof FormatError)) wrong.push([at, error])
    }
  }
  expect(wrong).toEqual([])
  for (const name of ['jpeg 4:2:0', 'webp lossy', 'png colour and alpha 8']) {
    const { file, image } = cases.find((one) => one.name === name)!
    expect((await decodeImage(file)).data).toEqual(image.data)
  }
})

test('what stands beside the picture is not trusted, and does no harm', async () => {
  const turned = file('jpeg orientation 6')
  const exif = segment(turned, 0xe1) + 10
  // Neither Intel's nor Motorola's order; a directory beyond the end; an orientation of 9.
  const upright = [patch(turned, exif, 0x58, 0x58), patch(turned, exif + 4, 0xff, 0xff, 0xff, 0xff)]
  for (const bytes of upright) expect(imageInfo(bytes)).toMatchObject({ width: 14, height: 9 })
  expect(imageInfo(turned)).toMatchObject({ width: 9, height: 14 })
  expect(await decodeImage(turned, { orient: false })).toMatchObject({ width: 14, height: 9 })
})

test('bytes within a larger buffer are read', async () => {
  const larger = new Uint8Array(png.length + 20)
  larger.set(png, 7)
  expect((await decodeImage(larger.subarray(7, 7 + png.length))).width).toBe(11)
})
