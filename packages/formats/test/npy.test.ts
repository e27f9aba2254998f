import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FormatError, type Tensor, tensor, ValueError, zeros } from '@badak/tensor'
import { strToU8, zipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  decodeNpy,
  decodeNpz,
  encodeNpy,
  encodeNpz,
  loadNpy,
  loadNpz,
  saveNpy,
  saveNpz,
} from '../src/index.ts'
import { type Described, describedOf, expected, unexpectedErrors } from './fixtures.ts'

// Written by NumPy: tools/record-fixtures/formats.py.
const fixture = async (name: string) =>
  new Uint8Array(await readFile(join(import.meta.dirname, 'fixtures', name)))
const stored = await fixture('stored.npz')
const matrix = await fixture('version1.npy')

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'badak-npy-'))
})
afterAll(() => rm(directory, { recursive: true }))

async function describedAll(tensors: Record<string, Tensor>): Promise<Record<string, Described>> {
  const entries = Object.entries(tensors).map(async ([name, x]) => [name, await describedOf(x)] as const)
  return Object.fromEntries(await Promise.all(entries))
}

describe('files from NumPy', () => {
  test.each([1, 2, 3])('npy version %i is read', async (version) => {
    expect(await describedOf(decodeNpy(await fixture(`version${version}.npy`)))).toEqual(
      expected.npz['matrix'],
    )
  })

  test('npz: every type and order is read', async () => {
    const read = await describedAll(decodeNpz(stored))
    expect(read).toEqual(expected.npz)
    expect(Object.is(read['scalar']!.values[0], -0)).toBe(true)
  })

  test('a deflated npz is read', async () => {
    const { matrix, zeros } = decodeNpz(await fixture('deflated.npz'))
    expect(await describedOf(matrix!)).toEqual(expected.npz['matrix'])
    expect(await describedOf(zeros!)).toEqual({
      dtype: 'float32',
      shape: [16, 64],
      values: Array(1024).fill(0),
    })
  })

  test('npy is written as NumPy writes it, byte for byte', async () => {
    const { half, scalar, empty, matrix: array } = decodeNpz(stored)
    const hex = async (x: Tensor) => Buffer.from(await encodeNpy(x)).toString('hex')
    expect({ half: await hex(half!), scalar: await hex(scalar!), empty: await hex(empty!) }).toEqual(
      expected.npy,
    )
    expect(await encodeNpy(array!)).toEqual(matrix)
  })
})

describe('what is written', () => {
  test.each([false, true])('npz is read back; compress: %s', async (compress) => {
    const bytes = await encodeNpz(decodeNpz(stored), { compress })
    expect(await describedAll(decodeNpz(bytes))).toEqual(expected.npz)
    expect(await encodeNpz(decodeNpz(stored), { compress })).toEqual(bytes)
  })

  test('compression makes files smaller', async () => {
    const arrays = { x: zeros([64, 64]) }
    const sizes = [await encodeNpz(arrays), await encodeNpz(arrays, { compress: true })].map((x) => x.length)
    expect(sizes[0]).toBeGreaterThan(16384)
    expect(sizes[1]).toBeLessThan(400)
  })

  test('files are read back, and nothing is left beside them', async () => {
    await saveNpy(join(directory, 'a.npy'), tensor([[1, 2, 3]]))
    await saveNpz(join(directory, 'b.npz'), { 'fc.weight': tensor([4]), ['__proto__']: tensor([5]) })
    expect(await (await loadNpy(join(directory, 'a.npy'))).array()).toEqual([[1, 2, 3]])
    const arrays = await loadNpz(join(directory, 'b.npz'))
    expect(Object.keys(arrays)).toEqual(['fc.weight', '__proto__'])
    expect(await arrays['__proto__']!.array()).toEqual([5])
    expect(await readdir(directory)).toEqual(['a.npy', 'b.npz'])
  })

  test('bytes are taken as well, those of a Buffer among them', async () => {
    expect(await (await loadNpy(Buffer.from(matrix))).array()).toEqual(await decodeNpy(matrix).array())
    expect(Object.keys(await loadNpz(stored))).toEqual(Object.keys(expected.npz))
  })

  test.each(['../x', '/x', 'a/../b', 'c:x', 'a\\b'])(
    'a name that leaves the archive is refused: %s',
    async (name) => {
      await expect(encodeNpz({ [name]: tensor([1]) })).rejects.toThrow(
        new ValueError(`encodeNpz: "${name}" cannot be a name in an archive`),
      )
    },
  )
})

