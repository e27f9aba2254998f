import { f32x4 } from '../../assembler/index.ts'
import { asCode, type Transform } from './transforms.ts'

/**
 * A 3×3 convolution of stride 2 by Winograd's minimal filtering. Along one axis, pixels of the padded image
 * at even places 2s meet the taps (w₀, w₂), those at odd places 2s + 1 the tap w₁ alone:
 *
 *     y[t] = w₀ · even[t] + w₂ · even[t + 1]  +  w₁ · odd[t]
 *
 * Both are convolutions of stride 1 with two taps, of which the odd one has a second that is 0. F(4, 2) for
 * the points 0, ±1, 2, ∞ makes 4 results of 5 products,
 *
 *          2 −1 −2  1  0          ½   0           1  1  1  1  0
 *          0 −2 −1  1  0         −½  −½      Aᵀ = 0  1 −1  2  0
 *     Bᵀ = 0  2 −3  1  0     G = −⅙   ⅙           0  1  1  4  0
 *          0 −1  0  1  0          ⅙   ⅓           0  1 −1  8  1
 *          0  2 −1 −2  1          0   1
 *
 * and the odd phase has no product at ∞, which takes the second tap alone. Over both axes a tile of 4 × 4
 * results takes 5 · 5 products of the even phase, 4 · 5 of each mixed one and 4 · 4 of the odd one, 81
 * instead of 144. All of them share the points, so that their sum is transformed back: 16 matrix products
 * run along the channels of four phases, 8 along those of two, and one along those of one.
 *
 * The input gradient is the transposed sum: pixels of one phase are a convolution of the output gradient
 * with the taps (w₂, w₀), those of the other with w₁. The four share the transform of the output gradient,
 * and each of them has its own results. The gradient of the weights is F(2, 4) over the same points: the
 * same Bᵀ, a G of four columns and an Aᵀ of two rows.
 */

const finite: Transform['groups'] = [
  {
    outputs: [0, 3],
    prepare: (x) => [f32x4.sub(x(3), x(1)), f32x4.sub(x(0), x(2))],
    values: (_, m) => [m.add(2, m.q, m.p), asCode(m.p)],
  },
  {
    outputs: [1, 2],
    values: (x, m) => [m.subtract(2, x(1), f32x4.sub(x(3), x(2))), m.add(2, x(1), m.subtract(3, x(2), x(3)))],
  },
]

/** Bᵀ of an odd phase: four pixels, the point ∞ left out. */
export const oddImageTransform: Transform = { inputs: 4, outputs: 4, groups: finite }

/** Bᵀ of an even phase: five pixels. */
export const evenImageTransform: Transform = {
  inputs: 5,
  outputs: 5,
  groups: [
    ...finite,
    { outputs: [4], values: (x, m) => [m.add(2, f32x4.sub(x(1), x(3)), f32x4.sub(x(4), x(2)))] },
  ],
}

/** G: two weights. */
export const evenWeightTransform: Transform = {
  inputs: 2,
  outputs: 5,
  groups: [
    {
      outputs: [0, 1],
      values: (x, m) => [m.times(1 / 2, x(0)), m.times(-1 / 2, f32x4.add(x(0), x(1)))],
    },
    {
      outputs: [2, 3],
      values: (x, m) => [m.times(1 / 6, f32x4.sub(x(1), x(0))), m.times(1 / 6, m.add(2, x(1), x(0)))],
    },
    { outputs: [4], values: (x) => [asCode(x(1))] },
  ],
}

/** G: one weight. */
export const oddWeightTransform: Transform = {
  inputs: 1,
  outputs: 4,
  groups: [
    { outputs: [0, 1], values: (x, m) => [m.times(1 / 2, x(0)), m.times(-1 / 2, x(0))] },
    { outputs: [2, 3], values: (x, m) => [m.times(-1 / 6, x(0)), m.times(1 / 6, x(0))] },
  ],
}

/** G for F(2, 4): four gradients of results. */
export const phaseGradientTransform: Transform = {
  inputs: 4,
  outputs: 5,
  groups: [
    {
      outputs: [1, 2],
      prepare: (x) => [f32x4.add(x(0), x(2)), f32x4.add(x(1), x(3))],
      values: (_, m) => [m.times(-1 / 2, f32x4.add(m.p, m.q)), m.times(1 / 6, f32x4.sub(m.q, m.p))],
    },
    {
      outputs: [3],
      prepare: (x, m) => [m.add(4, x(2), x(0)), m.add(4, x(3), x(1))],
      values: (_, m) => [m.times(1 / 6, m.add(2, m.q, m.p))],
    },
    { outputs: [0, 4], values: (x, m) => [m.times(1 / 2, x(0)), asCode(x(3))] },
  ],
}

function resultTransform(infinite: boolean): Transform {
  return {
    inputs: infinite ? 5 : 4,
    outputs: 4,
    groups: [
      {
        outputs: [0, 2],
        prepare: (x) => [f32x4.add(x(1), x(2)), asCode(x(3))],
        values: (x, m) => [f32x4.add(x(0), f32x4.add(m.p, m.q)), m.add(4, m.q, m.p)],
      },
      {
        outputs: [1, 3],
        prepare: (x) => [f32x4.sub(x(1), x(2)), asCode(x(3))],
        values: (x, m) => [
          m.add(2, m.q, m.p),
          infinite ? f32x4.add(x(4), m.add(8, m.q, m.p)) : m.add(8, m.q, m.p),
        ],
      },
    ],
  }
}

/** Aᵀ: back to four results, of all five points or without ∞. */
export const evenResultTransform = resultTransform(true)
export const oddResultTransform = resultTransform(false)

/** Aᵀ for F(2, 4): back to the gradients of two weights. */
export const evenWeightGradientTransform: Transform = {
  inputs: 5,
  outputs: 2,
  groups: [
    {
      outputs: [0],
      values: (x) => [f32x4.add(f32x4.add(x(0), x(3)), f32x4.add(x(1), x(2)))],
    },
    {
      outputs: [1],
      values: (x, m) => [f32x4.add(x(4), m.add(2, x(3), f32x4.sub(x(1), x(2))))],
    },
  ],
}

/** Aᵀ for F(1, 4): back to the gradient of one weight. */
export const oddWeightGradientTransform: Transform = {
  inputs: 4,
  outputs: 1,
  groups: [evenWeightGradientTransform.groups[0]],
}
