import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { FormatError } from '@badak/tensor'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DataNotFoundError, decodeIdx, readIdx } from '../src/index.ts'
import { idxFile } from './idx-file.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'badak-idx-'))
})
afterAll(() => rm(directory, { recursive: true }))

/** One piece per byte: every boundary between pieces occurs. */
function bytewise(bytes: Uint8Array): ReadableStream<Uint8Array> {
  let next = 0
  return new ReadableStream({
    pull(controller) {
      if (next === bytes.length) controller.close()
      else controller.enqueue(bytes.subarray(next, ++next))
    },
  })
}

describe('element types, big-endian, by hand from the format', () => {
  test.each([
    ['unsigned byte', 0x08, [0, 255], 'uint8', [0, 255]],
    ['signed byte', 0x09, [0x7f, 0x80], 'int32', [127, -128]],
    ['short', 0x0b, [0x01, 0x02, 0xff, 0xfe], 'int32', [258, -2]],
    ['int', 0x0c, [0, 1, 0, 0, 0xff, 0xff, 0xff, 0xff], 'int32', [65536, -1]],
    ['float', 0x0d, [0x3f, 0x80, 0, 0, 0xc0, 0x20, 0, 0], 'float32', [1, -2.5]],
    ['double', 0x0e, [0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0xbf, 0xf0, 0, 0, 0, 0, 0, 0], 'float64', [1.5, -1]],
  ])('%s', (_, type, payload, dtype, expected) => {
    const { data, ...rest } = decodeIdx(idxFile(type, [2], payload))
    expect(rest).toEqual({ shape: [2], dtype })
    expect([...data]).toEqual(expected)
  })
})

test('a path, a Blob, bytes and a stream, gzipped or not, give the same array', async () => {
  const plain = idxFile(0x08, [2, 3], [1, 2, 3, 4, 5, 6])
  const packed = new Uint8Array(gzipSync(plain))
  await writeFile(join(directory, 'plain'), plain)
  await writeFile(join(directory, 'packed'), packed)
  const sources = [plain, packed, bytewise(plain), bytewise(packed), new Blob([plain]), new Blob([packed])]
  for (const source of [...sources, join(directory, 'plain'), join(directory, 'packed')]) {
    expect(await readIdx(source)).toEqual({
      data: Uint8Array.of(1, 2, 3, 4, 5, 6),
      shape: [2, 3],
      dtype: 'uint8',
    })
  }
})

describe('refuses, naming file and offset', () => {
  const good = idxFile(0x08, [2, 2], [1, 2, 3, 4])
  test.each([
    ['nothing', new Uint8Array(0), 'the file ends within its header (offset 0 of bytes)'],
    ['half a header', good.subarray(0, 6), 'the file ends within its header (offset 6 of bytes)'],
    [
      'other files',
      Uint8Array.of(0x89, 0x50, 0x4e, 0x47),
      'not an IDX file: it starts with 0x89 0x50 (offset 0 of bytes)',
    ],
    ['an unknown type', idxFile(0x0a, [1], [1]), 'unknown IDX element type 0x0a (offset 2 of bytes)'],
    ['a missing item', good.subarray(0, -2), 'header says 2 items, file holds 1 (offset 4 of bytes)'],
    [
      'half an item',
      good.subarray(0, -1),
      'header says 2 items, file holds 1 and 1 bytes (offset 4 of bytes)',
    ],
    [
      'an item too many',
      idxFile(0x08, [1, 2], [1, 2, 3, 4]),
      'header says 1 items, file holds 2 (offset 4 of bytes)',
    ],
  ])('%s', async (_, bytes, what) => {
    expect(() => decodeIdx(bytes)).toThrow(new FormatError(`decodeIdx: bytes: ${what}`))
    await expect(readIdx(bytes)).rejects.toThrow(new FormatError(`readIdx: bytes: ${what}`))
  })

  test('a stream longer than its header says', async () => {
    await expect(readIdx(bytewise(idxFile(0x08, [1], [1, 2])))).rejects.toThrow(
      'readIdx: stream: header says 1 items, file holds more (offset 4 of stream)',
    )
  })

  test('a shape larger than any memory, from a file of 20 bytes and from a gzip stream', async () => {
    const lie = idxFile(0x08, [2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1], [1, 2, 3, 4])
    for (const bytes of [lie, new Uint8Array(gzipSync(lie))]) {
      await expect(readIdx(bytes)).rejects.toThrow(
        /header says \[4294967295,4294967295,4294967295\], .* at most 2147483648 are read/,
      )
    }
    const large = idxFile(0x08, [2 ** 30], [1, 2, 3, 4])
    await expect(readIdx(new Uint8Array(gzipSync(large)))).rejects.toThrow(
      'header says 1073741824 items, file holds 4',
    )
  })

  test('a truncated gzip stream', async () => {
    const packed = new Uint8Array(gzipSync(good))
    await expect(readIdx(packed.subarray(0, -9))).rejects.toThrow(
      new FormatError('readIdx: bytes: broken or truncated gzip stream'),
    )
  })

  test('a directory and a missing file', async () => {
    const missing = join(directory, 'missing')
    await expect(readIdx(missing)).rejects.toThrow(
      new DataNotFoundError(`readIdx: ${missing}: no such file or directory`),
    )
    await expect(readIdx(directory)).rejects.toThrow(
      new DataNotFoundError(`readIdx: ${directory}: not a file`),
    )
  })
})
