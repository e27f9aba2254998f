// What units look for: numbers are hand calculations.
import { configure, Generator, Parameter, randomNormal, tensor, type Tensor, zeros } from '@badak/tensor'
import { Flatten, Linear, ReLU, Sequential } from '@badak/layers'
import { beforeEach, describe, expect, test } from 'vitest'
import { backends } from '../../layers/test/backends.ts'
import { activationMaximisation, Conv2d, MaxPool2d, topActivations } from '../src/index.ts'

const plain = { jitter: 0, blur: 0, decay: 0 }

/** One output for each pixel, weighed with 0, 1, 2 … */
function ramp(): Sequential {
  const model = new Sequential(new Flatten(), new Linear(4, 2, { bias: false }))
  model.loadStateDict({
    '1.weight': tensor([
      [0, 0, 0, 0],
      [0, 1, 2, 3],
    ]),
  })
  return model
}

/** The sum of 3×3 pixels, without ReLU. */
function sums(): Sequential {
  const layer = new Conv2d(1, 1, 3, { bias: false })
  layer.loadStateDict({
    weight: tensor([
      [
        [
          [1, 1, 1],
          [1, 1, 1],
          [1, 1, 1],
        ],
      ],
    ]),
  })
  return new Sequential(layer, new Flatten())
}

/** A black image with one white pixel. */
function dot(row: number, column: number, value = 1, size = 8): Tensor {
  const pixels = new Float32Array(size * size)
  pixels[row * size + column] = value
  return tensor(pixels, { shape: [1, 1, size, size] })
}

