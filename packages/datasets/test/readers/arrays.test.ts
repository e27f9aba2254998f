import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FormatError, ShapeError, ValueError } from '@badak/tensor'
import { describe, expect, test } from 'vitest'
import { csvDataset, npzDataset, stl10, svhn } from '../../src/index.ts'
import { decodeMat } from '../../src/mat/mat.ts'
import { workplace } from './files.ts'
// tools/record-fixtures/datasets.py
import recorded from './recorded.json' with { type: 'json' }

const { place } = workplace()
const bytesOf = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, 'base64'))
const text = (lines: string): Uint8Array => new TextEncoder().encode(lines)

test('SVHN, in a file that SciPy wrote', async () => {
  const directory = await place('svhn', { 'train_32x32.mat': bytesOf(recorded.compressed) })
  const train = await svhn('train', { directory, normalize: false })
  const { x, t } = await train.gatherBatch(Int32Array.of(1, 0))
  // The file calls 0 ten.
  expect([x.shape, await t.array()]).toEqual([
    [2, 3, 32, 32],
    [3, 0],
  ])
  const values = await x.data()
  const expected = values.map((_, i) => {
    const [column, row, channel, image] = [
      i % 32,
      Math.floor(i / 32) % 32,
      Math.floor(i / 1024) % 3,
      i < 3072 ? 1 : 0,
    ]
    return ((row + 2 * column) * (channel + 1) + 100 * image) % 256
  })
  expect([...values]).toEqual([...expected])
})

test('MAT-files have numbers of all types, by columns', async () => {
  const arrays = await decodeMat(bytesOf(recorded.types), 'types.mat', 1e6)
  const [a, b] = [arrays.get('a')!, arrays.get('b')!]
  expect([a.shape, [...a.data], b.shape, [...b.data]]).toEqual([[2, 3], [1.5, 4, 2, 5, 3, 6], [1, 1], [-7]])
})

test('STL-10 is stored by columns', async () => {
  const image = new Uint8Array(3 * 96 * 96)
  // The second column of the first row of green.
  image[96 * 96 + 96] = 200
  const files = {
    'stl10_binary/train_X.bin': Buffer.concat([new Uint8Array(image.length), image]),
    'stl10_binary/train_y.bin': Uint8Array.of(1, 10),
    'stl10_binary/unlabeled_X.bin': image,
    'stl10_binary/fold_indices.txt': '0 \n1 0 1\n',
  }
  const directory = await place('stl10', files)
  const train = await stl10('train', { directory })
  const { x, t } = await train.gatherBatch(Int32Array.of(1))
  const values = await x.data()
  expect([x.shape, await t.array(), train.info.classes[9]]).toEqual([[1, 3, 96, 96], [9], 'truck'])
  expect([values.findIndex((value) => value > 0), values[96 * 96 + 1]]).toEqual([
    96 * 96 + 1,
    Math.fround(200 / 255),
  ])
  const fold = await stl10('train', { directory, fold: 1 })
  expect([...fold.fields.t.data]).toEqual([9, 0, 9])
  expect([...(await stl10('unlabeled', { directory })).fields.t.data]).toEqual([-1])
  await expect(stl10('test', { directory, fold: 1 })).rejects.toThrow(
    new ValueError('stl10: a fold is 0 to 9, of train: 1 of test'),
  )
  await writeFile(join(directory, 'stl10_binary/train_y.bin'), Uint8Array.of(1, 11))
  await expect(stl10('train', { directory })).rejects.toThrow(
    new FormatError(
      `stl10: ${join(directory, 'stl10_binary/train_y.bin')}: a label is from 1 to 10: 11 (offset 1)`,
    ),
  )
})

describe('CSV', () => {
  test('has features and classes', async () => {
    const iris = await csvDataset(
      text('\uFEFFlength,kind,"width, cm"\n5.1,setosa,3.5\n7, virginica ,1e-1\n\n'),
      {
        label: 'kind',
      },
    )
    expect([iris.columns, iris.classes, iris.length]).toEqual([
      ['length', 'width, cm'],
      ['setosa', 'virginica'],
      2,
    ])
    const { x, t } = await iris.gatherBatch(Int32Array.of(1, 0))
    expect([await x!.array(), await t!.array(), t!.dtype]).toEqual([
      [[7, Math.fround(0.1)], [5.1, 3.5].map(Math.fround)],
      [1, 0],
      'int32',
    ])
  })

  test('has a target, other delimiters, chosen columns, no header', async () => {
    const table = await csvDataset(text('1;2;3\n4;5;6\n'), { header: false, target: '0', columns: ['2'] })
    const { x, t } = await table.gatherBatch(Int32Array.of(0, 1))
    expect([await x!.array(), await t!.array(), t!.dtype]).toEqual([[[3], [6]], [1, 4], 'float32'])
    const sorted = await csvDataset(text('x,t\n0,10\n0,9\n'), { label: 't' })
    expect([sorted.classes, [...sorted.fields['t']!.data]]).toEqual([
      ['9', '10'],
      [1, 0],
    ])
    const single = await csvDataset(text('x\n1\n2\n'))
    expect([single.columns, Object.keys(single.fields)]).toEqual([['x'], ['x']])
  })
})

