import {
  configure,
  DTypeError,
  ones,
  Parameter,
  randomNormal,
  seed,
  ShapeError,
  slice,
  tensor,
  ValueError,
  zeros,
  type Tensor,
} from '@badak/tensor'
import {
  Linear,
  MultiHeadAttention,
  positionalEncoding,
  scaledDotProductAttention,
  TransformerDecoder,
  TransformerDecoderLayer,
  TransformerEncoder,
  TransformerEncoderLayer,
} from '@badak/layers'
import { beforeEach, describe, expect, test } from 'vitest'
import { backends } from './backends.ts'

beforeEach(() => configure({ backend: 'reference' }))

const values = async (x: Tensor): Promise<number[]> => Array.from(await x.data())

describe.each(backends)('on %s', (backend) => {
  beforeEach(() => {
    configure({ backend })
    seed(8)
  })

  test('equal scores give the mean of the values', async () => {
    const x = zeros([2, 3])
    const value = tensor([[1], [3]])
    expect(await values(scaledDotProductAttention(x, x, value))).toEqual([2, 2])
    expect(await values(scaledDotProductAttention(x, x, value, { isCausal: true }))).toEqual([1, 2])
  })

  test.each([
    [
      'bool',
      tensor([
        [false, false],
        [true, true],
      ]),
    ],
    [
      'float',
      tensor([
        [-Infinity, -Infinity],
        [0, 0],
      ]),
    ],
  ])('a query that may attend to nothing gets 0 and passes no gradient, %s', async (_, attnMask) => {
    const [query, key, value] = [1, 2, 3].map(() => new Parameter(randomNormal([2, 2])))
    const output = scaledDotProductAttention(query!, key!, value!, { attnMask })
    expect((await values(output)).slice(0, 2)).toEqual([0, 0])
    scaledDotProductAttention(query!, key!, value!, { attnMask }).square().sum().backward()
    const gradients = await Promise.all([query!, key!, value!].map(({ grad }) => values(grad!)))
    expect(gradients.flat().every(Number.isFinite)).toBe(true)
    expect(gradients[0]!.slice(0, 2)).toEqual([0, 0])
    expect(gradients[0]!.slice(2)).not.toContain(0)
  })

  test('an example that is padding throughout gets the bias of the output', async () => {
    const layer = new MultiHeadAttention(4, 2, { batchFirst: true })
    layer.outProj.bias!.assign(tensor([1, 2, 3, 4]))
    const x = new Parameter(randomNormal([2, 3, 4]))
    const keyPaddingMask = tensor([
      [true, true, true],
      [false, false, true],
    ])
    const [output, weights] = layer.forward(x, x, x, { keyPaddingMask })
    expect((await values(output)).slice(0, 12)).toEqual([1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4])
    expect((await values(weights)).slice(0, 9)).toEqual(Array(9).fill(0))
    layer.forward(x, x, x, { keyPaddingMask })[0].square().sum().backward()
    for (const { grad } of [x, ...layer.parameters()])
      expect((await values(grad!)).every(Number.isFinite)).toBe(true)
    expect((await values(x.grad!)).slice(0, 12)).toEqual(Array(12).fill(0))
  })

  test('what comes later has no influence on a causal encoder', async () => {
    const list = [1, 2].map(() => new TransformerEncoderLayer(4, 2, { dimFeedforward: 8, batchFirst: true }))
    const encoder = new TransformerEncoder(list).eval()
    const x = randomNormal([1, 5, 4])
    const whole = encoder.forward(x, { isCausal: true })
    const part = encoder.forward(slice(x, [null, [0, 3]]), { isCausal: true })
    const [long, short] = [await values(whole), await values(part)]
    for (const [k, value] of short.entries()) expect(long[k]).toBeCloseTo(value, 5)
  })

  test('weights are dropped in training', async () => {
    const layer = new MultiHeadAttention(2, 1, { dropout: 0.5 })
    const [, weights] = layer.forward(zeros([20, 1, 2]))
    // By hand: all scores are equal, so a weight is 1/20, doubled where it stays.
    expect(new Set((await values(weights)).map((weight) => Math.round(weight * 1e6) / 1e6))).toEqual(
      new Set([0, 0.1]),
    )
    const [, kept] = layer.eval().forward(zeros([20, 1, 2]))
    expect(Math.min(...(await values(kept)))).toBeCloseTo(0.05, 6)
  })

  test('self-attention is attention to itself', async () => {
    const layer = new MultiHeadAttention(4, 2)
    const x = randomNormal([3, 2, 4])
    const [joint, apart] = [layer.forward(x)[0], layer.forward(x, x.mul(1), x.mul(1))[0]]
    for (const [k, value] of (await values(joint)).entries())
      expect((await values(apart))[k]).toBeCloseTo(value, 5)
  })
})

