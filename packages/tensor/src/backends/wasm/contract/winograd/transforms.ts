import {
  type Code,
  f32x4,
  local,
  Local,
  type Locals,
  multiplyAdd,
  negativeMultiplyAdd,
  type Operand,
  type Target,
  v128,
} from '../../assembler/index.ts'
import { transpose4 } from '../pack.ts'

/**
 * The transforms of Winograd's minimal filtering F(4×4, 3×3) (Lavin & Gray 2015, arXiv:1509.09308, section
 * 4.3), for the points 0, ±1, ±2, ∞. With a tile d of 6 × 6 pixels and a kernel g of 3 × 3, the 4 × 4 results
 * are
 *
 *     Y = Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A                    36 products instead of 144
 *
 *          4  0 −5  0  1  0          1  0  0           ¼ −⅙ −⅙  1/24  1/24  0
 *          0 −4 −4  1  1  0          1  1  1      Aᵀ = 0 −⅙  ⅙  1/12 −1/12  0
 *     Bᵀ = 0  4 −4 −1  1  0     G =  1 −1  1           0 −⅙ −⅙   ⅙     ⅙    0
 *          0 −2 −1  2  1  0          1  2  4           0 −⅙  ⅙   ⅓    −⅓    1
 *          0  2 −1 −2  1  0          1 −2  4
 *          0  4  0 −5  0  1          0  0  1
 *
 * Summed over channels, each of the 36 products is a matrix product. What Lavin & Gray divide the rows of G
 * by is in the columns of Aᵀ here: where tiles are few, the weights are what takes time to transform.
 *
 * The gradient of the weights is the minimal filtering F(3×3, 4×4) over the same points: the same Bᵀ for the
 * image, for the 4 × 4 gradients a G of four columns, its rows divided, and an Aᵀ of three rows.
 */
export interface Transform {
  readonly inputs: number
  readonly outputs: number
  /** Outputs that share work, which `prepare` leaves in the two locals p and q. */
  readonly groups: readonly Group[]
}

interface Group {
  readonly outputs: readonly number[]
  readonly prepare?: (x: Input, math: Math4) => readonly [p: Code, q?: Code]
  readonly values: (x: Input, math: Math4) => readonly Code[]
}

type Input = (index: number) => Operand

/** Arithmetic on four numbers, its constants held in locals. */
interface Math4 {
  readonly p: Local
  readonly q: Local
  /** factor · a */
  readonly times: (factor: number, a: Operand) => Code
  /** factor · a + b */
  readonly add: (factor: number, a: Operand, b: Operand) => Code
  /** b − factor · a */
  readonly subtract: (factor: number, a: Operand, b: Operand) => Code
}

const sumAndDifference: Group['values'] = (_, { p, q }) => [f32x4.add(p, q), f32x4.sub(p, q)]

/** Bᵀ: six pixels. */
export const imageTransform: Transform = {
  inputs: 6,
  outputs: 6,
  groups: [
    { outputs: [0], values: (x, m) => [m.add(4, x(0), m.subtract(5, x(2), x(4)))] },
    {
      outputs: [1, 2],
      prepare: (x, m) => [m.subtract(4, x(2), x(4)), m.subtract(4, x(1), x(3))],
      values: sumAndDifference,
    },
    {
      outputs: [3, 4],
      prepare: (x) => [f32x4.sub(x(4), x(2)), f32x4.sub(x(3), x(1))],
      values: (_, m) => [m.add(2, m.q, m.p), m.subtract(2, m.q, m.p)],
    },
    { outputs: [5], values: (x, m) => [m.add(4, x(1), m.subtract(5, x(3), x(5)))] },
  ],
}

/** G: three weights. */
export const weightTransform: Transform = {
  inputs: 3,
  outputs: 6,
  groups: [
    { outputs: [0], values: (x) => [asCode(x(0))] },
    {
      outputs: [1, 2],
      prepare: (x) => [f32x4.add(x(0), x(2))],
      values: (x, { p }) => [f32x4.add(p, x(1)), f32x4.sub(p, x(1))],
    },
    {
      outputs: [3, 4],
      prepare: (x, m) => [m.add(4, x(2), x(0))],
      values: (x, m) => [m.add(2, x(1), m.p), m.subtract(2, x(1), m.p)],
    },
    { outputs: [5], values: (x) => [asCode(x(2))] },
  ],
}

/** G for F(3, 4): four gradients of results. */
export const gradientTransform: Transform = {
  inputs: 4,
  outputs: 6,
  groups: [
    { outputs: [0], values: (x, m) => [m.times(1 / 4, x(0))] },
    {
      outputs: [1, 2],
      prepare: (x, m) => [m.times(-1 / 6, f32x4.add(x(0), x(2))), m.times(-1 / 6, f32x4.add(x(1), x(3)))],
      values: sumAndDifference,
    },
    {
      outputs: [3, 4],
      prepare: (x, m) => [
        m.add(1 / 24, x(0), m.times(1 / 6, x(2))),
        m.add(1 / 12, x(1), m.times(1 / 3, x(3))),
      ],
      values: sumAndDifference,
    },
    { outputs: [5], values: (x) => [asCode(x(3))] },
  ],
}

