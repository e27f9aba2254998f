import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DTypeError, FormatError, tensor, ValueError } from '@badak/tensor'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeSafetensors, encodeSafetensors, loadSafetensors, saveSafetensors } from '../src/index.ts'

// Written by NumPy: tools/record_safetensors.py.
const fixture = new Uint8Array(await readFile(join(import.meta.dirname, 'fixtures/numpy.safetensors')))

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'badak-safetensors-'))
})
afterAll(() => rm(directory, { recursive: true }))

describe('a file from NumPy', () => {
  const expected = {
    moment: ['float64', [2, 1], Float64Array.of(1e-300, 2.5)],
    bias: ['float32', [3], Float32Array.of(Math.PI, -0, Infinity)],
    empty: ['float32', [0, 4], new Float32Array(0)],
    weight: ['float32', [2, 3], Float32Array.of(-1, -0.6, -0.2, 0.2, 0.6, 1)],
    labels: ['int32', [2], Int32Array.of(-1, 2 ** 31 - 1)],
    scalar: ['int32', [], Int32Array.of(7)],
    // The IEEE 754 binary16 patterns of 1.5, -2 and 65504.
    half: ['float16', [3], Uint16Array.of(0x3e00, 0xc000, 0x7bff)],
    pixels: ['uint8', [3], Uint8Array.of(0, 128, 255)],
    mask: ['bool', [3], Uint8Array.of(1, 0, 1)],
  }

  test('is read', async () => {
    const { tensors, metadata } = decodeSafetensors(fixture)
    expect(metadata).toEqual({ format: 'np', 문자: '한글' })
    expect(Object.keys(tensors)).toEqual(Object.keys(expected))
    for (const [name, [dtype, shape, data]] of Object.entries(expected)) {
      const read = tensors[name]!
      expect([name, read.dtype, read.shape, await read.data()]).toEqual([name, dtype, shape, data])
    }
  })

  test('is written back, byte for byte', async () => {
    const { tensors, metadata } = decodeSafetensors(fixture)
    expect(await encodeSafetensors(tensors, metadata)).toEqual(fixture)
  })
})

describe('files', () => {
  test('are written whole, replaced whole, and read back', async () => {
    const path = join(directory, 'model.safetensors')
    await saveSafetensors(path, { a: tensor([1, 2]) })
    await saveSafetensors(path, { a: tensor([3, 4]), '0': tensor([5]) }, { epoch: '3' })
    const { tensors, metadata } = await loadSafetensors(path)
    expect(metadata).toEqual({ epoch: '3' })
    expect(await tensors['a']!.array()).toEqual([3, 4])
    expect(await tensors['0']!.array()).toEqual([5])
    expect(await readdir(directory)).toEqual(['model.safetensors'])
  })

  test('that cannot be read or written say so and leave nothing', async () => {
    const missing = join(directory, 'none', 'model.safetensors')
    await expect(loadSafetensors(missing)).rejects.toThrow(
      new ValueError(`loadSafetensors: ${missing}: no such file or directory`),
    )
    await expect(saveSafetensors(missing, {})).rejects.toThrow(
      new ValueError(`saveSafetensors: ${missing}: no such file or directory`),
    )
    await expect(loadSafetensors(directory)).rejects.toThrow(
      new ValueError(`loadSafetensors: ${directory}: not a file`),
    )
  })

  test('that lie are refused with their path', async () => {
    const path = join(directory, 'lie.safetensors')
    await writeFile(path, fixture.subarray(0, -1))
    await expect(loadSafetensors(path)).rejects.toThrow(
      new FormatError(`loadSafetensors: ${path}: "mask" ends at 76, the data at 75 (offset 673)`),
    )
    await rm(path)
  })

  test('bytes are taken too', async () => {
    expect(Object.keys((await loadSafetensors(fixture)).tensors)).toContain('weight')
  })
})

