import { describe, expect, test } from 'vitest'
import { addressOf } from '../src/backends/wasm/contract/epilogue.ts'
import { lowerConvolution } from '../src/backends/wasm/contract/index.ts'
import { lowerPatchGradient } from '../src/backends/wasm/contract/patch-gradient.ts'
import { type Case, cases, geometryOf, naive, prepare } from './convolution-definition.ts'
import { relativeError, Runner, targets } from './wasm-contract-runner.ts'

// Expected values are plain loops in doubles over the definition of the forward convolution.

const oneGroup: Record<string, Case> = {
  ...Object.fromEntries(Object.entries(cases).filter(([, { groups = 1 }]) => groups === 1)),
  'more channels than a unit takes': { channels: [19, 11], size: [9, 7], kernel: [3, 2], stride: [2, 1] },
  'blocks of images': { batch: 5, channels: [32, 3], size: [40, 40], kernel: [3, 3], padding: [1, 1, 1, 1] },
  'blocks of rows, stride 2': {
    batch: 2,
    channels: [30, 3],
    size: [141, 143],
    kernel: [3, 3],
    stride: [2, 2],
    padding: [1, 1, 1, 1],
  },
}

describe.each(targets)('the weight gradient as a product of patches, $name', (target) => {
  test.each(Object.entries(oneGroup))('%s', (_, shape) => {
    const runner = new Runner(target)
    const geometry = geometryOf(shape)
    const { kernel, left, right, resultSize } = prepare(runner, 'weightGradient', geometry, 3)
    const lowering = lowerPatchGradient(kernel, addressOf(kernel.store), target, 0)
    const [chunked, whole] = runner.bothWays(lowering, kernel.store.slot, resultSize + 4)
    expect(chunked).toEqual(whole)
    const result = runner.floats(kernel.store.slot, resultSize + 4)
    expect(
      relativeError(result.subarray(3, -1), naive('weightGradient', geometry, left, right)),
    ).toBeLessThan(3e-6)
    expect([0, 1, 2, resultSize + 3].map((index) => result[index])).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ])
  })

  test('is taken for many channels', () => {
    const runner = new Runner(target)
    const geometry = geometryOf({ channels: [15, 130], size: [7, 8], kernel: [3, 3], stride: [2, 2] })
    const { kernel, left, right, resultSize } = prepare(runner, 'weightGradient', geometry)
    const lowering = lowerConvolution(kernel, target, () => [])
    expect(lowering.launches.map(({ entry }) => entry)).toContain('packPatches')
    runner.run(lowering)
    expect(
      relativeError(
        runner.floats(kernel.store.slot, resultSize),
        naive('weightGradient', geometry, left, right),
      ),
    ).toBeLessThan(3e-6)
  })

  test('an infinity touches no more than it must', () => {
    const runner = new Runner(target)
    const geometry = geometryOf({ channels: [3, 7], size: [6, 7], kernel: [3, 3], padding: [1, 0, 1, 0] })
    const { kernel, left, right, resultSize } = prepare(runner, 'weightGradient', geometry)
    left[left.length - 1] = Number.POSITIVE_INFINITY
    const infinite = { ...kernel, left: { ...kernel.left, slot: runner.slot(left) } }
    runner.run(lowerPatchGradient(infinite, addressOf(kernel.store), target, 0))
    const finite = (values: ArrayLike<number>): boolean[] => Array.from(values, Number.isFinite)
    expect(finite(runner.floats(kernel.store.slot, resultSize))).toEqual(
      finite(naive('weightGradient', geometry, left, right)),
    )
  })
})