/** Aᵀ: back to four results. */
export const resultTransform: Transform = {
  inputs: 6,
  outputs: 4,
  groups: [
    {
      outputs: [0, 2],
      prepare: (x, m) => [m.times(-1 / 6, f32x4.add(x(1), x(2))), f32x4.add(x(3), x(4))],
      values: (x, m) => [m.add(1 / 4, x(0), m.add(1 / 24, m.q, m.p)), m.add(1 / 6, m.q, m.p)],
    },
    {
      outputs: [1, 3],
      prepare: (x, m) => [m.times(-1 / 6, f32x4.sub(x(1), x(2))), f32x4.sub(x(3), x(4))],
      values: (x, m) => [m.add(1 / 12, m.q, m.p), f32x4.add(x(5), m.add(1 / 3, m.q, m.p))],
    },
  ],
}

/** Aᵀ for F(3, 4): back to three gradients of weights. */
export const weightGradientTransform: Transform = {
  inputs: 6,
  outputs: 3,
  groups: [
    {
      outputs: [0, 2],
      prepare: (x) => [f32x4.add(x(1), x(2)), f32x4.add(x(3), x(4))],
      values: (x, m) => [f32x4.add(x(0), f32x4.add(m.p, m.q)), f32x4.add(x(5), m.add(4, m.q, m.p))],
    },
    {
      outputs: [1],
      prepare: (x) => [f32x4.sub(x(1), x(2)), f32x4.sub(x(3), x(4))],
      values: (_, m) => [m.add(2, m.q, m.p)],
    },
  ],
}

export function asCode(operand: Operand): Code {
  return operand instanceof Local ? local.get(operand) : (operand as Code)
}

/** A transform of rows and columns, four channels at a time, that keeps to the registers there are. */
export interface Transform2D {
  /** Sets the constants; to be run before `apply`. */
  readonly constants: Code
  /**
   * Code for one tile: `load(i, j)` reads an input; `row(i, produce)` is code for row i of the outputs, in
   * which `produce(store)` computes them, one `store(j, value)` each.
   */
  readonly apply: (
    load: (i: number, j: number) => Operand,
    row: (i: number, produce: (store: (j: number, value: Code) => Code) => Code) => Code,
  ) => Code
}

/** `down` the columns, then `along` the rows. */
export function declareTransform(
  target: Target,
  locals: Locals,
  down: Transform,
  along: Transform = down,
): Transform2D {
  const rows = [locals.many('v128', along.inputs), locals.many('v128', along.inputs)]
  const constants = new Map<number, Local>()
  const constant = (value: number): Local => {
    if (!constants.has(value)) constants.set(value, locals.v128())
    return constants.get(value)!
  }
  const math: Math4 = {
    p: locals.v128(),
    q: locals.v128(),
    times: (factor, a) => f32x4.mul(constant(factor), a),
    add: (factor, a, b) => multiplyAdd(target, constant(factor), a, b),
    subtract: (factor, a, b) => negativeMultiplyAdd(target, constant(factor), a, b),
  }
  const alongOne = (x: Input, store: (index: number, value: Code) => Code): Code =>
    along.groups.map(({ outputs, prepare, values }) => {
      const [p, q] = prepare?.(x, math) ?? []
      return [
        p === undefined ? [] : local.set(math.p, p),
        q === undefined ? [] : local.set(math.q, q),
        values(x, math).map((value, k) => store(outputs[k], value)),
      ]
    })
  const each = Array.from({ length: along.inputs }, (_, index) => index)
  // Down the columns for one or two rows of outputs at a time, then along these rows.
  const apply: Transform2D['apply'] = (load, row) =>
    down.groups.map(({ outputs, prepare, values }) => [
      each.map((j) => {
        const x: Input = (i) => load(i, j)
        const [p, q] = prepare?.(x, math) ?? []
        return [
          p === undefined ? [] : local.set(math.p, p),
          q === undefined ? [] : local.set(math.q, q),
          values(x, math).map((value, k) => local.set(rows[k][j], value)),
        ]
      }),
      outputs.map((i, k) => row(i, (store) => alongOne((j) => rows[k][j], store))),
    ])
  // Written once for nothing, to learn the constants.
  apply(
    () => f32x4.splat(0),
    (_, produce) => produce((_j, value) => value),
  )
  return {
    constants: [...constants].map(([value, held]) =>
      local.set(held, f32x4.const([value, value, value, value])),
    ),
    apply,
  }
}

/** The taps, row by row, of four kernels at `kernels`, turned so that each vector holds one tap. */
export function loadTaps(kernels: readonly Local[], taps: readonly Local[], spare: readonly Local[]): Code {
  // Squares of odd numbers are one more than a multiple of four.
  const last = taps.length - 1
  return [
    Array.from({ length: last / 4 }, (_, group) => [
      kernels.map((kernel, k) => local.set(taps[4 * group + k], v128.load(kernel, 16 * group))),
      transpose4(taps.slice(4 * group, 4 * group + 4), spare),
    ]),
    local.set(taps[last], v128.load32_zero(kernels[0], 4 * last)),
    [1, 2, 3].map((k) => local.set(taps[last], v128.load32_lane(kernels[k], k, taps[last], 4 * last))),
  ]
}