/** An npy file by hand. */
function npy(
  header: string,
  data = new Uint8Array(8),
  { version = 1, length = header.length } = {},
): Uint8Array {
  return Uint8Array.of(
    0x93,
    ...strToU8('NUMPY'),
    version,
    0,
    length & 0xff,
    length >>> 8,
    ...strToU8(header),
    ...data,
  )
}
const dict = (descr: string, shape: string, order = 'False') =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}}`

describe('npy: refuses', () => {
  test.each([
    ['nothing', new Uint8Array(0), 'too short for an npy file: 0 bytes (offset 0)'],
    [
      'another magic',
      strToU8('PK NUMPY files'),
      'not an npy file: it does not begin with \\x93NUMPY (offset 0)',
    ],
    [
      'a version to come',
      npy('{}', undefined, { version: 4 }),
      'version 4.0 is none of 1.0, 2.0, 3.0 (offset 6)',
    ],
    [
      'a header longer than the file',
      npy('{}', undefined, { length: 500 }),
      'header says it has 500 bytes, file holds 10 after its length (offset 8)',
    ],
    ['a call', npy("__import__('os')"), 'header: not a literal of Python that is read here (offset 10)'],
    [
      'an escape',
      npy(String.raw`{'\x64escr': 1}`),
      'header: not a literal of Python that is read here (offset 11)',
    ],
    ['text after the dict', npy(`${dict("'<f4'", '(2,)')} 1`), 'header: text after its end (offset 65)'],
    ['a list', npy('[]'), 'the header is not a dict (offset 10)'],
    ['a key twice', npy("{'shape': (), 'shape': ()}"), 'header: the key "shape" twice (offset 23)'],
    [
      'another key',
      npy("{'descr': '<f4', 'shape': ()}"),
      'the header has the keys descr, shape; they must be descr, fortran_order, shape (offset 10)',
    ],
    ['lists without end', npy('['.repeat(60_000)), 'header: nested deeper than 8 (offset 18)'],
    [
      'pickled objects',
      npy(dict("'|O'", '(1,)')),
      'dtype "|O" is none of f8, f4, f2, i8, i4, i2, i1, u1, b1 (offset 10)',
    ],
    [
      'complex numbers',
      npy(dict("'<c8'", '(1,)')),
      'dtype "<c8" is none of f8, f4, f2, i8, i4, i2, i1, u1, b1 (offset 10)',
    ],
    ['records', npy(dict("[('a', '<f4')]", '(1,)')), 'dtype: records are not read (offset 10)'],
    ['an order of 1', npy(dict("'<f4'", '(2,)', '1')), 'fortran_order is neither True nor False (offset 10)'],
    ['a shape that is no tuple', npy(dict("'<f4'", '2')), 'shape is not a tuple of counts (offset 10)'],
    ['fewer elements', npy(dict("'<f4'", '(3,)')), 'float32 [3] takes 12 bytes, file holds 8 (offset 65)'],
    [
      '2^60 elements',
      npy(dict("'<f4'", '(1073741824, 1073741824)')),
      `float32 [1073741824,1073741824] takes ${2 ** 62} bytes, file holds 8 (offset 85)`,
    ],
    [
      'an int64 that does not fit',
      npy(dict("'<i8'", '(1,)'), Uint8Array.of(0, 0, 0, 128, 0, 0, 0, 0)),
      'int64 becomes int32, which cannot hold 2147483648 (offset 65)',
    ],
  ])('%s', (_, bytes, what) => {
    expect(() => decodeNpy(bytes, { file: 'x.npy' })).toThrow(new FormatError(`decodeNpy: x.npy: ${what}`))
  })
})

describe('npz: refuses', () => {
  const level = { level: 0 as const }
  const one = zipSync({ 'a.npy': matrix }, level)
  const deflated = zipSync({ 'a.npy': new Uint8Array(100_000) })
  const directoryOf = (bytes: Uint8Array) => new DataView(bytes.buffer).getUint32(bytes.length - 6, true)
  /** With bytes of the directory changed, `at` counted from its first entry, or from the end if negative. */
  const changed = (bytes: Uint8Array, at: number, value: number, width: 2 | 4 = 4) => {
    const copy = Uint8Array.from(bytes)
    const view = new DataView(copy.buffer)
    const place = at < 0 ? copy.length + at : directoryOf(bytes) + at
    if (width === 4) view.setUint32(place, value, true)
    else view.setUint16(place, value, true)
    return copy
  }
  const two = zipSync({ 'a.npy': matrix, 'b.npy': matrix }, level)
  const twice = Uint8Array.from(two)
  // Both names in the directory become a.npy.
  twice[directoryOf(two) + 51 + 46] = 0x61
  const overlapping = Uint8Array.from(two)
  // The second entry of the directory points at the first file.
  new DataView(overlapping.buffer).setUint32(directoryOf(two) + 51 + 42, 0, true)

  test.each([
    ['what is no archive', matrix, 'not a zip archive, or cut off: no end record in 152 bytes (offset 0)'],
    [
      'a part',
      one.subarray(0, -3),
      `not a zip archive, or cut off: no end record in ${one.length - 3} bytes (offset 0)`,
    ],
    [
      'a directory beyond the end',
      changed(one, -6, 10_000),
      `the directory of the archive ends at 10051, the file before ${one.length - 22} (offset ${one.length - 22})`,
    ],
    [
      'more entries than there are',
      changed(one, -12, 60_000, 2),
      `60000 entries do not fit into a directory of 51 bytes (offset ${one.length - 22})`,
    ],
    ['an entry twice', twice, `the archive has "a.npy" twice (offset ${directoryOf(two) + 51})`],
    ['entries that overlap', overlapping, '"b.npy" begins at 0, the entry before it ends at 187 (offset 0)'],
    [
      'a name that leaves it',
      zipSync({ '../a.npy': matrix }, level),
      `the name "../a.npy" leaves the archive (offset 190)`,
    ],
    ['encryption', changed(one, 8, 1, 2), `"a.npy" is encrypted (offset ${directoryOf(one)})`],
    [
      'another compression',
      changed(one, 10, 12, 2),
      `"a.npy" is compressed by method 12; 0 (stored) and 8 (deflated) are read (offset ${directoryOf(one)})`,
    ],
    [
      'two sizes of a stored file',
      changed(one, 24, 4_000_000_000),
      `"a.npy" is stored, its sizes differ: 4000000000 and 152 (offset ${directoryOf(one)})`,
    ],
    [
      'another checksum',
      changed(one, 16, 0),
      /"a.npy": its checksum is [0-9a-f]{8}, not 00000000 \(offset 0\)$/,
    ],
    [
      'more than deflate can give',
      changed(deflated, 24, 4_000_000_000),
      /"a.npy" says it has 4000000000 bytes, more than \d+ can inflate to \(offset 0\)$/,
    ],
    [
      'less than it inflates to',
      changed(deflated, 24, 10),
      /"a.npy" (says it has 10 bytes, and inflates to more|is not what deflate writes, or longer than declared) \(offset 0\)$/,
    ],
    ['what is no npy', zipSync({ 'a.txt': matrix }, level), '"a.txt" is not an npy file (offset 0)'],
    [
      'an npy that lies',
      zipSync({ 'a.npy': matrix.subarray(0, -1) }, level),
      'a.npy: float32 [2,3] takes 24 bytes, file holds 23 (offset 128)',
    ],
  ])('%s', (_, bytes, what) => {
    const message = typeof what === 'string' ? new FormatError(`decodeNpz: x.npz: ${what}`) : what
    expect(() => decodeNpz(bytes, { file: 'x.npz' })).toThrow(message)
  })

  test('more than maxBytes', () => {
    expect(() => decodeNpz(deflated, { maxBytes: 99_999 })).toThrow(
      new FormatError(
        'decodeNpz: bytes: the archive inflates to 100000 bytes and more, maxBytes is 99999 (offset 0)',
      ),
    )
  })

  test('every file with one byte changed is read or refused, never worse', () => {
    expect(unexpectedErrors(stored, decodeNpz, FormatError)).toEqual([])
    expect(unexpectedErrors(deflated, decodeNpz, FormatError)).toEqual([])
  })
})
