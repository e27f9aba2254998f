import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import {
  configure,
  grad,
  GraphError,
  Parameter,
  relu,
  round,
  ShapeError,
  shutdown,
  tanh,
  tensor,
  type Tensor,
  ValueError,
  where,
  withGradientRules,
} from '../src/index.ts'

afterAll(shutdown)

const x = () => tensor([-1.2, 0.3, 0.8, 2.6])
const upstream = () => tensor([1, -2, 3, -4])
const weighed = (f: (x: Tensor) => Tensor) => grad((a: Tensor) => f(a).mul(upstream()).sum())

describe.each(['reference', 'wasm'] as const)('%s', (backend) => {
  beforeEach(() => configure({ backend }))

  test('a rule stands in for the gradient of every call, and only within', async () => {
    const slope = weighed((a) => relu(a))
    const inside = withGradientRules({ relu: (g, _, y) => where(y.greater(0), relu(g), 0) }, () => slope(x()))
    // Springenberg 2014, figure 1: what is positive there and back.
    expect(await inside.array()).toEqual([0, 0, 3, 0])
    expect(await slope(x()).array()).toEqual([0, -2, 3, -4])
  })

  test('values forwards are unchanged, and backward() follows rules, too', async () => {
    const w = new Parameter(x())
    const y = round(w)
    withGradientRules({ round: (g) => g }, () => y.mul(upstream()).sum().backward())
    expect(await y.array()).toEqual([-1, 0, 1, 3])
    expect(await w.grad!.array()).toEqual([1, -2, 3, -4])
  })

  test('inner rules take the place of outer ones, others stay', async () => {
    const both = weighed((a) => round(a).add(relu(a)))
    const result = withGradientRules({ round: (g) => g.mul(10), relu: (g) => g.mul(100) }, () =>
      withGradientRules({ round: (g) => g.mul(1000) }, () => both(x())),
    )
    expect(await result.array()).toEqual([1100, -2200, 3300, -4400])
  })

  test('a rule sees input and output', async () => {
    const seen = weighed((a) => tanh(a))
    const [input, output] = [
      withGradientRules({ tanh: (_, a) => a }, () => seen(x())),
      withGradientRules({ tanh: (_, __, y) => y }, () => seen(x())),
    ]
    expect([...(await input.data())]).toEqual([...(await x().data())])
    expect([...(await output.data())].map((value) => value.toFixed(5))).toEqual(
      [-1.2, 0.3, 0.8, 2.6].map((value) => Math.tanh(value).toFixed(5)),
    )
  })
})

test('rules end with an error, too', async () => {
  expect(() =>
    withGradientRules({ relu: (g) => g }, () => {
      throw new Error('stop')
    }),
  ).toThrow(new Error('stop'))
  expect(await weighed((a) => relu(a))(x()).array()).toEqual([0, -2, 3, -4])
})

test('what is no rule is refused', () => {
  expect(() => withGradientRules({ ReLU: (g: Tensor) => g } as never, () => 0)).toThrow(
    new ValueError(
      'withGradientRules: no elementwise function is called "ReLU": there are abs, atan, ceil, cos, erf, ' +
        'exp, expm1, floor, log, log1p, neg, relu, round, sigmoid, sign, sin, sqrt, tanh',
    ),
  )
  expect(() => withGradientRules({}, () => Promise.resolve(1))).toThrow(
    new GraphError(
      'withGradientRules: the function gave a promise: differentiate inside of it, read the values outside',
    ),
  )
  expect(() => withGradientRules({ relu: (g) => g.sum() }, () => weighed((a) => relu(a))(x()))).toThrow(
    new ShapeError('withGradientRules: the gradient of relu has another shape than its input: [] for [4]'),
  )
})
