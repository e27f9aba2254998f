// Windows that are larger than the image, of which ceilMode takes a part. Values of PyTorch 1.13.
import { avgPool2d, configure, maxPool2d, Parameter, tensor, type PairLike } from '@badak/tensor'
import { describe, expect, test } from 'vitest'

type Case = [H: number, W: number, kernel: PairLike, stride: PairLike, largest: number[], mean: number[]]

// Of −H·W to −1, row by row: what lies beyond the image is neither 0 nor counted.
const cases: Case[] = [
  [2, 2, 3, 2, [-1], [-2.5]],
  [2, 5, 3, 2, [-3, -1], [-6.5, -4.5]],
  [4, 2, [5, 3], [3, 2], [-1], [-4.5]],
]

describe.each(['reference', 'wasm'] as const)('%s', (backend) => {
  test.each(cases)('%ix%i, kernel %j, stride %j', async (H, W, kernel, stride, largest, mean) => {
    configure({ backend })
    const values = Float32Array.from({ length: H * W }, (_, i) => i - H * W)
    const x = new Parameter(tensor(values, { shape: [1, 1, H, W] }))
    const options = { kernel, stride, ceilMode: true }
    const y = maxPool2d(x, options)
    y.sum().backward()
    expect([...(await y.data())]).toEqual(largest)
    expect([...(await x.grad!.data())]).toEqual([...values].map((value) => Number(largest.includes(value))))
    expect([...(await avgPool2d(x, options).data())]).toEqual(mean)
  })

  test('not by a stride or more', () => {
    configure({ backend })
    const x = tensor([[[[1, 2, 3, 4]]]])
    expect(() => maxPool2d(x, { kernel: [3, 2], stride: 2, ceilMode: true })).toThrow(
      'maxPool2d: the window exceeds the padded input: 3 over 1: input [1,1,1,4]',
    )
  })
})
