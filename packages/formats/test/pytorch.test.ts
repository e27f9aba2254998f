import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FormatError, type Tensor, ValueError } from '@badak/tensor'
import { zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { decodePyTorch, loadPyTorch, pickStateDict, type PyTorchValue } from '../src/index.ts'
import { describedOf, expected, unexpectedErrors } from './fixtures.ts'

// Written by PyTorch: tools/record-fixtures/formats.py.
const path = (name: string) => join(import.meta.dirname, 'fixtures', name)
const fixture = async (name: string) => new Uint8Array(await readFile(path(name)))

type Dict = Record<string, PyTorchValue>

async function describedAll(tensors: Readonly<Record<string, Tensor>>): Promise<unknown> {
  const entries = Object.entries(tensors).map(async ([name, x]) => [name, await describedOf(x)] as const)
  return Object.fromEntries(await Promise.all(entries))
}

const plainValues = {
  epoch: 3,
  loss: -0.125,
  best: null,
  done: true,
  names: ['a', 'b'],
  again: ['a', 'b'],
  pair: [1, -2],
  four: [1, 2, 3, 4],
  none: [],
  labels: new Set([300, 70000]),
  big: 2n ** 53n,
  negative: -(2 ** 40),
  raw: Uint8Array.of(0, 255),
  text: '한글',
  state: { '0': { step: 1 } },
}

describe('files from PyTorch', () => {
  test('tensors of every type; views, shared storages and parameters', async () => {
    const { tensors, metadata } = await loadPyTorch(path('tensors.pth'))
    expect(metadata).toBeUndefined()
    expect(await describedAll(tensors)).toEqual(expected.tensors)
  })

  test('a checkpoint: the state dict, and what stands beside it', async () => {
    const { tensors, metadata } = await loadPyTorch(path('checkpoint.pth'))
    expect(await describedAll(tensors)).toEqual(expected.stateDict)
    expect({ ...metadata, state: { '0': { ...((metadata!['state'] as Dict)['0'] as Dict) } } }).toEqual(
      plainValues,
    )
    expect(metadata!['names']).toBe(metadata!['again'])
  })

  test('protocol 5', async () => {
    const { weight, buffer, ...others } = decodePyTorch(await fixture('protocol5.pth')) as Dict
    expect(await (weight as Tensor).array()).toEqual([1, 1])
    expect(buffer).toEqual(Uint8Array.of(97, 98))
    expect(JSON.stringify(others['state'])).toBe('{"0":{"step":1}}')
    expect({ ...others, state: plainValues.state }).toEqual(plainValues)
  })

  test('the state dict is picked by key, or refused', async () => {
    const [bytes, flat] = [await fixture('checkpoint.pth'), await fixture('tensors.pth')]
    const model = (decodePyTorch(bytes) as Dict)['model']!
    expect(Object.keys((await loadPyTorch(bytes, { key: 'model' })).tensors)).toEqual(
      Object.keys(expected.stateDict),
    )
    await expect(loadPyTorch(bytes, { key: 'epoch' })).rejects.toThrow(
      /^loadPyTorch: bytes: "epoch" is not a dict of tensors; the keys are: model, epoch, loss/,
    )
    const two = Object.assign(Object.create(null) as Dict, { model, ema: model })
    expect(() => pickStateDict(two)).toThrow(
      new FormatError('pickStateDict: more than one dict of tensors: model, ema: say which with { key }'),
    )
    expect(() => pickStateDict([1])).toThrow(
      new FormatError('pickStateDict: no dict of tensors; the keys are: none'),
    )
    expect(Object.keys(pickStateDict(decodePyTorch(flat)).tensors)).toContain('transposed')
  })

  test('that do not exist', async () => {
    await expect(loadPyTorch('/none.pth')).rejects.toThrow(
      new ValueError('loadPyTorch: /none.pth: no such file or directory'),
    )
  })
})

/** Opcodes as characters, one byte each. */
const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0))
const text = (value: string) => `X${String.fromCharCode(value.length)}\0\0\0${value}`
const int = (value: number) => `K${String.fromCharCode(value)}`
const storage = (type = 'FloatStorage', { key = '0', count = 4 } = {}) =>
  `(${text('storage')}ctorch\n${type}\n${text(key)}${text('cpu')}${int(count)}tQ`
const rebuild = 'ctorch._utils\n_rebuild_tensor_v2\n'
/** A tensor of four elements, as `torch.save` writes it. */
const pickledTensor = ({
  offset = 0,
  size = `${int(4)}\x85`,
  stride = `${int(1)}\x85`,
  of = storage(),
} = {}) => `${rebuild}(${of}${int(offset)}${size}${stride}\x89ccollections\nOrderedDict\n)RtR`

