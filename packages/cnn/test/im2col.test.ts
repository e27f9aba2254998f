// Columns of windows as PyTorch's unfold and fold have them, and convolution as their product with the weight.
import { configure, conv2d, grad, tensor, type Tensor } from '@badak/tensor'
import { col2im, im2col, outputSize, type Im2colOptions } from '@badak/cnn'
import { describe, expect, test } from 'vitest'
import { backends } from '../../layers/test/backends.ts'
import { difference, readCases, toTensor, type Recorded } from '../../layers/test/fixture.ts'

interface Im2colCase {
  readonly options: Im2colOptions
  readonly image: Recorded
  readonly columns: Recorded
  readonly given: Recorded
  readonly folded: Recorded
}

const recorded = readCases<Im2colCase>(new URL('fixtures/im2col.json', import.meta.url))

describe.each(backends)('im2col on %s', (backend) => {
  test.each(recorded.map((c) => [JSON.stringify(c.options), c] as const))('%s', async (_, c) => {
    configure({ backend })
    const [, , H, W] = c.image.shape as [number, number, number, number]
    const image = toTensor(c.image)
    const given = toTensor(c.given)
    const columns = im2col(image, c.options)
    const folded = col2im(given, [H, W], c.options)
    expect(await difference(columns, c.columns, 0)).toBe('none')
    expect(await difference(folded, c.folded, 1e-6, 1)).toBe('none')
    // The adjoint: ⟨im2col x, y⟩ = ⟨x, col2im y⟩.
    const inner = async (a: Tensor, b: Tensor): Promise<number> => await a.mul(b).sum().item()
    expect(await inner(columns, given)).toBeCloseTo(await inner(image, folded), 4)
  })
})

/** Sizes of a convolution: image, weight, and how the one slides over the other. */
interface Sizes extends Omit<Im2colOptions, 'kernel'> {
  readonly x: readonly [number, number, number, number]
  readonly w: readonly [number, number, number, number]
  readonly groups?: number
}

const convolutions: readonly Sizes[] = [
  { x: [1, 1, 1, 1], w: [1, 1, 1, 1] },
  { x: [2, 3, 6, 5], w: [4, 3, 1, 1] },
  { x: [2, 3, 6, 5], w: [4, 3, 3, 3] },
  { x: [1, 4, 9, 10], w: [8, 4, 3, 3], padding: 1 },
  { x: [2, 8, 14, 13], w: [12, 8, 3, 3], padding: 1 },
  { x: [2, 8, 13, 14], w: [9, 8, 3, 3], stride: 2, padding: 1 },
  { x: [1, 3, 20, 18], w: [8, 3, 7, 7], stride: 2, padding: 3 },
  { x: [3, 1, 12, 12], w: [5, 1, 5, 5] },
  { x: [1, 2, 7, 8], w: [3, 2, 2, 4], padding: [1, 2] },
  { x: [1, 2, 8, 7], w: [3, 2, 2, 3], stride: [3, 1] },
  { x: [2, 1, 6, 8], w: [4, 1, 2, 2], stride: 2 },
  { x: [1, 2, 9, 9], w: [2, 2, 2, 2], stride: 4 },
  { x: [1, 3, 9, 8], w: [4, 3, 3, 3], dilation: 2 },
  { x: [1, 3, 11, 10], w: [4, 3, 3, 2], dilation: [3, 4], padding: [2, 0] },
  { x: [2, 2, 10, 9], w: [3, 2, 3, 3], stride: 2, padding: 2, dilation: 2 },
  { x: [2, 4, 6, 7], w: [6, 2, 3, 3], padding: 1, groups: 2 },
  { x: [1, 6, 8, 8], w: [9, 2, 3, 2], stride: 2, padding: [1, 0], groups: 3 },
  { x: [1, 6, 8, 7], w: [6, 3, 2, 2], dilation: [2, 1], groups: 2 },
  { x: [2, 5, 7, 6], w: [5, 1, 3, 3], padding: 1, groups: 5 },
  { x: [1, 4, 9, 9], w: [8, 1, 3, 3], stride: 2, padding: 1, groups: 4 },
  { x: [1, 3, 12, 11], w: [3, 1, 5, 5], padding: 4, dilation: 2, groups: 3 },
  { x: [1, 2, 3, 4], w: [3, 2, 3, 4] },
  { x: [1, 2, 2, 2], w: [2, 2, 3, 3], padding: 3 },
  { x: [0, 2, 5, 5], w: [3, 2, 3, 3] },
]

