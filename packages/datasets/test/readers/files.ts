import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import { encodeJPEG, encodePNG, type Image } from '@badak/images'
import { afterAll, beforeAll } from 'vitest'

export type Files = Readonly<Record<string, string | Uint8Array>>

/** A directory for the tests of a file; `place` writes files below it and tells where. */
export function workplace(): {
  readonly root: () => string
  readonly place: (name: string, files: Files) => Promise<string>
} {
  let root = ''
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'badak-readers-'))
  })
  afterAll(() => rm(root, { recursive: true }))
  return {
    root: () => root,
    place: async (name, files) => {
      const directory = join(root, name)
      await mkdir(directory, { recursive: true })
      for (const [file, contents] of Object.entries(files)) {
        await mkdir(dirname(join(directory, file)), { recursive: true })
        await writeFile(join(directory, file), contents)
      }
      return directory
    },
  }
}

/** The error of something that should fail. */
export async function failure(work: () => unknown): Promise<Error> {
  try {
    await work()
  } catch (error) {
    return error as Error
  }
  throw new Error('it did not fail')
}

const flat = (width: number, height: number, value = 90): Image => ({
  width,
  height,
  channels: 3,
  data: new Uint8Array(width * height * 3).fill(value),
})
export const jpeg = (width: number, height: number, value = 90): Promise<Uint8Array> =>
  encodeJPEG(flat(width, height, value))
export const png = (width: number, height: number, value = 90): Promise<Uint8Array> =>
  encodePNG(flat(width, height, value))

export interface LabelPNG {
  readonly depth?: 1 | 2 | 4 | 8
  /** 3: a palette, 0: grey. */
  readonly colour?: 0 | 3
  /** What the header says, if not the truth. */
  readonly claims?: readonly [width: number, height: number]
}

/** A PNG of indices, by hand from the specification: rows without a filter, pixels packed from the highest bits. */
export function labelPNG(
  rows: readonly (readonly number[])[],
  { depth = 8, colour = 3, claims }: LabelPNG = {},
): Uint8Array {
  const width = rows[0]!.length
  const packed = rows.map((row) => {
    const bytes = new Uint8Array(1 + Math.ceil((width * depth) / 8))
    for (const [x, label] of row.entries())
      bytes[1 + ((x * depth) >> 3)]! |= label << (8 - depth - ((x * depth) & 7))
    return bytes
  })
  const header = Buffer.alloc(13)
  header.writeUInt32BE(claims?.[0] ?? width, 0)
  header.writeUInt32BE(claims?.[1] ?? rows.length, 4)
  header.set([depth, colour, 0, 0, 0], 8)
  // Every colour of the palette is the same: who reads colours finds no labels.
  const palette = new Uint8Array(3 * 2 ** depth).fill(7)
  return Buffer.concat([
    Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a),
    chunk('IHDR', header),
    ...(colour === 3 ? [chunk('PLTE', palette)] : []),
    chunk('IDAT', deflateSync(Buffer.concat(packed))),
    chunk('IEND', new Uint8Array(0)),
  ])
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}