/** A checkpoint by hand. */
function checkpoint(pickle: string, files: Record<string, Uint8Array> = {}): Uint8Array {
  const entries = { 'a/data.pkl': bytesOf(`\x80\x02${pickle}`), 'a/data/0': new Uint8Array(16), ...files }
  return zipSync(entries, { level: 0 })
}

describe('by hand', () => {
  test.each([
    ['a list in protocol 2', `](${int(1)}Ne.`, [1, null]],
    ['bytes of protocol 3', 'C\x02ab.', Uint8Array.of(97, 98)],
    ['text of protocol 4', '\x8c\x02ab.', 'ab'],
    ['a set of protocol 4', `\x8f(${int(1)}${int(2)}\x90.`, new Set([1, 2])],
    ['numbers', '(J\xff\xff\xff\xffM\x01\x01\x8a\x01\xfft.', [-1, 257, -1]],
  ])('%s', (_, pickle, value) => {
    expect(decodePyTorch(checkpoint(pickle))).toEqual(value)
  })

  test('big-endian storages, told by the entry byteorder', async () => {
    const files = {
      'a/byteorder': bytesOf('big'),
      'a/data/0': Uint8Array.of(0x3f, 0x80, ...new Uint8Array(14)),
    }
    const x = decodePyTorch(checkpoint(`${pickledTensor()}.`, files)) as Tensor
    expect(await x.array()).toEqual([1, 0, 0, 0])
  })
})

describe('refuses pickles with', () => {
  const refused = (name: string) =>
    `the global ${name} is refused: tensors, containers and plain values are read`
  const long = Uint8Array.of(0, 0, 0, 128, ...new Uint8Array(12))
  test.each([
    ['os.system', `cposix\nsystem\n(${text('id')}tR.`, refused('posix.system')],
    ['eval by protocol 4', '\x8c\x08builtins\x8c\x04eval\x93.', refused('builtins.eval')],
    ['a module', 'ctorch.nn.modules.linear\nLinear\n)\x81.', refused('torch.nn.modules.linear.Linear')],
    ['complex storages', `${storage('ComplexFloatStorage')}.`, refused('torch.ComplexFloatStorage')],
    ['opcodes of classes', ')\x81.', 'opcode 0x81 is not read'],
    [
      'a class as a value',
      'ccollections\nOrderedDict\n.',
      'the global collections.OrderedDict is used as a value',
    ],
    [
      'a class in a set',
      'cbuiltins\nset\nccollections\nOrderedDict\n\x85\x85R.',
      'the global collections.OrderedDict is used as a value',
    ],
    ['a storage as a value', `${storage()}.`, 'a storage is used as a value; tensors are read'],
    ['a call of a storage', 'ctorch\nFloatStorage\n)R.', 'torch.FloatStorage is called'],
    ['a call of a string', `${text('os')})R.`, 'what is called is not a global'],
    ['no end', 'N', 'the pickle ends early: 1 bytes are needed, 0 are left'],
    [
      'a string longer than the file',
      'X\xff\xff\xff\xffab.',
      'the pickle ends early: 4294967295 bytes are needed, 3 are left',
    ],
    ['a string that is not UTF-8', 'X\x01\0\0\0\xff.', 'a string is not UTF-8'],
    ['a number of 2 GB', '\x8b\xff\xff\xff\x7f.', 'a number of 2147483647 bytes; at most 1024 are read'],
    ['a name without end', 'cposix', 'the pickle ends in a name'],
    ['protocol 9', '\x80\x09.', 'protocol 9 is none of 2, 3, 4, 5'],
    ['a memo that is missing', 'h\x07.', 'nothing is remembered under 7'],
    ['an empty stack', '.', 'nothing is on the stack'],
    ['a mark that is missing', 't.', 'no mark is on the stack'],
    ['items left over', 'NN.', '1 items are left on the stack'],
    ['a key without a value', '}(Nu.', 'a key without a value'],
    ['a key twice', `}(${text('a')}N${text('a')}Nu.`, 'the key "a" twice'],
    ['a list as a key', '}(]Nu.', 'a key of a dict is neither a string nor a number'],
    ['items for a tuple', ')Na.', 'items are appended to what is no list'],
    ['200 000 lists in lists', `${']'.repeat(200_000)}${'a'.repeat(199_999)}.`, 'nested deeper than 100'],
    ['200 000 tuples in tuples', `)${'\x85'.repeat(200_000)}.`, 'nested deeper than 100'],
    ['a list in itself', ']q\0h\0a.', 'something holds itself'],
    [
      'a storage that is missing',
      `${storage('FloatStorage', { key: '../1' })}.`,
      'storage "../1" is not in the archive',
    ],
    [
      'a storage of another size',
      `${storage('FloatStorage', { count: 5 })}.`,
      'storage "0" has 5 × float32, its entry holds 16 bytes',
    ],
    ['a storage of two types', `${storage()}${storage('IntStorage')}.`, 'storage "0" is float32 and int32'],
    ['a storage without a class', `(${text('storage')}NNNNtQ.`, 'the class of a storage is not one of torch'],
    [
      'an offset outside',
      `${pickledTensor({ offset: 1 })}.`,
      'torch._utils._rebuild_tensor_v2: size [4], stride [1], offset 1 reach element 4 of 4',
    ],
    [
      'strides outside',
      `${pickledTensor({ size: `${int(2)}\x85`, stride: `${int(4)}\x85` })}.`,
      'torch._utils._rebuild_tensor_v2: size [2], stride [4], offset 0 reach element 4 of 4',
    ],
    [
      'a negative stride',
      `${pickledTensor({ stride: 'J\xff\xff\xff\xff\x85' })}.`,
      'torch._utils._rebuild_tensor_v2: offset, size or stride are not counts',
    ],
    [
      '2^60 elements of one',
      `${pickledTensor({ size: 'J\0\0\0\x40J\0\0\0\x40\x86', stride: `${int(0)}${int(0)}\x86` })}.`,
      'torch._utils._rebuild_tensor_v2: the tensors take 4611686018427388000 bytes and more, maxBytes is 1000',
    ],
  ])('%s', (_, pickle, what) => {
    const message = /^decodePyTorch: x\.pth: a\/data\.pkl: (.*) \(offset \d+\)$/.exec(
      errorOf(checkpoint(pickle)),
    )?.[1]
    expect(message).toBe(what)
  })

  test('an int64 that int32 cannot hold', () => {
    const pickle = `}${text('ids')}${pickledTensor({ of: storage('LongStorage', { count: 2 }), size: `${int(2)}\x85` })}s.`
    expect(errorOf(checkpoint(pickle, { 'a/data/0': long }))).toMatch(
      /a\/data\.pkl: torch\._utils\._rebuild_tensor_v2: storage "0": int64 becomes int32, which cannot hold 2147483648/,
    )
  })
})

