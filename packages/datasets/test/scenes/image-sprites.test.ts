import { expect, test } from 'vitest'
import { ShapeError } from '@badak/tensor'
import { arrayDataset, digitSprites, fashionSprites, mnist, scenes } from '../../src/index.ts'

const bytes = (data: readonly number[], shape: readonly number[]) => ({ data: Uint8Array.from(data), shape })

/** Two sevens and a one of 3×3 pixels. */
const digits = arrayDataset({
  x: bytes(
    [200, 200, 200, 0, 0, 200, 0, 0, 200, 9, 9, 9, 9, 9, 9, 9, 9, 9, 0, 90, 0, 0, 90, 0, 0, 90, 0],
    [3, 1, 3, 3],
  ),
  t: { data: Int32Array.of(7, 7, 1), shape: [3] },
})

test('digits are ink of one colour, as opaque as they are bright', () => {
  const sprites = digitSprites(digits)
  expect(sprites.counts).toEqual([0, 1, 0, 0, 0, 0, 0, 2, 0, 0])
  expect(sprites.mirrors).toBe(false)
  const { image, colour, name } = sprites.get(7, 0, 0)
  expect([colour, name]).toEqual(['red', '0'])
  expect([...image.data.subarray(0, 4)]).toEqual([222, 45, 45, 200])
  expect([...image.data].filter((_, i) => i % 4 === 3)).toEqual([200, 200, 200, 0, 0, 200, 0, 0, 200])
  expect(sprites.get(7, 0, 0.999).colour).toBe('white')
})

test('fashion is cut out along its outline, with what is dark inside', () => {
  // A ring with a dark hole, and a notch that is open to the edge.
  const item = [0, 99, 99, 99, 99, 0, 99, 99, 99, 99, 99, 4]
  const dataset = arrayDataset({ x: bytes(item, [1, 1, 3, 4]), t: { data: Int32Array.of(8), shape: [1] } })
  const { image } = fashionSprites(dataset).get(8, 0, 0.95)
  expect([...image.data].filter((_, i) => i % 4 === 3)).toEqual([
    0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 32,
  ])
})

test('scenes of MNIST: nothing is mirrored, captions name digits', async () => {
  const sprites = digitSprites(await mnist('test'))
  const data = await scenes('train', { sprites, objects: [1, 3], seed: 2 })
  expect(data.classes).toEqual([
    'background',
    'zero',
    'one',
    'two',
    'three',
    'four',
    'five',
    'six',
    'seven',
    'eight',
    'nine',
  ])
  for (let index = 0; index < 50; index++) {
    const { objects, captions } = data.get(index)
    for (const { label, colour } of objects) {
      expect(captions.join()).toContain(data.classes[label])
      expect(colour).toBeTypeOf('string')
    }
  }
})

test('what is no set of images', () => {
  const wrong = arrayDataset({ x: bytes([1, 2, 3, 4], [2, 2]), t: { data: Int32Array.of(1, 2), shape: [2] } })
  expect(() => digitSprites(wrong)).toThrow(
    new ShapeError('digitSprites: expected bytes [N,1,H,W] and N classes: [2,2] and [2]'),
  )
})

test('a class without sprites', async () => {
  await expect(scenes('train', { sprites: digitSprites(digits), classes: ['one', 'two'] })).rejects.toThrow(
    'scenes: there is no sprite of class two: leave it out of classes',
  )
})