test('begins with what it is given, in its type', () => {
  const init = (shape: readonly number[]): Tensor => ones(shape, { dtype: 'float64' })
  const layer = new MultiHeadAttention(4, 2, { init, kdim: 3 })
  expect(new Set(layer.parameters().map(({ dtype }) => dtype))).toEqual(new Set(['float64']))
})

test('positions are sines and cosines', async () => {
  // By hand, from the equations of section 3.5.
  const expected = [0, 1, 0, 1, 0].concat(
    [1, 1 / 10_000 ** (2 / 5), 1 / 10_000 ** (4 / 5)]
      .flatMap((angle) => [Math.sin(angle), Math.cos(angle)])
      .slice(0, 5),
  )
  const encoding = positionalEncoding(2, 5)
  expect(encoding.shape).toEqual([2, 5])
  for (const [k, value] of (await values(encoding)).entries()) expect(value).toBeCloseTo(expected[k]!, 6)
  expect((await values(positionalEncoding(2, 4, { base: 100 })))[6]).toBeCloseTo(Math.sin(0.1), 6)
})

test('say what they are and what they cost', () => {
  const options = { dimFeedforward: 6, dropout: 0 }
  expect(new MultiHeadAttention(4, 2).summary([3, 5, 4]).split('\n').slice(1, 3)).toEqual([
    // By hand: 3 · 5 · 4 · 12 for the projections, and twice 5 · 3 · 3 · 4 with the keys and values.
    expect.stringMatching(/^MultiHeadAttention\(4, 2\) +\[3,5,4\] \[5,3,3\] +60 +1,080$/),
    expect.stringMatching(/^out_proj Linear\(4, 4\) +\[3,5,4\] +20 +240$/),
  ])
  const cross = new MultiHeadAttention(4, 2, { kdim: 2, vdim: 3 })
  expect(cross.summary([3, 5, 4], [2, 5, 2], [2, 5, 3]).split('\n')[1]).toMatch(
    // 4 · (60 + 20 + 30), and twice 5 · 3 · 2 · 4.
    / \[3,5,4\] \[5,3,2\] +48 +680$/,
  )
  const encoder = new TransformerEncoder([new TransformerEncoderLayer(4, 2, options)])
  expect(encoder.summary([3, 1, 4])).toContain('layers.0 TransformerEncoderLayer')
  const decoder = new TransformerDecoder([new TransformerDecoderLayer(4, 2, options)])
  expect(decoder.summary([3, 1, 4], [2, 1, 4])).toContain('layers.0 TransformerDecoderLayer')
})

