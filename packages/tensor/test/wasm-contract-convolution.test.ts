import { describe, expect, test } from 'vitest'
import { lowerConvolution } from '../src/backends/wasm/contract/index.ts'
import type { ConvolutionMode } from '../src/graph/geometry.ts'
import type { Body } from '../src/schedule/kernels.ts'
import { bare, cases, geometryOf, naive, prepare } from './convolution-definition.ts'
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
        : [
            'groups',
            'odd everything',
            'three pixels wide',
            'an image larger than a copy',
            '1×1',
            '1×1, many channels',
            'depthwise',
            'depthwise, stride 2',
            'depthwise, stride 2, even, not padded',
            'depthwise 5×5',
            'depthwise 5×5, stride 2',
            'stride 2',
            'many phases',
          ],
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

    test.each([
      'many images to a block',
      'an image larger than a copy',
      'groups',
      'depthwise 5×5, small',
      'depthwise 5×5, stride 2',
      '1×1, sums of some images',
    ])('chunks do not change a bit: %s', (name) => {
      const runner = new Runner(target)
      const { kernel, resultSize } = prepare(runner, mode, geometryOf(cases[name]!))
      const lowering = lowerConvolution(kernel, target, () => [], 'direct')
      const [chunked, whole] = runner.bothWays(lowering, kernel.store.slot, resultSize)
      expect(chunked).toEqual(whole)
    })

    test.each(Object.entries(cases))('a result of another type has room in the scratch: %s', (_, shape) => {
      const runner = new Runner(target)
      const { kernel, resultSize } = prepare(runner, mode, geometryOf(shape))
      const other = { ...kernel, store: { ...kernel.store, dtype: 'int32' } } as const
      const { scratchBytes } = lowerConvolution(other, target, () => [], 'direct')
      const inPlace = lowerConvolution(kernel, target, () => [], 'direct').scratchBytes
      expect(scratchBytes).toBe(64 * Math.ceil(resultSize / 16) + inPlace)
    })

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