test('names that JSON objects treat specially survive', async () => {
  const { tensors } = decodeSafetensors(
    await encodeSafetensors({ ['__proto__']: tensor([1]), '1': tensor([2]), 'a"\\\n': tensor([3]) }),
  )
  expect(Object.keys(tensors)).toEqual(['1', '__proto__', 'a"\\\n'])
})

test('data that is not aligned is read all the same', async () => {
  const bytes = file(
    { m: ['BOOL', [1], [0, 1]], x: ['F32', [1], [1, 5]] },
    Uint8Array.of(1, 0, 0, 0x80, 0x3f),
  )
  expect(await decodeSafetensors(bytes).tensors['x']!.array()).toEqual([1])
})

/** A file by hand, from entries in short or any header text. */
function file(
  header: string | Record<string, [string, unknown, unknown]>,
  data: Uint8Array,
  length?: bigint,
): Uint8Array {
  const text =
    typeof header === 'string'
      ? header
      : JSON.stringify(
          Object.fromEntries(
            Object.entries(header).map(([name, [dtype, shape, data_offsets]]) => [
              name,
              { dtype, shape, data_offsets },
            ]),
          ),
        )
  const bytes = new TextEncoder().encode(text)
  const whole = new Uint8Array(8 + bytes.length + data.length)
  new DataView(whole.buffer).setBigUint64(0, length ?? BigInt(bytes.length), true)
  whole.set(bytes, 8)
  whole.set(data, 8 + bytes.length)
  return whole
}

test('types that tensors lack become wider ones', async () => {
  const data = new DataView(new ArrayBuffer(24))
  data.setBigInt64(0, -5n, true)
  data.setInt16(8, -300, true)
  // The upper halves of the float32 patterns of 1.5 and -2.
  data.setUint16(10, 0x3fc0, true)
  data.setUint16(12, 0xc000, true)
  data.setInt8(14, -7)
  const bytes = file(
    {
      n: ['I64', [], [0, 8]],
      s: ['I16', [1], [8, 10]],
      h: ['BF16', [2], [10, 14]],
      b: ['I8', [1], [14, 15]],
    },
    new Uint8Array(data.buffer, 0, 15),
  )
  const { n, s, h, b } = decodeSafetensors(bytes).tensors
  expect([n!.dtype, await n!.item(), n!.shape]).toEqual(['int32', -5, []])
  expect([s!.dtype, await s!.array(), b!.dtype, await b!.array()]).toEqual(['int32', [-300], 'int32', [-7]])
  expect([h!.dtype, await h!.array()]).toEqual(['float32', [1.5, -2]])
})

