import { describe, expect, test } from 'vitest'
import { lowerConvolution } from '../src/backends/wasm/contract/index.ts'
import type { ConvolutionMode } from '../src/graph/geometry.ts'
import type { Body } from '../src/schedule/kernels.ts'
import { chooseConvolution } from '../src/backends/wasm/contract/choose-convolution.ts'
import { bare, type Case, geometryOf, naive, prepare } from './convolution-definition.ts'
import {
  biasAndRelu,
  maskedWhere,
  normalisedShortcut,
  relativeError,
  Runner,
  shortcutOf,
  targets,
  twicePlusOne,
  uniform,
} from './wasm-contract-runner.ts'

// Expected values are plain loops in doubles over the definition of the forward convolution.

/**
 * Largest error over largest result. Winograd's transforms cost digits: measured are up to 2.1e-5 forward and
 * to the input (512 channels; 7e-6 up to 64) and 6e-6 for weights, where the direct kernels err by 3.1e-6 and
 * 3e-7; with a stride of 2 up to 1.2e-5 (512 channels; 5e-6 up to 64), 9e-6 and 2.2e-6; for 7×7 9.9e-6 (512
 * channels; 3.6e-6 with 64, 2.1e-6 with 3). The sums of a weight gradient run over all pixels, of which there
 * may be many more than here.
 */
const bounds = { forward: 2e-5, inputGradient: 2e-5, weightGradient: 4e-5 }

function square(
  batch: number,
  channels: readonly [number, number],
  height: number,
  width: number,
  padding: number,
): Case {
  return {
    batch,
    channels,
    size: [height, width],
    kernel: [3, 3],
    padding: [padding, padding, padding, padding],
  }
}

const cases: Record<string, Case> = {
  'one pixel': square(1, [1, 1], 1, 1, 1),
  'one pixel, full padding': square(7, [3, 5], 1, 1, 2),
  'two pixels': square(1, [5, 3], 2, 2, 1),
  'two by three, full padding': square(7, [3, 1], 2, 3, 2),
  'three by three, no padding': square(7, [1, 5], 3, 3, 0),
  'five by three': square(1, [5, 64], 5, 3, 1),
  'prime sizes': square(7, [5, 3], 13, 11, 1),
  'prime sizes, no padding': square(1, [3, 5], 11, 13, 0),
  'prime sizes, full padding': square(2, [5, 9], 7, 17, 2),
  'many channels': square(1, [64, 64], 6, 5, 1),
  'channels in steps': square(1, [349, 350], 2, 3, 1),
  'channels in steps, many images': square(19, [350, 20], 3, 4, 1),
  'many images to a block': square(37, [16, 8], 4, 4, 1),
  'weights in uneven parts': square(51, [52, 130], 3, 3, 1),
  'blocks of rows': square(1, [16, 24], 61, 60, 1),
  'many blocks': square(23, [8, 12], 15, 17, 2),
  'wide image, blocks of columns': square(1, [3, 5], 9, 500, 1),
  'more padding than kernel': square(2, [4, 4], 5, 6, 4),
  'uneven padding': { channels: [6, 5], size: [9, 10], kernel: [3, 3], padding: [0, 2, 3, 1] },
}

/** Along an axis a tile of results takes 9 pixels of an image, a tile of its gradient 5. */
const stridedCases: Record<string, Case> = Object.fromEntries(
  Object.entries({
    'one pixel': square(1, [1, 1], 1, 1, 1),
    'one pixel, full padding': square(7, [3, 5], 1, 1, 2),
    'two pixels': square(1, [5, 3], 2, 2, 1),
    'two by three, full padding': square(7, [3, 1], 2, 3, 2),
    'three by three, no padding': square(7, [1, 5], 3, 3, 0),
    'a last row that nothing meets': square(2, [5, 6], 4, 6, 0),
    'prime sizes': square(7, [5, 3], 13, 11, 1),
    'prime sizes, no padding': square(1, [3, 5], 11, 13, 0),
    'prime sizes, full padding': square(2, [5, 9], 7, 17, 2),
    'many channels': square(1, [64, 64], 12, 9, 1),
    'channels in steps': square(1, [12, 190], 11, 9, 1),
    'many channels of nothing but a corner': square(1, [40, 72], 2, 1, 1),
    'many images to a block': square(37, [16, 8], 8, 8, 1),
    'weights in uneven parts': square(51, [52, 130], 3, 3, 1),
    'weights in parts, two blocks': square(197, [64, 130], 3, 3, 0),
    'more than are transformed at once': square(100, [1024, 7], 3, 3, 0),
    'blocks of rows': square(1, [16, 24], 121, 120, 1),
    'blocks of rows, no padding': square(1, [16, 24], 97, 120, 0),
    'many blocks': square(23, [8, 12], 29, 33, 2),
    'wide image, blocks of columns': square(1, [3, 5], 17, 1000, 1),
    'more padding than kernel': square(2, [4, 4], 5, 6, 4),
    'uneven padding': { channels: [6, 5], size: [19, 20], kernel: [3, 3], padding: [0, 3, 3, 2] } as const,
  }).map(([name, shape]) => [name, { ...shape, stride: [2, 2] } as const]),
)

