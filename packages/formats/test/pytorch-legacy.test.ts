// What torch.save wrote before PyTorch 1.6: legacy.pth by tools/record-fixtures/formats.py, others by hand.
import { readFile } from 'node:fs/promises'
import { FormatError, type Tensor } from '@badak/tensor'
import { describe, expect, test } from 'vitest'
import { decodePyTorch, loadPyTorch, loadWeights, type PyTorchValue } from '../src/index.ts'
import { describedOf, expected, unexpectedErrors } from './fixtures.ts'

type Dict = Record<string, PyTorchValue>

const fixture = async () => new Uint8Array(await readFile(new URL('fixtures/legacy.pth', import.meta.url)))

async function describedAll(tensors: object): Promise<unknown> {
  const entries = Object.entries(tensors).map(
    async ([name, x]) => [name, await describedOf(x as Tensor)] as const,
  )
  return Object.fromEntries(await Promise.all(entries))
}

describe('a file that torch.save wrote', () => {
  test('has tensors of every type, views, shared storages and parameters', async () => {
    const checkpoint = decodePyTorch(await fixture()) as Dict
    expect(await describedAll(checkpoint['tensors'] as Dict)).toEqual(expected.tensors)
    expect(checkpoint['text']).toBe('한글')
    expect(checkpoint['names']).toBe(checkpoint['again'])
  })

  test('is a state dict, and what stands beside it', async () => {
    const { tensors, metadata } = await loadPyTorch(await fixture(), { key: 'model' })
    expect(await describedAll(tensors)).toEqual(expected.stateDict)
    expect(metadata!['epoch']).toBe(3)
    const weights = await loadWeights(await fixture(), { key: 'model' })
    expect(weights.format).toBe('pytorch')
    expect(await describedAll(weights.tensors)).toEqual(expected.stateDict)
  })
})

const bytesOf = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0))
const magic = '\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.'
const protocol = '\x80\x02M\xe9\x03.'
/** A string as Python 2 pickles it. */
const str = (value: string) => `U${String.fromCharCode(value.length)}${value}`
const storage = (key = '7', { count = 2, view = 'N', type = 'FloatStorage' } = {}) =>
  `(${str('storage')}ctorch\n${type}\n${str(key)}${str('cpu')}K${String.fromCharCode(count)}${view}tQ`
/** Of two elements, as PyTorch 0.3 wrote them. */
const oldTensor = (of = storage()) => `ctorch._utils\n_rebuild_tensor\n(${of}K\0K\x02\x85K\x01\x85tR`
/** Of a storage of two elements: 1, 2. */
const elements = '\x02\0\0\0\0\0\0\0\0\0\x80?\0\0\0@'
const keys = `](${str('7')}e.`

interface Parts {
  readonly version?: string
  readonly machine?: string
  readonly object?: string
  readonly listed?: string
  readonly data?: string
}

function legacy({
  version = protocol,
  machine = '}.',
  object = `${oldTensor()}.`,
  listed = keys,
  data = elements,
}: Parts): Uint8Array {
  return bytesOf(`${magic}${version}${machine}\x80\x02${object}\x80\x02${listed}${data}`)
}