describe('refuses', () => {
  test('an I64 that does not fit', () => {
    const data = new Uint8Array(BigInt64Array.of(2n ** 31n).buffer)
    expect(() => decodeSafetensors(file({ n: ['I64', [1], [0, 8]] }, data))).toThrow(
      new FormatError(
        'decodeSafetensors: bytes: "n": int64 becomes int32, which cannot hold 2147483648 (offset 62)',
      ),
    )
  })

  const eight = new Uint8Array(8)
  const one = '{"dtype":"F32","shape":[2],"data_offsets":[0,8]}'
  test.each([
    ['nothing', new Uint8Array(0), 'too short for a safetensors file: 0 bytes (offset 0)'],
    [
      'a header longer than the file',
      file('{}', eight, 11n),
      'header says it has 11 bytes, file holds 10 after its length (offset 0)',
    ],
    [
      'a header longer than anything',
      file('{}', eight, 2n ** 63n),
      'header says it has 9223372036854775808 bytes; at most 100000000 are read (offset 0)',
    ],
    ['what is not JSON', file('{"a":', eight), 'the header is not JSON in UTF-8 (offset 8)'],
    [
      'what is not UTF-8',
      Uint8Array.of(4, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x22, 0xff, 0x7d),
      'the header is not JSON in UTF-8 (offset 8)',
    ],
    ['a list', file('[]', eight), 'the header is not a JSON object (offset 8)'],
    [
      'a tensor twice',
      file(`{"é":${one},"\\u00e9":${one}}`, eight),
      'the header has the key "é" twice (offset 63)',
    ],
    [
      'a dtype twice',
      file(`{"a":{"dtype":"F32","dtype":"I32","shape":[2],"data_offsets":[0,8]}}`, eight),
      'the header has the key "dtype" twice (offset 28)',
    ],
    [
      'metadata that is a list',
      file(`{"__metadata__":[]}`, new Uint8Array(0)),
      '__metadata__ is not an object (offset 8)',
    ],
    [
      'metadata that is no string',
      file(`{"__metadata__":{"epoch":3}}`, new Uint8Array(0)),
      '__metadata__: "epoch" is not a string (offset 8)',
    ],
    ['an entry that is no object', file('{"a":1}', eight), '"a": not an object (offset 8)'],
    [
      'an unknown key',
      file(`{"a":{"stride":1,${one.slice(1)}}`, eight),
      '"a": unknown key "stride" (offset 8)',
    ],
    [
      'an unknown dtype',
      file({ a: ['F8_E4M3', [8], [0, 8]] }, eight),
      '"a": dtype F8_E4M3 is none of F64, I64, F32, I32, F16, BF16, I16, U8, I8, BOOL (offset 8)',
    ],
    [
      'a negative extent',
      file({ a: ['F32', [-2], [0, 8]] }, eight),
      '"a": shape is not a list of counts (offset 8)',
    ],
    [
      'a fractional extent',
      file({ a: ['F32', [0.5], [0, 8]] }, eight),
      '"a": shape is not a list of counts (offset 8)',
    ],
    [
      'offsets in reverse',
      file({ a: ['F32', [2], [8, 0]] }, eight),
      '"a": data_offsets is not [begin, end] (offset 8)',
    ],
    ['one offset', file({ a: ['F32', [2], [0]] }, eight), '"a": data_offsets is not [begin, end] (offset 8)'],
    [
      'a shape of another size',
      file({ a: ['F32', [3], [0, 8]] }, eight),
      '"a": F32 [3] takes 12 bytes, its offsets hold 8 (offset 8)',
    ],
    [
      'a shape of 2^100 elements',
      file({ a: ['F32', [2 ** 50, 2 ** 50], [0, 8]] }, eight),
      `"a": F32 [${2 ** 50},${2 ** 50}] takes ${2 ** 102} bytes, its offsets hold 8 (offset 8)`,
    ],
    [
      'a tensor beyond the end',
      file({ a: ['F32', [4], [0, 16]] }, eight),
      '"a" ends at 16, the data at 8 (offset 63)',
    ],
    [
      'tensors that overlap',
      file({ a: ['F32', [1], [0, 4]], b: ['F32', [1], [2, 6]] }, eight),
      '"b" begins at 2, the tensor before it ends at 4 (offset 117)',
    ],
    [
      'a gap',
      file({ a: ['F32', [1], [4, 8]] }, eight),
      '"a" begins at 4, the tensor before it ends at 0 (offset 66)',
    ],
    [
      'bytes that nobody owns',
      file({ a: ['F32', [1], [0, 4]] }, eight),
      'the last tensor ends at 4, the data at 8 (offset 66)',
    ],
  ])('%s', (_, bytes, what) => {
    expect(() => decodeSafetensors(bytes, { file: 'x.safetensors' })).toThrow(
      new FormatError(`decodeSafetensors: x.safetensors: ${what}`),
    )
  })

  test('to write metadata that is no string, or a tensor called __metadata__', async () => {
    await expect(encodeSafetensors({}, { epoch: 3 as never })).rejects.toThrow(
      new DTypeError('encodeSafetensors: metadata: "epoch" is not a string: number'),
    )
    await expect(encodeSafetensors({ __metadata__: tensor([1]) })).rejects.toThrow(
      new FormatError('encodeSafetensors: a tensor cannot be called __metadata__'),
    )
  })
})
