import { configure, Generator, randomNormal, ShapeError, tensor } from '@badak/tensor'
import { Linear } from '@badak/layers'
import { beforeEach, describe, expect, test } from 'vitest'
import { backends } from '../../layers/test/backends.ts'
import { Conv2d, describeFilters, filters } from '../src/index.ts'

type Shape = (right: number, up: number) => number

/** A layer with these filters, each a function of the distance from the middle, and of the channel. */
function layerOf(size: number, shapes: readonly Shape[], channels: readonly number[] = [1]): Conv2d {
  const layer = new Conv2d(channels.length, shapes.length, size, { bias: false })
  const middle = (size - 1) / 2
  const weight = shapes.flatMap((shape) =>
    channels.flatMap((share) =>
      Array.from(
        { length: size * size },
        (_, i) => share * shape((i % size) - middle, middle - Math.floor(i / size)),
      ),
    ),
  )
  layer.loadStateDict({ weight: tensor(weight).reshape(layer.weight.shape) })
  return layer
}

/** An edge that runs along `degrees`, brighter on its left. */
const edge =
  (degrees: number, size: number): Shape =>
  (right, up) => {
    const angle = (degrees * Math.PI) / 180
    const across = Math.cos(angle) * up - Math.sin(angle) * right
    return across * Math.exp(-(right ** 2 + up ** 2) / size)
  }

const spot: Shape = (right, up) => Math.exp(-(right ** 2 + up ** 2) / 3)
const surrounded: Shape = (right, up) => spot(right, up) - 0.4 * spot(right / 2, up / 2)
const checkerboard: Shape = (right, up) => (Math.abs(right + up) % 2 < 0.5 ? 1 : -1)

describe.each(backends)('%s', (backend) => {
  beforeEach(() => configure({ backend }))

  test.each([5, 7, 11])('edges of %d pixels are told with their orientation', async (size) => {
    const degrees = [0, 20, 45, 70, 90, 110, 135, 160]
    const described = await describeFilters(
      layerOf(
        size,
        degrees.map((each) => edge(each, size)),
      ),
    )
    for (const [i, { kind, fit, orientation }] of described.entries()) {
      expect(kind).toBe('edge')
      expect(fit).toBeGreaterThan(0.95)
      const apart = Math.abs(orientation - degrees[i]!)
      expect(Math.min(apart, 180 - apart)).toBeLessThan(2)
    }
  })

  test('waves are told with their frequency', async () => {
    const waves = [0.1, 0.2, 0.3].map(
      (frequency): Shape =>
        (right, up) =>
          Math.cos(2 * Math.PI * frequency * up + 1) * Math.exp(-(right ** 2 + up ** 2) / 18),
    )
    const described = await describeFilters(layerOf(11, waves))
    for (const [i, { kind, frequency, orientation }] of described.entries()) {
      expect(kind).toBe('edge')
      expect(Math.abs(frequency - [0.1, 0.2, 0.3][i]!)).toBeLessThan(0.01)
      expect(Math.min(orientation, 180 - orientation)).toBeLessThan(2)
    }
  })

  test.each([5, 7, 11])('blobs of %d pixels, and what is neither', async (size) => {
    const kinds = (await describeFilters(layerOf(size, [spot, surrounded, checkerboard, () => 0]))).map(
      ({ kind }) => kind,
    )
    expect(kinds).toEqual(['blob', 'blob', 'other', 'other'])
  })

  test.each([
    [[1, 1, 1], 0],
    [[1, -1, 0], 1],
    // 1 − (1 + 0 + 0)²/3
    [[1, 0, 0], 2 / 3],
    [[0.2, 0.2, 0.2], 0],
  ])('channels in the shares %j differ by %f', async (channels, colour) => {
    const [described] = await describeFilters(layerOf(7, [edge(30, 7)], channels))
    expect(described!.colour).toBeCloseTo(colour, 5)
    expect(described!.kind).toBe('edge')
    expect(described!.orientation).toBeCloseTo(30, 0)
  })
})

test.each([3, 5, 7])('noise of %d pixels has hardly a shape', async (size) => {
  configure({ backend: 'reference' })
  const layer = new Conv2d(1, 200, size, {
    init: (shape) => randomNormal(shape, { generator: new Generator(size) }),
  })
  const told = (await describeFilters(layer)).filter(({ kind }) => kind !== 'other')
  // 5 % are expected, of which the standard deviation is 1.5 %.
  expect(told.length / 200).toBeLessThan(0.1)
})

test('filters become images', async () => {
  configure({ backend: 'reference' })
  const layer = new Conv2d(2, 2, [1, 2], { bias: false })
  layer.loadStateDict({
    weight: tensor([
      [[[1, -2]], [[0, 0]]],
      [[[0.5, 0]], [[4, 4]]],
    ]),
  })
  expect(await filters(layer).array()).toEqual([[[[0.75, 0]]], [[[0.5, 0.5]]], [[[1, 0.5]]], [[[1, 1]]]])
  expect(await filters(layer, { scale: 'all' }).slice([0]).array()).toEqual([[[0.625, 0.25]]])
  expect(await filters(layer, { scale: 'none' }).slice([0]).array()).toEqual([[[1, -2]]])
  expect(filters(new Conv2d(3, 4, 5)).shape).toEqual([4, 3, 5, 5])
})

test('layers without such weights are refused', async () => {
  expect(() => filters(new Linear(3, 4))).toThrow(
    new ShapeError('filters: Linear(3, 4) has no weight [O, C, KH, KW]: [4,3]'),
  )
  await expect(describeFilters(new Conv2d(3, 4, 1))).rejects.toThrow(
    new ShapeError('describeFilters: kernels of 1x1 have no shape that can be told: [4,3,1,1]'),
  )
})
