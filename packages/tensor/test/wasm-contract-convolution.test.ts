import { describe, expect, test } from 'vitest'
import { lowerConvolution } from '../src/backends/wasm/contract/index.ts'
import type { ConvolutionMode } from '../src/graph/geometry.ts'
import type { Body } from '../src/schedule/kernels.ts'
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

const cases: Record<string, Case> = {
  'MNIST, first layer': { channels: [1, 30], size: [28, 28], kernel: [5, 5] },
  '3×3, padded': { channels: [16, 16], size: [14, 14], kernel: [3, 3], padding: [1, 1, 1, 1] },
  'many images to a block': {
    batch: 37,
    channels: [3, 7],
    size: [4, 4],
    kernel: [3, 3],
    padding: [1, 1, 1, 1],
  },
  'odd everything': { batch: 3, channels: [3, 13], size: [11, 9], kernel: [3, 2], padding: [1, 0, 2, 1] },
  'full padding': { channels: [2, 3], size: [6, 7], kernel: [3, 3], padding: [2, 2, 2, 2] },
  'more padding than kernel': { channels: [2, 3], size: [5, 6], kernel: [2, 3], padding: [4, 5, 3, 4] },
  '1×1': { channels: [10, 12], size: [7, 7], kernel: [1, 1] },
  '1×1, stride 2': { channels: [6, 5], size: [9, 8], kernel: [1, 1], stride: [2, 2] },
  'stride 2': { channels: [4, 9], size: [15, 16], kernel: [3, 3], stride: [2, 2], padding: [1, 1, 1, 1] },
  'stride 3 × 1': { channels: [3, 4], size: [16, 11], kernel: [4, 3], stride: [3, 1], padding: [0, 2, 1, 0] },
  'stride larger than kernel': { channels: [2, 3], size: [17, 19], kernel: [2, 2], stride: [3, 4] },
  'stride 2, wide': {
    channels: [5, 6],
    size: [9, 37],
    kernel: [3, 3],
    stride: [2, 2],
    padding: [1, 1, 0, 1],
  },
  'stride and a dilation that share a factor': {
    channels: [3, 5],
    size: [15, 20],
    kernel: [3, 3],
    stride: [2, 4],
    dilation: [2, 2],
    padding: [1, 2, 3, 0],
  },
  'an image lower than the stride': { channels: [3, 4], size: [2, 21], kernel: [2, 3], stride: [3, 2] },
  'many phases': { channels: [3, 4], size: [23, 25], kernel: [5, 6], stride: [5, 4], padding: [2, 1, 2, 3] },
  dilation: { channels: [3, 5], size: [13, 14], kernel: [3, 3], dilation: [2, 3], padding: [2, 3, 2, 3] },
  'stride and dilation': {
    channels: [3, 5],
    size: [17, 18],
    kernel: [3, 3],
    stride: [2, 3],
    dilation: [3, 2],
    padding: [3, 1, 2, 4],
  },
  groups: { groups: 3, channels: [6, 12], size: [8, 8], kernel: [3, 3], padding: [1, 1, 1, 1] },
  depthwise: { groups: 5, channels: [5, 5], size: [9, 10], kernel: [3, 3], padding: [1, 1, 1, 1] },
  'depthwise, tiles of a row that overlap': {
    groups: 3,
    channels: [3, 3],
    size: [7, 57],
    kernel: [3, 3],
    padding: [1, 1, 1, 1],
  },
  'depthwise, two tiles to a row, blocks of rows': {
    batch: 1,
    groups: 2,
    channels: [2, 4],
    size: [43, 53],
    kernel: [5, 5],
    padding: [2, 2, 2, 2],
  },
  'depthwise, stride 2': {
    groups: 3,
    channels: [3, 3],
    size: [16, 57],
    kernel: [3, 3],
    stride: [2, 2],
    padding: [1, 1, 1, 1],
  },
  'one pixel of output': { channels: [5, 7], size: [4, 4], kernel: [4, 4] },
  'three pixels wide': { channels: [5, 7], size: [6, 5], kernel: [3, 3] },
  'one dimension': { channels: [4, 6], size: [1, 50], kernel: [1, 5], padding: [0, 2, 0, 2], stride: [1, 2] },
  'one column': { channels: [4, 6], size: [50, 1], kernel: [5, 1], padding: [2, 0, 2, 0] },
  'one image, blocks of rows': {
    batch: 1,
    channels: [3, 8],
    size: [60, 61],
    kernel: [3, 3],
    padding: [1, 1, 1, 1],
  },
  'an image larger than a copy': {
    batch: 1,
    channels: [64, 7],
    size: [50, 48],
    kernel: [3, 3],
    padding: [1, 1, 1, 1],
  },
  'one channel each': { batch: 1, channels: [1, 1], size: [5, 5], kernel: [1, 1] },
}

const modes: readonly ConvolutionMode[] = ['forward', 'inputGradient', 'weightGradient']