test('NPZ, in a file that NumPy wrote', async () => {
  const train = await npzDataset(bytesOf(recorded.npz), { fields: { x: 'x_train', t: 'y_train' } })
  const { x, t } = await train.gatherBatch(Int32Array.of(2, 0))
  expect([await x!.array(), await t!.array(), t!.dtype]).toEqual([
    [
      [4, 5],
      [0, 1],
    ],
    [1, 2],
    'int32',
  ])
  expect(Object.keys((await npzDataset(bytesOf(recorded.npz))).fields)).toEqual(['x_train', 'y_train'])
  await expect(npzDataset(bytesOf(recorded.npz), { fields: { x: 'x_test' } })).rejects.toThrow(
    new FormatError('npzDataset: there is no x_test in the file, but x_train, y_train'),
  )
})

describe('refuses', () => {
  const whole = bytesOf(recorded.types)
  const changed = (at: number, ...bytes: number[]): Uint8Array => {
    const copy = whole.slice()
    copy.set(bytes, at)
    return copy
  }
  test.each<[string, Uint8Array, string]>([
    ['a file of another kind', text('x'.repeat(200)), 'no MAT-file of version 5, little-endian (offset 124)'],
    ['too few bytes', new Uint8Array(4), 'no MAT-file: 4 bytes (offset 0)'],
    [
      'a file that is cut off',
      whole.subarray(0, 150),
      'an element of 96 bytes, and 14 are left (offset 128)',
    ],
    [
      'a size that lies',
      changed(132, 0xff, 0xff, 0xff, 0x7f),
      'an element of 2147483647 bytes, and 152 are left (offset 128)',
    ],
    ['texts', bytesOf(recorded.text), 'X is no array of numbers that is read (class 4) (offset 128)'],
    ['complex numbers', bytesOf(recorded.complex), 'X is complex (offset 128)'],
    [
      'a broken stream',
      bytesOf(recorded.compressed).fill(7, 140, 150),
      'the compressed data are broken, or cut off (offset 128)',
    ],
    ['a shape that lies', changed(160, 9), 'a is [9,3], and has 6 elements (offset 128)'],
  ])('of MAT-files: %s', async (_, bytes, why) => {
    await expect(decodeMat(bytes, 'x.mat', 1e6)).rejects.toThrow(new FormatError(`x.mat: ${why}`))
  })

  test('arrays that inflate to too much', async () => {
    const error = new FormatError('x.mat: an array takes more than 1000 bytes (offset 128)')
    await expect(decodeMat(bytesOf(recorded.compressed), 'x.mat', 1000)).rejects.toThrow(error)
  })

  test.each<[string, string, Parameters<typeof csvDataset>[1], Error]>([
    ['no file', '', {}, new FormatError('csvDataset: bytes: the file is empty')],
    ['no rows', 'a,b\n', {}, new FormatError('csvDataset: bytes: there are no rows')],
    [
      'words',
      'a,b\n1,2\n1,two\n',
      {},
      new FormatError('csvDataset: bytes: row 3: column "b": no number: "two"'),
    ],
    [
      'missing values',
      'a,b\n1,\n',
      {},
      new FormatError('csvDataset: bytes: row 2: column "b": no number: ""'),
    ],
    [
      'rows of other lengths',
      'a,b\n1,2\n3\n',
      {},
      new FormatError('csvDataset: bytes: row 3: 1 cells for 2 columns'),
    ],
    [
      'columns of one name',
      'a,a\n1,2\n',
      {},
      new FormatError('csvDataset: bytes: row 1: two columns are called "a"'),
    ],
    [
      'a column that is not there',
      'a,b\n1,2\n',
      { label: 'c' },
      new ValueError('csvDataset: bytes: there is no column "c", but a, b'),
    ],
    [
      'two predictions',
      'a,b\n1,2\n',
      { label: 'a', target: 'b' },
      new ValueError('csvDataset: bytes: a label or a target, not both: a and b'),
    ],
    [
      'an unknown class',
      'a,b\n1,dog\n',
      { label: 'b', classes: ['cat'] },
      new FormatError('csvDataset: bytes: row 2: column "b": unknown class: "dog"'),
    ],
    [
      'a quotation without end',
      'a,b\n1,"2\n',
      {},
      new FormatError('csvDataset: bytes: row 2: Quoted field unterminated'),
    ],
    [
      'too much',
      'a,b\n1,2\n',
      { maxBytes: 4 },
      new FormatError('csvDataset: bytes: 8 bytes are more than maxBytes, 4'),
    ],
  ])('of CSV: %s', async (_, lines, options, error) => {
    await expect(csvDataset(text(lines), options)).rejects.toThrow(error)
  })

  test('of CSV: bytes that are no text', async () => {
    await expect(csvDataset(Uint8Array.of(0xff, 0xfe, 0x41))).rejects.toThrow(
      new FormatError('csvDataset: bytes: not text in UTF-8'),
    )
  })

  test('arrays that differ in their samples', async () => {
    const { encodeNpz } = await import('@badak/formats')
    const { zeros } = await import('@badak/tensor')
    const bytes = await encodeNpz({ x: zeros([3, 2]), t: zeros([2]) })
    await expect(npzDataset(bytes)).rejects.toThrow(ShapeError)
  })
})