/** Convolution by the book: each group's weight times the columns of its channels. */
function byColumns(
  x: Tensor,
  weight: Tensor,
  { groups = 1, stride = 1, padding = 0, dilation = 1 }: Sizes,
): Tensor {
  const [O, perGroup, KH, KW] = weight.shape as [number, number, number, number]
  const [N, , H, W] = x.shape as [number, number, number, number]
  const columns = im2col(x, { kernel: [KH, KW], stride, padding, dilation })
  const depth = perGroup * KH * KW
  const product = weight
    .reshape([groups, O / groups, depth])
    .matmul(columns.reshape([N, groups, depth, columns.shape[2]!]))
  const sizes = outputSize([H, W], { kernel: [KH, KW], stride, padding, dilation })
  return product.reshape([N, O, ...sizes])
}

/** Numbers between −1 and 1. */
function numbers(shape: readonly number[], phase: number): Tensor {
  const count = shape.reduce((a, b) => a * b, 1)
  return tensor(
    Float32Array.from({ length: count }, (_, i) => Math.sin(i * i + phase)),
    { shape },
  )
}

/** Largest difference, in parts of the largest value. */
async function error(actual: Tensor, expected: Tensor): Promise<number> {
  expect(actual.shape).toEqual(expected.shape)
  const [a, b] = [[...(await actual.data())], [...(await expected.data())]]
  const largest = Math.max(1e-30, ...b.map(Math.abs))
  return Math.max(0, ...b.map((value, i) => Math.abs(value - a[i]!))) / largest
}

// Winograd's algorithm errs by up to 2.1e-5 of the largest result; see `conv2d`.
const ways = [
  { backend: 'reference', most: 1e-6 },
  { backend: 'wasm', convolutionAlgorithm: 'direct', most: 2e-6 },
  { backend: 'wasm', convolutionAlgorithm: 'winograd', most: 2.1e-5 },
] as const

describe.each(ways)(
  'im2col times the weight is the convolution: $backend $convolutionAlgorithm',
  ({ most, ...way }) => {
    test.each(convolutions.map((sizes) => [JSON.stringify(sizes), sizes] as const))(
      '%s',
      async (_, sizes) => {
        configure(way)
        const { stride = 1, padding = 0, dilation = 1, groups = 1 } = sizes
        const [x, w] = [numbers(sizes.x, 1), numbers(sizes.w, 2)]
        const fast = (a: Tensor, b: Tensor): Tensor => conv2d(a, b, { stride, padding, dilation, groups })
        const slow = (a: Tensor, b: Tensor): Tensor => byColumns(a, b, sizes)
        expect(await error(fast(x, w), slow(x, w))).toBeLessThanOrEqual(most)
        const upstream = numbers(fast(x, w).shape, 3)
        const gradients = (convolve: typeof fast): Tensor[] =>
          grad((a: Tensor, b: Tensor) => convolve(a, b).mul(upstream).sum(), { argnums: [0, 1] })(x, w)
        const [found, expected] = [gradients(fast), gradients(slow)]
        expect(await error(found[0]!, expected[0]!)).toBeLessThanOrEqual(most)
        expect(await error(found[1]!, expected[1]!)).toBeLessThanOrEqual(most)
      },
    )
  },
)
