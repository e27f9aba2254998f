// What is drawn: how often, within which bounds, and that the same seed draws the same.
import type { Image } from '@badak/images'
import { Generator, ShapeError, ValueError } from '@badak/tensor'
import { expect, test } from 'vitest'
import {
  arrayDataset,
  autoAugment,
  colorJitter,
  cutmix,
  gaussianNoise,
  mixup,
  oneOf,
  randomApply,
  randomAutocontrast,
  randomEqualize,
  randomErasing,
  randomGaussianBlur,
  randomGaussianNoise,
  randomGrayscale,
  randomInvert,
  randomPosterize,
  randomSharpness,
  randomSolarize,
  randomWarp,
  saltAndPepper,
  sampleGenerator,
  type Transform,
} from '../../src/index.ts'

const flat = (value: number, channels: 1 | 3 | 4 = 3, size = 40): Image => ({
  width: size,
  height: size,
  channels,
  data: new Uint8Array(size * size * channels).fill(value),
})
const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((a, b) => a + b, 0) / values.length
const deviation = (values: ArrayLike<number>): number => {
  const middle = mean(values)
  return Math.sqrt(mean(Array.from(values, (value) => (value - middle) ** 2)))
}

const same = (a: Uint8Array, b: Uint8Array): boolean => a.every((value, i) => value === b[i])

test('a stream for each seed, epoch, sample and repetition; the same one each time', () => {
  const first = (...parts: Parameters<typeof sampleGenerator>): number => sampleGenerator(...parts).uniform()
  expect(first(1, 2, 3)).toBe(first(1, 2, 3))
  const all = [[1, 2, 3], [2, 2, 3], [1, 3, 3], [1, 2, 4], [1, 2, 3, 1], [0, 0, 0], [1, 2, 2 ** 31]] as const // prettier-ignore
  expect(new Set(all.map((parts) => first(...(parts as [number, number, number])))).size).toBe(all.length)
  // Not even a long draw comes into the part of the next sample.
  const long = sampleGenerator(1, 2, 3)
  for (let i = 0; i < 1000; i++) long.uniform()
  expect(BigInt(long.state.offset) >> 32n).toBe(4n)
})

test('steps are taken as often as they should be', () => {
  const count = (step: (value: number, generator: Generator) => number, runs = 4000): number => {
    const generator = new Generator(5)
    let sum = 0
    for (let i = 0; i < runs; i++) sum += step(0, generator)
    return sum / runs
  }
  const one = () => 1
  // Four standard deviations are 0.03.
  expect(Math.abs(count(randomApply(one, 0.3)) - 0.3)).toBeLessThan(0.03)
  expect([count(randomApply(one, 0)), count(randomApply(one, 1))]).toEqual([0, 1])
  expect(Math.abs(count(oneOf([one, () => 0], [1, 3])) - 0.25)).toBeLessThan(0.03)
})

test('each colour transform changes the image alone, at its probability', () => {
  const data = Uint8Array.from({ length: 40 * 40 * 3 }, (_, i) => 60 + ((i * 37) % 120))
  const sample = {
    image: { ...flat(0), data },
    mask: flat(1, 1),
    boxes: Float32Array.of(1, 2, 3, 4),
    label: 3,
  }
  const certain: Record<string, Transform> = {
    colorJitter: colorJitter({ brightness: [0.5, 0.8], contrast: 0.5, saturation: 0.5, hue: 0.2 }),
    randomGrayscale: randomGrayscale({ p: 1 }),
    randomInvert: randomInvert({ p: 1 }),
    randomPosterize: randomPosterize(2, { p: 1 }),
    randomSolarize: randomSolarize(100, { p: 1 }),
    randomEqualize: randomEqualize({ p: 1 }),
    randomAutocontrast: randomAutocontrast({ p: 1 }),
    randomSharpness: randomSharpness(3, { p: 1 }),
    randomGaussianBlur: randomGaussianBlur({ p: 1 }),
    randomGaussianNoise: randomGaussianNoise({ p: 1 }),
    randomErasing: randomErasing({ p: 1 }),
  }
  const before = data.slice()
  for (const [name, transform] of Object.entries(certain)) {
    const [once, again, other] = [1, 1, 2].map((index) => transform(sample, sampleGenerator(0, 0, index)))
    const { image, ...rest } = once!
    const random = /Jitter|Blur|Noise|Erasing/.test(name)
    expect([name, rest]).toEqual([name, { mask: sample.mask, boxes: sample.boxes, label: 3 }])
    expect([name, again]).toEqual([name, once])
    expect([name, image.data]).not.toEqual([name, before])
    expect([name, same(other!.image.data, image.data)]).toEqual([name, !random])
    expect([name, data]).toEqual([name, before])
  }
  const never = [randomInvert({ p: 0 }), randomGaussianNoise({ p: 0 }), colorJitter({})]
  for (const transform of never) expect(transform(sample, new Generator(0)).image.data).toEqual(before)
})