describe.each(targets.flatMap((target) => modes.map((mode) => ({ target, mode, name: target.name }))))(
  '$mode, $name',
  ({ target, mode }) => {
    test.each(Object.entries(cases))('%s', (_, shape) => {
      const runner = new Runner(target)
      const geometry = geometryOf(shape)
      const { kernel, left, right, resultSize } = prepare(runner, mode, geometry, 3)
      runner.run(lowerConvolution(kernel, target, () => [], 'direct'))
      const result = runner.floats(kernel.store.slot, resultSize + 4)
      expect(relativeError(result.subarray(3, -1), naive(mode, geometry, left, right))).toBeLessThan(3e-6)
      expect([0, 1, 2, resultSize + 3].map((index) => result[index])).toEqual([
        Number.NaN,
        Number.NaN,
        Number.NaN,
        Number.NaN,
      ])
    })

    test('an epilogue works on the stored result', () => {
      const runner = new Runner(target)
      const geometry = geometryOf(cases['odd everything']!)
      const { kernel, left, right, resultSize } = prepare(runner, mode, geometry)
      const epilogue: Body = {
        loads: [],
        instructions: [...bare.instructions, { op: 'exp', dtype: 'float32', args: [0] }],
      }
      runner.run(lowerConvolution({ ...kernel, epilogue }, target, twicePlusOne, 'direct'))
      const expected = naive(mode, geometry, left, right).map((value) => 2 * value + 1)
      expect(relativeError(runner.floats(kernel.store.slot, resultSize), expected)).toBeLessThan(3e-6)
    })

    test.each(
      mode === 'weightGradient'
        ? []
        : ['groups', 'odd everything', 'three pixels wide', 'an image larger than a copy'],
    )('bias, relu and its gradient are done on the way: %s', (name) => {
      const runner = new Runner(target)
      const geometry = geometryOf(cases[name]!)
      const { kernel, left, right, resultSize } = prepare(runner, mode, geometry)
      const product = naive(mode, geometry, left, right)
      const plane =
        mode === 'forward'
          ? geometry.outputHeight * geometry.outputWidth
          : geometry.inputHeight * geometry.inputWidth
      const channels = mode === 'forward' ? geometry.outputChannels : geometry.inputChannels
      const [bias, mask] = [uniform(channels, 3), uniform(resultSize, 4)]
      const refuse = (): never => {
        throw new Error('a pass of its own')
      }

      runner.run(
        lowerConvolution(
          { ...kernel, epilogue: biasAndRelu(runner.slot(bias), [0, 1, 0, 0]) },
          target,
          refuse,
          'direct',
        ),
      )
      const activated = product.map((value, index) =>
        Math.max(0, value + bias[Math.floor(index / plane) % channels]!),
      )
      expect(relativeError(runner.floats(kernel.store.slot, resultSize), activated)).toBeLessThan(3e-6)

      const strides = [
        channels * plane,
        plane,
        mode === 'forward' ? geometry.outputWidth : geometry.inputWidth,
        1,
      ]
      runner.run(
        lowerConvolution(
          { ...kernel, epilogue: maskedWhere(runner.slot(mask), strides) },
          target,
          refuse,
          'direct',
        ),
      )
      const masked = product.map((value, index) => (mask[index]! <= 0.25 ? -3 : value))
      expect(relativeError(runner.floats(kernel.store.slot, resultSize), masked)).toBeLessThan(3e-6)

      const rows = [5, 6, 7, 8].map((seed) => uniform(channels, seed))
      const full = [uniform(resultSize, 9), mask] as const
      const epilogue = normalisedShortcut(
        rows.map((values) => runner.slot(values)),
        full.map((values) => runner.slot(values)),
        [0, 1, 0, 0],
        strides,
      )
      runner.run(lowerConvolution({ ...kernel, epilogue }, target, refuse, 'direct'))
      const expected = shortcutOf(product, rows, full, (index) => Math.floor(index / plane) % channels)
      expect(relativeError(runner.floats(kernel.store.slot, resultSize), expected)).toBeLessThan(3e-6)
    })

    test.each(['many images to a block', 'an image larger than a copy', 'groups'])(
      'chunks do not change a bit: %s',
      (name) => {
        const runner = new Runner(target)
        const { kernel, resultSize } = prepare(runner, mode, geometryOf(cases[name]!))
        const lowering = lowerConvolution(kernel, target, () => [], 'direct')
        const [chunked, whole] = runner.bothWays(lowering, kernel.store.slot, resultSize)
        expect(chunked).toEqual(whole)
      },
    )

    test('an infinity touches no more than it must', () => {
      const runner = new Runner(target)
      const geometry = geometryOf({ channels: [3, 7], size: [6, 7], kernel: [3, 3], padding: [1, 0, 1, 0] })
      const { kernel, left, right, resultSize } = prepare(runner, mode, geometry)
      left[left.length - 1] = Number.POSITIVE_INFINITY
      runner.run(
        lowerConvolution(
          { ...kernel, left: { ...kernel.left, slot: runner.slot(left) } },
          target,
          () => [],
          'direct',
        ),
      )
      const finite = (values: ArrayLike<number>): boolean[] => Array.from(values, Number.isFinite)
      expect(finite(runner.floats(kernel.store.slot, resultSize))).toEqual(
        finite(naive(mode, geometry, left, right)),
      )
    })
  },
)

test.each(targets)('a batch of nothing has no gradient, $name', (target) => {
  const runner = new Runner(target)
  const { kernel, resultSize } = prepare(runner, 'weightGradient', {
    ...geometryOf(cases['groups']!),
    batch: 0,
  })
  runner.run(lowerConvolution(kernel, target, () => [], 'direct'))
  expect(runner.floats(kernel.store.slot, resultSize).every((value) => value === 0)).toBe(true)
})
