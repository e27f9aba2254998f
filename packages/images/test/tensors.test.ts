import { ShapeError, tensor, ValueError } from '@badak/tensor'
import { expect, test } from 'vitest'
import { fromTensor, type Image, toTensor } from '../src/index.ts'
import { converted } from './fixtures.ts'

const image: Image = {
  width: 2,
  height: 1,
  channels: 3,
  data: Uint8Array.of(0, 51, 255, 102, 153, 204),
}

test('pixels become planes from 0 to 1', async () => {
  const x = toTensor(image)
  expect([x.shape, x.dtype]).toEqual([[3, 1, 2], 'float32'])
  expect(await x.data()).toEqual(Float32Array.of(0, 0.4, 0.2, 0.6, 1, 0.8))
  expect(toTensor([image, image]).shape).toEqual([2, 3, 1, 2])
  expect(toTensor(image, { channels: 1 }).shape).toEqual([1, 1, 2])
})

test('and are normalised, one way and back', async () => {
  const x = toTensor(image, { mean: [0, 0.2, 0.5], std: [0.5, 0.2, 0.25] })
  const values = [...(await x.data())]
  for (const [i, expected] of [0, 0.8, 0, 2, 2, 1.2].entries()) expect(values[i]).toBeCloseTo(expected, 6)
  expect(await fromTensor(x, { mean: [0, 0.2, 0.5], std: [0.5, 0.2, 0.25] })).toEqual(image)
  expect(await toTensor(image, { mean: 0.5, std: 0.5 }).min().item()).toBe(-1)
})

test('a tensor becomes an image: rounded, clipped, grey or as bytes', async () => {
  expect(await fromTensor(toTensor(converted.rgb))).toEqual(converted.rgb)
  expect(await fromTensor(tensor([[-1, 0.5, 2, NaN]]))).toEqual({
    width: 4,
    height: 1,
    channels: 1,
    data: Uint8Array.of(0, 128, 255, 0),
  })
  const bytes = tensor(Uint8Array.of(3, 200), { shape: [1, 2, 1] })
  expect((await fromTensor(bytes)).data).toEqual(Uint8Array.of(3, 200))
})

test('refuses what are no images', async () => {
  expect(() => toTensor([])).toThrow(new ShapeError('toTensor: there are no images'))
  expect(() => toTensor([converted.rgb, image])).toThrow(
    new ShapeError('toTensor: images differ in their shapes: [3,13,19] and [3,1,2]'),
  )
  expect(() => toTensor(image, { mean: [1, 2] })).toThrow(
    new ValueError('toTensor: mean is one number, or one per channel (3): [1,2]'),
  )
  expect(() => toTensor(image, { std: 0 })).toThrow(new ValueError('toTensor: std is 0'))
  await expect(fromTensor(tensor([[[[1]]]]))).rejects.toThrow(
    new ShapeError('fromTensor: expected [C, H, W] with 1, 3 or 4 channels, or [H, W]: [1,1,1,1]'),
  )
  await expect(fromTensor(tensor([[[1]], [[1]]]))).rejects.toThrow(ShapeError)
})