test('alpha stays as it is', () => {
  const data = Uint8Array.from({ length: 6400 }, (_, i) => (i % 4 === 3 ? 77 : 60 + ((i * 13) % 90)))
  const image: Image = { width: 40, height: 40, channels: 4, data }
  const steps = [
    colorJitter({ brightness: [0.5, 0.8], contrast: 0.5, saturation: 0.5, hue: 0.2 }),
    ...[randomInvert, randomEqualize, randomAutocontrast, randomGrayscale, randomGaussianNoise].map((of) =>
      of({ p: 1 }),
    ),
    randomSharpness(3, { p: 1 }),
  ]
  for (const step of steps) {
    const result = step({ image }, new Generator(3)).image.data
    expect(result.filter((_, i) => i % 4 === 3)).toEqual(new Uint8Array(1600).fill(77))
    expect(result).not.toEqual(data)
  }
})

test('noise has the deviation that was asked for', () => {
  const noisy = gaussianNoise(flat(128, 3, 100), 0.1, new Generator(1)).data
  // 30,000 numbers: the standard errors are 0.15 and 0.1. Values are rounded, which adds 1/12 to the variance.
  expect(Math.abs(mean(noisy) - 128)).toBeLessThan(0.6)
  expect(Math.abs(deviation(noisy) - Math.hypot(25.5, Math.sqrt(1 / 12)))).toBeLessThan(0.5)
  const specks = saltAndPepper(flat(128, 3, 100), 0.2, new Generator(1)).data
  const [black, white] = [0, 255].map(
    (value) => specks.filter((each) => each === value).length / specks.length,
  )
  // 10,000 pixels: the standard error is 0.003.
  expect([Math.abs(black! - 0.1) < 0.012, Math.abs(white! - 0.1) < 0.012]).toEqual([true, true])
})

test('what is erased is a rectangle within the bounds', () => {
  const erase = randomErasing({ p: 1, value: [1, 2, 3], scale: [0.1, 0.2], ratio: [0.5, 2] })
  for (let index = 0; index < 40; index++) {
    const { data } = erase({ image: flat(9) }, sampleGenerator(0, 0, index)).image
    const erased = [...Array(1600).keys()].filter((i) => data[3 * i] !== 9)
    const [xs, ys] = [erased.map((i) => i % 40), erased.map((i) => Math.floor(i / 40))]
    const [w, h] = [xs, ys].map((list) => Math.max(...list) - Math.min(...list) + 1) as [number, number]
    expect(erased.length).toBe(w * h)
    // Sides are rounded to pixels.
    expect(w * h).toBeGreaterThan(0.09 * 1600)
    expect(w * h).toBeLessThan(0.22 * 1600)
    expect(erased.every((i) => data[3 * i] === 1 && data[3 * i + 1] === 2 && data[3 * i + 2] === 3)).toBe(
      true,
    )
  }
})

test('AutoAugment has 25 pairs for each of its data sets', () => {
  const image = { ...flat(0), data: Uint8Array.from({ length: 4800 }, (_, i) => (i * 7 + (i >> 5)) % 256) }
  for (const policy of ['imagenet', 'cifar10', 'svhn'] as const) {
    const transform = autoAugment({ policy })
    const results = Array.from(
      { length: 200 },
      (_, i) => transform({ image }, sampleGenerator(0, 0, i)).image,
    )
    const kinds = new Set(results.map(({ data }) => mean(data).toFixed(3)))
    expect(kinds.size).toBeGreaterThan(25)
  }
  expect(() => autoAugment({ policy: 'mnist' as never })).toThrow(
    new ValueError('autoAugment: a policy is imagenet, cifar10, svhn: mnist'),
  )
})