/** 7×7 of stride 2, forward only; a tile of 3 × 3 results takes 11 pixels along an axis. */
const stems: Record<string, Case> = Object.fromEntries(
  Object.entries({
    'one pixel, full padding': square(1, [1, 1], 1, 1, 6),
    'one result': square(2, [3, 5], 7, 8, 0),
    'first layer': square(1, [3, 64], 40, 38, 3),
    'prime sizes': square(7, [5, 3], 23, 29, 3),
    'prime sizes, no padding': square(1, [3, 5], 31, 19, 0),
    'more padding than kernel': square(2, [2, 9], 8, 7, 8),
    'many channels': square(1, [64, 64], 12, 9, 3),
    'channels in steps': square(1, [89, 20], 12, 9, 3),
    'many images to a block': square(37, [2, 8], 6, 5, 3),
    'weights in uneven parts': square(9, [70, 130], 9, 8, 3),
    'blocks of rows': square(1, [6, 24], 121, 120, 3),
    'many blocks': square(19, [3, 12], 45, 51, 2),
    'wide image, blocks of columns': square(1, [2, 5], 9, 1431, 3),
    'uneven padding': { channels: [6, 5], size: [18, 21], padding: [0, 2, 3, 1] } as const,
  }).map(([name, shape]) => [name, { ...shape, kernel: [7, 7], stride: [2, 2] } as const]),
)

const modes: readonly ConvolutionMode[] = ['forward', 'inputGradient', 'weightGradient']

const suites = targets.flatMap((target) => [
  ...modes.flatMap((mode) =>
    [cases, stridedCases].map((shapes, index) => ({
      target,
      mode,
      shapes,
      name: target.name,
      of: `3×3 of stride ${index + 1}`,
    })),
  ),
  { target, mode: 'forward' as const, shapes: stems, name: target.name, of: '7×7 of stride 2' },
])

describe.each(suites)('$mode, $of, $name', ({ target, mode, shapes }) => {
  test.each(Object.entries(shapes))('%s', (_, shape) => {
    const runner = new Runner(target)
    const geometry = geometryOf(shape)
    const { kernel, left, right, resultSize } = prepare(runner, mode, geometry, 3)
    const lowering = lowerConvolution(kernel, target, () => [], 'winograd')
    expect(lowering.launches[0]!.module.key).toMatch('winograd')
    runner.run(lowering)
    const result = runner.floats(kernel.store.slot, resultSize + 4)
    expect(relativeError(result.subarray(3, -1), naive(mode, geometry, left, right))).toBeLessThan(
      bounds[mode],
    )
    expect([0, 1, 2, resultSize + 3].map((index) => result[index])).toEqual(Array(4).fill(Number.NaN))
  })

  test('an epilogue works on the stored result', () => {
    const runner = new Runner(target)
    const geometry = geometryOf(shapes['prime sizes']!)
    const { kernel, left, right, resultSize } = prepare(runner, mode, geometry)
    const epilogue: Body = {
      loads: [],
      instructions: [...bare.instructions, { op: 'exp', dtype: 'float32', args: [0] }],
    }
    runner.run(lowerConvolution({ ...kernel, epilogue }, target, twicePlusOne, 'winograd'))
    const expected = naive(mode, geometry, left, right).map((value) => 2 * value + 1)
    expect(relativeError(runner.floats(kernel.store.slot, resultSize), expected)).toBeLessThan(bounds[mode])
  })

  test.each(
    mode === 'weightGradient'
      ? []
      : ['prime sizes', 'many blocks', 'wide image, blocks of columns', 'blocks of rows'],
  )('bias, relu and its gradient are done on the way: %s', (name) => {
    const runner = new Runner(target)
    const geometry = geometryOf(shapes[name]!)
    const { kernel, left, right, resultSize } = prepare(runner, mode, geometry)
    const product = naive(mode, geometry, left, right)
    const [channels, height, width] =
      mode === 'forward'
        ? [geometry.outputChannels, geometry.outputHeight, geometry.outputWidth]
        : [geometry.inputChannels, geometry.inputHeight, geometry.inputWidth]
    const plane = height * width
    const [bias, mask] = [uniform(channels, 3), uniform(resultSize, 4)]
    const refuse = (): never => {
      throw new Error('a pass of its own')
    }
    const run = (epilogue: Body): Float32Array => {
      runner.run(lowerConvolution({ ...kernel, epilogue }, target, refuse, 'winograd'))
      return runner.floats(kernel.store.slot, resultSize)
    }
    const activated = product.map((value, index) =>
      Math.max(0, value + bias[Math.floor(index / plane) % channels]!),
    )
    expect(relativeError(run(biasAndRelu(runner.slot(bias), [0, 1, 0, 0])), activated)).toBeLessThan(
      bounds[mode],
    )
    const masked = product.map((value, index) => (mask[index]! <= 0.25 ? -3 : value))
    const strides = [channels * plane, plane, width, 1]
    expect(relativeError(run(maskedWhere(runner.slot(mask), strides)), masked)).toBeLessThan(bounds[mode])

    const rows = [5, 6, 7, 8].map((seed) => uniform(channels, seed))
    const full = [uniform(resultSize, 9), mask] as const
    const slots = [rows, full].map((all) => all.map((values) => runner.slot(values)))
    const epilogue = normalisedShortcut(slots[0]!, slots[1]!, [0, 1, 0, 0], strides)
    const expected = shortcutOf(product, rows, full, (index) => Math.floor(index / plane) % channels)
    expect(relativeError(run(epilogue), expected)).toBeLessThan(bounds[mode])
  })

  test.each([
    'many images to a block',
    'many blocks',
    'blocks of rows',
    'many channels',
    'channels in steps',
    'weights in uneven parts',
  ])('chunks do not change a bit: %s', (name) => {
    const runner = new Runner(target)
    const { kernel, resultSize } = prepare(runner, mode, geometryOf(shapes[name]!))
    const lowering = lowerConvolution(kernel, target, () => [], 'winograd')
    const [chunked, whole] = runner.bothWays(lowering, kernel.store.slot, resultSize)
    expect(chunked).toEqual(whole)
  })
})