describe('by hand', () => {
  test('a tensor of PyTorch before 0.4, with strings of Python 2', async () => {
    expect(await (decodePyTorch(legacy({})) as Tensor).array()).toEqual([1, 2])
  })

  test('a parameter of PyTorch before 0.4, and its attributes', async () => {
    const attributes = '(\x88\x89ccollections\nOrderedDict\n)Rtb'
    const parameter = `ctorch.nn.parameter\nParameter\n${oldTensor()}\x85R${attributes}`
    const object = `}T\x01\0\0\0w${parameter}s.`
    const { tensors } = await loadPyTorch(legacy({ object }))
    expect(await tensors['w']!.array()).toEqual([1, 2])
  })

  test('what follows the storages is not looked at', () => {
    expect((decodePyTorch(legacy({ data: `${elements}more` })) as Tensor).shape).toEqual([2])
  })

  test('no tensor at all', () => {
    expect(decodePyTorch(legacy({ object: 'K\x05.', listed: '].', data: '' }))).toBe(5)
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
  const rebuild = 'torch._utils._rebuild_tensor'
  test.each<[string, Parts, string]>([
    ['of another version', { version: '\x80\x02M\xea\x03.' }, 'the version of the format is not 1001'],
    ['without a machine', { machine: 'N.' }, 'what is said of the machine is no dict'],
    [
      'that call a function',
      { object: `cposix\nsystem\n(${str('id')}tR.` },
      'the global posix.system is refused: tensors, containers and plain values are read',
    ],
    [
      'that call a function beside the object',
      { machine: `cposix\nsystem\n(${str('id')}tR.` },
      'the global posix.system is refused: tensors, containers and plain values are read',
    ],
    [
      'with modules',
      { object: 'ctorch.nn.modules.linear\nLinear\n.' },
      'the global torch.nn.modules.linear.Linear is refused: tensors, containers and plain values are read',
    ],
    [
      'with a storage that is a part of another',
      { object: `${oldTensor(storage('7', { view: `(${str('8')}K\0K\x01t` }))}.` },
      'a storage that is a part of another is not read',
    ],
    ['without keys', { listed: 'N.' }, 'the keys of the storages are no list'],
    [
      'with a key that is a number',
      { listed: '](K\x07e.' },
      'no tensor has the storage of a key that is a number',
    ],
    ['with a key that is unknown', { listed: `](${str('8')}e.` }, 'no tensor has the storage "8"'],
    ['with a key twice', { listed: `](${str('7')}${str('7')}e.` }, 'storage "7" twice'],
    ['without a key', { listed: '].' }, 'storage "7" is not in the file'],
    ['without a storage', { data: '\x02\0\0' }, 'the file ends before storage "7"'],
    ['with half a storage', { data: elements.slice(0, 12) }, 'storage "7" has 2 × float32, 4 bytes are left'],
    [
      'with a storage of 2^63 - 1 elements',
      { data: `${'\xff'.repeat(7)}\x7f12345678` },
      'storage "7" has 9223372036854775807 × float32, 8 bytes are left',
    ],
    [
      'with a storage of -1 elements',
      { data: `${'\xff'.repeat(8)}12345678` },
      'storage "7" has -1 × float32, 8 bytes are left',
    ],
    [
      'with a storage of another size',
      { object: `${oldTensor(storage('7', { count: 3 }))}.` },
      'storage "7" has 3 × float32, the file holds 2',
    ],
    [
      'with a storage of two types',
      { object: `(${oldTensor()}${oldTensor(storage('7', { type: 'IntStorage' }))}t.` },
      'storage "7" is float32 and int32',
    ],
    [
      'with strides that leave the storage',
      { object: `c${rebuild.replace(/\._r/, '\n_r')}\n(${storage()}K\0K\x02\x85K\x05\x85tR.` },
      `${rebuild}: size [2], stride [5], offset 0 reach element 5 of 2`,
    ],
    [
      'with 2^60 elements of one',
      {
        object: `c${rebuild.replace(/\._r/, '\n_r')}\n(${storage()}K\0J\0\0\0\x40J\0\0\0\x40\x86K\0K\0\x86tR.`,
      },
      `${rebuild}: the tensors take 4611686018427388000 bytes and more, maxBytes is 1000`,
    ],
    [
      'with other attributes of a tensor',
      { object: `${oldTensor()}K\x01\x85b.` },
      'attributes are set on what is no OrderedDict',
    ],
  ])('%s', (_, parts, what) => {
    expect(/^decodePyTorch: x\.pth: (.*) \(offset \d+\)$/.exec(errorOf(legacy(parts)))?.[1]).toBe(what)
  })

  test('cut off anywhere', async () => {
    const bytes = await fixture()
    const errors = Array.from({ length: 100 }, (_, i) =>
      errorOf(bytes.subarray(0, Math.floor((bytes.length * i) / 100))),
    )
    expect(errors.filter((error) => !/^decodePyTorch: x\.pth: .* \(offset \d+\)$/.test(error))).toEqual([])
  })

  test('with one byte changed, or reads them', async () => {
    expect(unexpectedErrors(await fixture(), decodePyTorch, FormatError)).toEqual([])
  })
})