const x = zeros([3, 2, 4])
const layer = new MultiHeadAttention(4, 2)
const expected = 'query, key and value are not [L, N, 4], [S, N, 4] and [S, N, 4]'
const errors: [() => unknown, Error][] = [
  [
    () => scaledDotProductAttention(zeros([2, 3]), zeros([2, 4]), zeros([2, 4])),
    new ShapeError(
      'scaledDotProductAttention: query, key and value are not [..., L, E], [..., S, E] and [..., S, V]: ' +
        '[2,3], [2,4], [2,4]',
    ),
  ],
  [
    () => scaledDotProductAttention(x, x, x, { attnMask: ones([3, 3]).cast('int32') }),
    new DTypeError('scaledDotProductAttention: attnMask is int32: expected bool or a float type'),
  ],
  [
    () => scaledDotProductAttention(x, x, x, { attnMask: zeros([2, 3]) }),
    new ShapeError('scaledDotProductAttention: attnMask does not broadcast to [3,2,2]: [2,3]'),
  ],
  [
    () => scaledDotProductAttention(x, x, x, { dropoutP: 1 }),
    new ValueError('scaledDotProductAttention: the probability is not in [0, 1): 1'),
  ],
  [
    () => scaledDotProductAttention(x, x, x, { scale: Number.NaN }),
    new ValueError('scaledDotProductAttention: scale is not a finite number: NaN'),
  ],
  [
    () => new MultiHeadAttention(0, 1),
    new ValueError('MultiHeadAttention: embedDim is not an integer ≥ 1: 0'),
  ],
  [
    () => new MultiHeadAttention(1, 0),
    new ValueError('MultiHeadAttention: numHeads is not an integer ≥ 1: 0'),
  ],
  [
    () => new MultiHeadAttention(4, 3),
    new ValueError('MultiHeadAttention: 3 heads do not divide 4 features'),
  ],
  [
    () => new MultiHeadAttention(4, 2, { kdim: 0 }),
    new ValueError('MultiHeadAttention: kdim is not an integer ≥ 1: 0'),
  ],
  [
    () => new MultiHeadAttention(4, 2, { dropout: 1 }),
    new ValueError('MultiHeadAttention: the probability is not in [0, 1): 1'),
  ],
  [
    () => layer.forward(zeros([3, 4])),
    new ShapeError(`MultiHeadAttention: ${expected}: [3,4], [3,4], [3,4]`),
  ],
  [
    () => layer.forward(x, zeros([3, 1, 4])),
    new ShapeError(`MultiHeadAttention: ${expected}: [3,2,4], [3,1,4], [3,1,4]`),
  ],
  [
    () => layer.forward(x, x, zeros([2, 2, 4])),
    new ShapeError(`MultiHeadAttention: ${expected}: [3,2,4], [3,2,4], [2,2,4]`),
  ],
  [
    () => new MultiHeadAttention(4, 2, { batchFirst: true, kdim: 3 }).forward(x),
    new ShapeError(
      'MultiHeadAttention: query, key and value are not [N, L, 4], [N, S, 3] and [N, S, 4]: ' +
        '[3,2,4], [3,2,4], [3,2,4]',
    ),
  ],
  [
    () => layer.forward(x, x, x, { keyPaddingMask: zeros([3, 2]) }),
    new ShapeError('MultiHeadAttention: keyPaddingMask is not [2,3]: [3,2]'),
  ],
  [
    () => layer.forward(x, x, x, { attnMask: zeros([3, 2]) }),
    new ShapeError('MultiHeadAttention: attnMask is not [3,3]: [3,2]'),
  ],
  [
    () => layer.forward(x, x, x, { attnMask: zeros([2, 3, 3]) }),
    new ShapeError('MultiHeadAttention: attnMask is not [4,3,3]: [2,3,3]'),
  ],
  [
    () => layer.forward(x, x, x, { attnMask: zeros([3, 3], { dtype: 'uint8' }) }),
    new DTypeError('MultiHeadAttention: attnMask is uint8: expected bool or a float type'),
  ],
  [
    () => new TransformerEncoderLayer(0, 1),
    new ValueError('TransformerEncoderLayer: dModel is not an integer ≥ 1: 0'),
  ],
  [
    () => new TransformerEncoderLayer(4, 2, { dimFeedforward: 0 }),
    new ValueError('TransformerEncoderLayer: dimFeedforward is not an integer ≥ 1: 0'),
  ],
  [
    () => new TransformerDecoderLayer(4, 2, { activation: 'silu' as 'gelu' }),
    new ValueError('TransformerDecoderLayer: unknown activation "silu": expected relu or gelu'),
  ],
  [() => new TransformerEncoder([]), new ValueError('TransformerEncoder: there are no layers')],
  [
    () => new TransformerDecoder([{} as TransformerDecoderLayer]),
    new ValueError('TransformerDecoder: "0" is not a module: object'),
  ],
  [
    () => new TransformerEncoder([new TransformerEncoderLayer(4, 2)], { norm: 1 as unknown as Linear }),
    new ValueError('TransformerEncoder: "norm" is not a module: number'),
  ],
  [() => positionalEncoding(0, 4), new ValueError('positionalEncoding: length is not an integer ≥ 1: 0')],
  [() => positionalEncoding(4, 0), new ValueError('positionalEncoding: dModel is not an integer ≥ 1: 0')],
  [
    () => positionalEncoding(4, 4, { base: 0 }),
    new ValueError('positionalEncoding: base is not a positive number: 0'),
  ],
]

test.each(errors)('error %#', (act, error) => {
  expect(act).toThrow(error)
})