describe('the planner', () => {
  const choice = (shape: Case, forced?: 'winograd' | 'direct', mode: ConvolutionMode = 'forward'): string => {
    const { kernel } = prepare(new Runner(targets[0]!), mode, geometryOf(shape))
    return chooseConvolution(kernel, forced)
  }
  const strided = (...shape: Parameters<typeof square>): Case => ({ ...square(...shape), stride: [2, 2] })
  const stem = (channels: readonly [number, number], size = 32): Case => ({
    ...strided(1, channels, size, size, 3),
    kernel: [7, 7],
  })

  test('takes Winograd where it is faster', () => {
    expect(choice(square(2, [16, 16], 14, 14, 1))).toBe('winograd')
    expect(choice(square(2, [3, 64], 32, 32, 1))).toBe('winograd')
    expect(choice(square(2, [1, 16], 28, 28, 1))).toBe('direct')
    expect(choice(square(2, [4, 4], 28, 28, 1))).toBe('direct')
    expect(choice(square(1, [256, 256], 4, 4, 1))).toBe('direct')
  })

  test('takes Winograd over phases where it is faster', () => {
    const choices = (shape: Case): string[] => modes.map((mode) => choice(shape, undefined, mode))
    expect(choices(strided(8, [64, 128], 28, 28, 1))).toEqual(['winograd', 'winograd', 'winograd'])
    expect(choices(strided(1, [64, 128], 28, 28, 1))).toEqual(['winograd', 'winograd', 'direct'])
    expect(choices(strided(1, [256, 512], 14, 14, 1))).toEqual(['direct', 'winograd', 'direct'])
    expect(choices(strided(1, [512, 512], 4, 4, 1))).toEqual(['direct', 'direct', 'direct'])
    expect(choices(strided(1, [32, 64], 28, 28, 1))).toEqual(['winograd', 'winograd', 'winograd'])
    expect(choices(strided(8, [2, 16], 28, 28, 1))).toEqual(['direct', 'winograd', 'direct'])
    expect(choices(strided(8, [1, 16], 28, 28, 1))).toEqual(['direct', 'direct', 'direct'])
  })

  test('takes Winograd for first layers where it is faster', () => {
    expect(choice(stem([3, 64]))).toBe('winograd')
    expect(choice(stem([3, 8]))).toBe('winograd')
    expect(choice(stem([3, 7]))).toBe('direct')
    expect(choice(stem([1, 16]))).toBe('direct')
    expect(choice(stem([1, 32]))).toBe('winograd')
    expect(choice(stem([256, 256], 14))).toBe('winograd')
    expect(choice(stem([256, 256], 7))).toBe('direct')
  })

  test('takes what is asked for wherever it can be', () => {
    expect(choice(stem([1, 1]), 'winograd')).toBe('winograd')
    expect(choice(square(2, [1, 1], 5, 5, 1), 'winograd')).toBe('winograd')
    expect(choice(strided(2, [1, 1], 5, 5, 1), 'winograd')).toBe('winograd')
    expect(choice(strided(8, [64, 128], 28, 28, 1), 'direct')).toBe('direct')
    expect(choice(square(2, [16, 16], 14, 14, 1), 'direct')).toBe('direct')
    const others: Partial<Case>[] = [
      { stride: [1, 2] },
      { stride: [3, 3] },
      { dilation: [1, 2] },
      { groups: 2 },
      { kernel: [5, 3] },
      { batch: 0 },
    ]
    for (const other of others)
      expect(choice({ ...square(2, [16, 16], 14, 14, 1), ...other }, 'winograd')).toBe('direct')
    expect(choice({ ...stem([3, 64]), stride: [1, 1] }, 'winograd')).toBe('direct')
    for (const mode of ['inputGradient', 'weightGradient'] as const)
      expect(choice(stem([3, 64]), 'winograd', mode)).toBe('direct')
  })
})