function errorOf(bytes: Uint8Array): string {
  try {
    decodePyTorch(bytes, { file: 'x.pth', maxBytes: 1000 })
  } catch (error) {
    return error instanceof FormatError ? error.message : `not a FormatError: ${String(error)}`
  }
  return 'no error'
}

describe('refuses files', () => {
  test.each([
    [
      'that are empty',
      new Uint8Array(0),
      'not a zip archive, or cut off: no end record in 0 bytes (offset 0)',
    ],
    [
      'without a pickle',
      zipSync({ 'a/b': new Uint8Array(1) }),
      'not a checkpoint: 0 entries are called data.pkl (offset 0)',
    ],
    [
      'with two pickles',
      checkpoint('N.', { 'b/data.pkl': bytesOf('N.') }),
      'not a checkpoint: 2 entries are called data.pkl (offset 0)',
    ],
    [
      'with names that leave them',
      checkpoint('N.', { '../b': bytesOf('') }),
      'the name "../b" leaves the archive (offset 242)',
    ],
    [
      'of TorchScript',
      checkpoint('N.', { 'a/constants.pkl': bytesOf('N.') }),
      'a TorchScript archive, which holds code; save the state_dict() of the module (offset 0)',
    ],
    [
      'of a byte order that is none',
      checkpoint('N.', { 'a/byteorder': bytesOf('pdp') }),
      'a/byteorder: "pdp" is neither little nor big (offset 98)',
    ],
  ])('%s', (_, bytes, what) => {
    expect(errorOf(bytes)).toBe(`decodePyTorch: x.pth: ${what}`)
  })

  test('cut off anywhere', async () => {
    const bytes = await fixture('checkpoint.pth')
    const errors = Array.from({ length: 100 }, (_, i) =>
      errorOf(bytes.subarray(0, Math.floor((bytes.length * i) / 100))),
    )
    expect(
      errors.filter((error) => !error.startsWith('decodePyTorch: x.pth: not a zip archive, or cut off')),
    ).toEqual([])
  })

  test('with one byte changed, or reads them', async () => {
    for (const name of ['checkpoint.pth', 'protocol5.pth', 'tensors.pth'])
      expect(unexpectedErrors(await fixture(name), decodePyTorch, FormatError)).toEqual([])
  })
})