describe.each(backends)('%s', (backend) => {
  beforeEach(() => configure({ backend }))

  test('a step is as long as it should be, up the gradient', async () => {
    const options = { ...plain, channel: 1, steps: 3, lr: 0.2 }
    const { images, activations } = await activationMaximisation(ramp(), zeros([1, 1, 2, 2]), options)
    // The root of the mean square of [0, 1, 2, 3] is √3.5.
    const expected = [0, 1, 2, 3].map((weight) => (3 * 0.2 * weight) / Math.sqrt(3.5))
    for (const [i, value] of (await images.data()).entries()) expect(value).toBeCloseTo(expected[i]!, 5)
    expect(await activations.item()).toBeCloseTo(
      expected.reduce((sum, value, i) => sum + i * value, 0),
      4,
    )
  })

  test('a unit without a gradient leaves images as they are', async () => {
    const start = tensor([
      [
        [
          [1, 2],
          [3, 4],
        ],
      ],
    ])
    const { images, activations } = await activationMaximisation(ramp(), start, { ...plain, channel: 0 })
    expect(await images.array()).toEqual(await start.array())
    expect(await activations.array()).toEqual([0])
  })

  test('values decay, and stay in their range', async () => {
    const start = tensor([
      [
        [
          [1, 1],
          [1, 1],
        ],
      ],
    ])
    const decayed = await activationMaximisation(ramp(), start, {
      ...plain,
      channel: 0,
      steps: 2,
      decay: 0.1,
    })
    for (const value of await decayed.images.data()) expect(value).toBeCloseTo(0.81, 6)
    const range = [0, 1] as const
    const bounded = await activationMaximisation(ramp(), start, { ...plain, channel: 1, range })
    expect(await bounded.images.array()).toEqual([
      [
        [
          [1, 1],
          [1, 1],
        ],
      ],
    ])
  })

  test('a blur spreads a pixel as a Gaussian does', async () => {
    const start = dot(3, 4, 1, 9)
    const model = new Sequential(new Flatten(), new Linear(81, 1, { bias: false }))
    model.loadStateDict({ '1.weight': zeros([1, 81]) })
    const options = { ...plain, channel: 0, steps: 2, blur: 0.8, blurEvery: 2 }
    const { images } = await activationMaximisation(model, start, options)
    const bell = (at: number): number[] => {
      const weights = Array.from({ length: 9 }, (_, i) => Math.exp(-((i - at) ** 2) / (2 * 0.8 ** 2)))
      return weights.map((weight) => weight / weights.reduce((sum, each) => sum + each))
    }
    const values = (await images.array()) as number[][][][]
    // In the middle the weights are the same from both sides; at the edges, each row of weights adds up to 1.
    for (let i = 3; i < 6; i++) expect(values[0]![0]![3]![i]).toBeCloseTo(bell(3)[3]! * bell(i)[4]!, 5)
  })

  test('shifts are taken back', async () => {
    const start = dot(2, 5)
    const model = new Sequential(new Flatten(), new Linear(64, 1, { bias: false }))
    model.loadStateDict({ '1.weight': zeros([1, 64]) })
    const options = { ...plain, channel: 0, steps: 5, jitter: 3, generator: new Generator(4) }
    const { images } = await activationMaximisation(model, start, options)
    expect(await images.array()).toEqual(await start.array())
  })

  test('one position of a channel changes what it sees alone', async () => {
    const model = sums()
    const options = { ...plain, layer: '0', channel: 0, position: [1, 4] as const, steps: 1, lr: 0.5 }
    const seen: number[] = []
    const { images, activations } = await activationMaximisation(model, zeros([1, 1, 8, 8]), {
      ...options,
      onStep: (step) => void seen.push(step),
    })
    const pixels = (await images.reshape([8, 8]).array()) as number[][]
    // 9 of 64 pixels have the gradient 1: its root of the mean square is 3/8.
    for (const [row, values] of pixels.entries()) {
      for (const [column, value] of values.entries()) {
        const inside = row >= 1 && row < 4 && column >= 4 && column < 7
        expect(value).toBeCloseTo(inside ? (0.5 * 8) / 3 : 0, 5)
      }
    }
    expect(await activations.item()).toBeCloseTo(9 * ((0.5 * 8) / 3), 4)
    expect(seen).toEqual([1])
  })

  test('the same seed gives the same images', async () => {
    const model = sums()
    const run = async () => {
      const x = randomNormal([2, 1, 8, 8], { generator: new Generator(1) })
      const options = { layer: '0', channel: 0, steps: 6, generator: new Generator(2) }
      return [...(await (await activationMaximisation(model, x, options)).images.data())]
    }
    expect(await run()).toEqual(await run())
  })

  test('the strongest images are found, with what the unit sees of them', async () => {
    const batches = [dot(1, 1), dot(6, 6, 3), dot(0, 7, 2), dot(4, 4, 3)]
    const top = await topActivations(sums(), batches, { layer: '0', channel: 0, k: 3 })
    expect(top.map(({ value, index }) => [value, index])).toEqual([
      [3, 1],
      [3, 3],
      [2, 2],
    ])
    // The first of the positions that see the white pixel.
    expect(top.map(({ position }) => position)).toEqual([
      [4, 4],
      [2, 2],
      [0, 5],
    ])
    expect(top.map(({ area }) => area)).toEqual([
      { top: 4, left: 4, height: 3, width: 3 },
      { top: 2, left: 2, height: 3, width: 3 },
      { top: 0, left: 5, height: 3, width: 3 },
    ])
    expect(await top[0]!.crop.array()).toEqual([
      [
        [0, 0, 0],
        [0, 0, 0],
        [0, 0, 3],
      ],
    ])
    expect(await top[2]!.image.array()).toEqual(((await batches[2]!.array()) as number[][][][])[0])
  })

  test.each(['list of batches', 'data set', 'loader'])('images come from a %s', async (kind) => {
    const images = [3, 1, 4, 1, 5, 9, 2].map((value) => dot(2, 2, value, 4))
    const all = tensor(
      await Promise.all(images.map(async (image) => ((await image.array()) as number[][][][])[0]!)),
    )
    const gather = (indices: readonly number[]) => ({
      x: all.slice([[indices[0], indices.at(-1)! + 1]]),
      t: 0,
    })
    const dataset = { length: 7, gatherBatch: (indices: Int32Array) => Promise.resolve(gather([...indices])) }
    async function* loader() {
      yield gather([0, 1, 2, 3])
      yield gather([4, 5, 6])
    }
    const data = { 'list of batches': images, 'data set': dataset, loader: loader() }[kind]!
    const options = { layer: '0', channel: 0, k: 2, batchSize: 3 }
    const top = await topActivations<unknown, Tensor>(sums(), data, options)
    expect(top.map(({ value, index }) => [value, index])).toEqual([
      [9, 5],
      [5, 4],
    ])
  })

  test('the area is the receptive field, cut where the image ends', async () => {
    const model = new Sequential(
      new Conv2d(1, 4, 5, { padding: 2 }),
      new ReLU(),
      new MaxPool2d(2),
      new Conv2d(4, 3, 3, { padding: 1 }),
    )
    const x = randomNormal([16, 1, 16, 16], { generator: new Generator(3) })
    const top = await topActivations(model, [x], { layer: '3', channel: 1, k: 16 })
    for (const { area, position } of top) {
      // By hand: 3 of the pooled pixels, 2 pixels each, and 2 more on each side: 2·3 + 4 = 10, from 2·r − 4.
      const [from, to] = [
        position!.map((at) => Math.max(0, 2 * at - 4)),
        position!.map((at) => Math.min(16, 2 * at + 6)),
      ]
      expect(area).toEqual({
        top: from[0],
        left: from[1],
        height: to[0]! - from[0]!,
        width: to[1]! - from[1]!,
      })
    }
  })

  test('outputs of the model are units that see everything', async () => {
    const data = [dot(0, 1, 1, 2), dot(1, 1, 1, 2)]
    const [top] = await topActivations(ramp(), data, { channel: 1, k: 1 })
    expect(top).toMatchObject({ value: 3, index: 1, position: undefined })
    expect(top!.area).toEqual({ top: 0, left: 0, height: 2, width: 2 })
  })
})

test('images of one batch that are kept outlive it', async () => {
  configure({ backend: 'wasm' })
  const cell = new Parameter(dot(2, 2, 7, 4))
  async function* batches() {
    yield cell.value
    cell.assign(dot(2, 2, 1, 4))
    yield cell.value
  }
  const top = await topActivations(sums(), batches(), { layer: '0', channel: 0 })
  expect(top.map(({ value }) => value)).toEqual([7, 1])
  expect(await top[0]!.image.sum().item()).toBe(7)
})