test('mixup: λ of each image and of its target, 1 − λ of the one before', () => {
  const batch = () => ({
    x: { data: Float32Array.of(1, 2, 10, 20, 100, 200), shape: [3, 1, 1, 2] },
    t: { data: Int32Array.of(0, 2, 1), shape: [3] },
    kept: ['a'],
  })
  const mixed = mixup({ classes: 3, alpha: 1 })(batch(), new Generator(4))
  const part = mixed.t.data[0]!
  expect(part).toBeGreaterThan(0)
  expect(part).toBeLessThan(1)
  const near = (values: number[]): unknown => values.map((value) => expect.closeTo(value, 4))
  const rest = 1 - part
  expect([...mixed.x.data]).toEqual(
    near([part + 100 * rest, 2 * part + 200 * rest, 10 * part + rest, 20 * part + 2 * rest, 100 * part + 10 * rest, 200 * part + 20 * rest]), // prettier-ignore
  )
  expect([mixed.t.shape, ...mixed.t.data]).toEqual([
    [3, 3],
    ...(near([part, rest, 0, rest, 0, part, 0, part, rest]) as []),
  ])
  expect(mixed.kept).toEqual(['a'])
})

test('the part that is kept is from Beta(α, α)', () => {
  const parts = (alpha: number): number[] => {
    const generator = new Generator(2)
    const mix = mixup({ classes: 2, alpha })
    return Array.from({ length: 4000 }, () => {
      const x = { data: new Float32Array(2), shape: [2, 1, 1, 1] }
      return mix({ x, t: { data: Int32Array.of(0, 1), shape: [2] } }, generator).t.data[0]!
    })
  }
  // Mean ½ and variance 1 / (4 · (2α + 1)).
  for (const alpha of [0.2, 1, 4]) {
    expect(Math.abs(mean(parts(alpha)) - 0.5)).toBeLessThan(0.03)
    expect(deviation(parts(alpha)) / Math.sqrt(1 / (4 * (2 * alpha + 1)))).toBeCloseTo(1, 1)
  }
})

test('cutmix: targets are mixed by area', () => {
  for (let seed = 0; seed < 30; seed++) {
    const data = new Float32Array(2 * 2 * 12 * 10).fill(1, 240)
    const x = { data, shape: [2, 2, 12, 10] }
    const t = { data: Float32Array.of(1, 0, 0, 1), shape: [2, 2] }
    const mixed = cutmix({ classes: 2 })({ x, t }, new Generator(seed))
    const pasted = data.subarray(0, 240).reduce((sum, value) => sum + value, 0)
    expect(mixed.t.data[1]).toBeCloseTo(pasted / 240, 5)
    expect(mixed.t.data[0]).toBeCloseTo(1 - pasted / 240, 5)
    expect(data.subarray(240).reduce((sum, value) => sum + value, 0)).toBe(240 - pasted)
  }
})

test('mixing refuses what it cannot mix', () => {
  const x = { data: new Float32Array(2), shape: [2, 1, 1, 1] }
  const t = { data: Int32Array.of(0, 3), shape: [2] }
  expect(() => mixup({ classes: 0 })).toThrow(new ValueError('mixup: classes must be an integer from 1: 0'))
  expect(() => cutmix({ classes: 2, alpha: 0 })).toThrow(new ValueError('cutmix: alpha must be above 0: 0'))
  expect(() => mixup({ classes: 3 })({ x, t }, new Generator(0))).toThrow(
    new ValueError('mixup: there are 3 classes: 3'),
  )
  expect(() => cutmix({ classes: 3 })({ x: { ...x, shape: [2] }, t }, new Generator(0))).toThrow(
    new ShapeError('cutmix: expected x [N,C,H,W] and t [N]: [2] and [2]'),
  )
})

const digits = (data: Uint8Array | Float32Array, lookup?: Float32Array) =>
  arrayDataset({
    x: { data, shape: [data.length / 784, 1, 28, 28], ...(lookup && { lookup }) },
    t: { data: Int32Array.from({ length: data.length / 784 }, (_, i) => i), shape: [data.length / 784] },
  })

