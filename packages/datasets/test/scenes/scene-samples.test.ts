import { expect, test } from 'vitest'
import { flipHorizontal, sceneSamples, scenes } from '../../src/index.ts'

test('a scene that is flipped has its boxes, masks and instances flipped with it', async () => {
  const data = await scenes('train', { size: [48, 64], objects: [2, 4] })
  const samples = sceneSamples(data)
  const { objects, mask, instances } = data.get(5)
  const flipped = flipHorizontal(await samples.get(5))
  const boxes = objects.flatMap(({ box: [x1, y1, x2, y2] }) => [64 - x2, y1, 64 - x1, y2])
  expect([...flipped.boxes]).toEqual(boxes)
  expect([...flipped.labels]).toEqual(objects.map(({ label }) => label))
  for (const [x, y] of [
    [0, 0],
    [20, 30],
    [63, 47],
    [40, 12],
  ] as const) {
    const [here, there] = [y * 64 + x, y * 64 + 63 - x]
    expect(flipped.mask.data[there]).toBe(mask.data[here])
    expect(flipped.instances.map(({ data }) => data[there])).toEqual(
      objects.map((_, i) => (instances.data[here] === i + 1 ? 1 : 0)),
    )
  }
  expect(samples.length).toBe(10_000)
})
