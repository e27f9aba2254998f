import { IndexError, ShapeError, ValueError } from '@badak/tensor'
import { expect, test } from 'vitest'
import { arrayDataset, subset } from '../src/index.ts'

const dataset = arrayDataset({
  x: { data: Float32Array.of(0, 1, 10, 11, 20, 21), shape: [3, 2] },
  t: { data: Int32Array.of(7, 8, 9), shape: [3] },
})

test('gathers rows in the order asked for', async () => {
  const { x, t } = await dataset.gatherBatch(Int32Array.of(2, 0, 2))
  expect([x.shape, x.dtype, await x.array()]).toEqual([
    [3, 2],
    'float32',
    [
      [20, 21],
      [0, 1],
      [20, 21],
    ],
  ])
  expect([t.shape, t.dtype, await t.array()]).toEqual([[3], 'int32', [9, 7, 9]])
})

test('one sample has no batch axis', async () => {
  const { x, t } = dataset.get(1)
  expect([x.shape, await x.array(), t.shape, await t.item()]).toEqual([[2], [10, 11], [], 8])
})

test('a lookup turns bytes into floats', async () => {
  const lookup = Float32Array.from({ length: 256 }, (_, byte) => byte / 255)
  const { x } = arrayDataset({ x: { data: Uint8Array.of(0, 51, 255), shape: [3], lookup } }).gatherBatch(
    Int32Array.of(2, 1),
  ) as { x: never }
  expect(await (x as { data(): Promise<Float32Array> }).data()).toEqual(Float32Array.of(1, 0.2))
})

test('a batch already handed out does not change with the next', async () => {
  const first = await dataset.gatherBatch(Int32Array.of(0))
  await dataset.gatherBatch(Int32Array.of(1))
  expect(await first.x.array()).toEqual([[0, 1]])
})

test('a subset renumbers', async () => {
  const some = subset(dataset, [2, 1])
  expect(some.length).toBe(2)
  expect(await (await some.gatherBatch(Int32Array.of(0, 1))).t.array()).toEqual([9, 8])
  expect(() => subset(dataset, [3])).toThrow(new IndexError('subset: the data set has 3 samples: 3'))
})

test('refuses what does not fit', () => {
  const x = { data: new Float32Array(6), shape: [3, 2] }
  expect(() => arrayDataset({})).toThrow(new ValueError('arrayDataset: no fields: {}'))
  expect(() => arrayDataset({ x: { ...x, shape: [3, 3] } })).toThrow(
    new ShapeError('arrayDataset: x: the shape does not fit the data: [3,3] for 6 elements'),
  )
  expect(() => arrayDataset({ x, t: { data: new Int32Array(2), shape: [2] } })).toThrow(
    new ShapeError('arrayDataset: fields differ in length: x has 3, t has 2'),
  )
  expect(() => arrayDataset({ x: { ...x, lookup: new Float32Array(256) } })).toThrow(
    new ValueError('arrayDataset: x: a lookup is 256 floats for a Uint8Array: 256 floats'),
  )
  expect(() => dataset.get(3)).toThrow(new IndexError('arrayDataset: there are 3 samples: 3'))
  expect(() => dataset.get(0.5)).toThrow(new IndexError('arrayDataset: not an index: 0.5'))
})