test('randomWarp: no ranges change nothing, a move of whole pixels is one', async () => {
  const data = Uint8Array.from({ length: 2 * 784 }, (_, i) => (i * 31) % 256)
  const lookup = Float32Array.from({ length: 256 }, (_, i) => i / 255)
  const dataset = digits(data, lookup)
  const indices = Int32Array.of(1, 0)
  const same = await (await randomWarp(dataset).gatherBatch(indices)).x.data()
  const { x, t } = await dataset.gatherBatch(indices)
  const plain = await x.data()
  expect(Math.max(...same.map((value, i) => Math.abs(value - plain[i]!)))).toBeLessThan(1e-6)
  expect([...(await t.data())]).toEqual([1, 0])
  const moved = await (await randomWarp(dataset, { scale: [2, 2] }).gatherBatch(indices)).x.data()
  // Twice as large about the middle: the new pixel at (13, 13) lies a quarter of the way to its neighbours.
  const at = (y: number, xx: number): number => plain[28 * y + xx]!
  const expected =
    0.75 * (0.75 * at(13, 13) + 0.25 * at(13, 14)) + 0.25 * (0.75 * at(14, 13) + 0.25 * at(14, 14))
  expect(moved[28 * 13 + 13]).toBeCloseTo(expected, 5)
})

test('randomWarp: what comes in from outside is the fill', async () => {
  const dataset = digits(new Float32Array(784).fill(1))
  const { x } = await randomWarp(dataset, { scale: [0.5, 0.5], fill: 0.25 }).gatherBatch(Int32Array.of(0))
  const image = await x.data()
  expect([image[0], image[28 * 14 + 14]]).toEqual([0.25, 1])
  expect(image.filter((value) => value === 1).length).toBe(14 * 14)
})

test('randomWarp: elastic displacements are as large as Simard has them', async () => {
  // On a ramp, what changes is the displacement to the right.
  const ramp = Float32Array.from({ length: 60 * 784 }, (_, i) => i % 28)
  const dataset = randomWarp(digits(ramp), { elastic: { alpha: 34, sigma: 4 } })
  const image = await (await dataset.gatherBatch(Int32Array.from({ length: 60 }, (_, i) => i))).x.data()
  const moves: number[] = []
  for (let n = 0; n < 60; n++)
    for (let y = 10; y < 18; y++) for (let x = 10; x < 18; x++) moves.push(image[n * 784 + y * 28 + x]! - x)
  // Noise of deviation 1/√3, averaged by a Gaussian: 34 / (√3 · 2 · √π · 4) = 1.38 pixels, in about 60 places.
  expect(deviation(moves) / 1.38).toBeGreaterThan(0.8)
  expect(deviation(moves) / 1.38).toBeLessThan(1.2)
})

test('randomWarp refuses what it cannot warp', () => {
  const dataset = digits(new Float32Array(784))
  const errors: [() => unknown, Error][] = [
    [() => randomWarp(dataset, { field: 'y' }), new ValueError('randomWarp: fields are x, t: y')],
    [() => randomWarp(dataset, { field: 't' }), new ShapeError('randomWarp: t must be [N,C,H,W]: [1]')],
    [
      () => randomWarp(dataset, { scale: [0, 1] }),
      new ValueError('randomWarp: scale must be above 0: 0 to 1'),
    ],
    [
      () => randomWarp(dataset, { elastic: { alpha: 1, sigma: 40 } }),
      new ValueError('randomWarp: elastic: sigma is too large for 28 x 28 pixels: 40'),
    ],
  ]
  for (const [run, error] of errors) expect(run).toThrow(error)
})

test('colours are refused by name', () => {
  const errors: [() => unknown, string][] = [
    [() => colorJitter({ brightness: -1 }), 'colorJitter: brightness must be from 0: -1'],
    [() => colorJitter({ contrast: [-0.5, 1] }), 'colorJitter: contrast must be from 0: -0.5 to 1'],
    [() => colorJitter({ hue: 0.6 }), 'colorJitter: hue must be from -0.5 to 0.5: -0.6 to 0.6'],
    [() => randomGaussianBlur({ sigma: 0 }), 'randomGaussianBlur: sigma must be above 0: 0 to 0'],
    [() => randomErasing({ scale: [0.5, 0.1] }), 'randomErasing: scale must be a range above 0: 0.5 to 0.1'],
    [
      () => randomPosterize(9, { p: 1 })({ image: flat(0) }, new Generator(0)),
      'posterize: bits must be an integer from 0 to 8: 9',
    ],
    [
      () => randomSharpness(-1, { p: 1 })({ image: flat(0) }, new Generator(0)),
      'adjustSharpness: factor must be a number from 0: -1',
    ],
  ]
  for (const [run, message] of errors) expect(run).toThrow(new ValueError(message))
})
