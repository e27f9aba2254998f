import { type Code, forRange, i32, increase, local, type ModuleBuilder } from '../assembler/index.ts'
import type { Lowering, ModuleRecipe } from '../launch.ts'
import { argumentBlock, readArguments } from './arguments.ts'
import type { Matrix, Product } from './product.ts'

/** Products of int32 matrices, modulo 2³²: three plain loops. */
const integerProductModule: ModuleRecipe = { key: 'contract/integer-product', write: writeIntegerProduct }

const batchAxes = [0, 1, 2, 3] as const
const names = [
  'left',
  'right',
  'result',
  'm',
  'n',
  'k',
  'leftRow',
  'leftDepth',
  'rightDepth',
  'rightColumn',
  'resultRow',
  'resultColumn',
  ...batchAxes.flatMap((axis) => [`size${axis}`, `left${axis}`, `right${axis}`, `result${axis}`] as const),
] as const

/** At most four batch axes. A unit is one row of one matrix. */
export function lowerIntegerProduct({ batch, m, n, k, left, right, result }: Product): Lowering {
  const stride = ({ batch: strides }: Matrix, axis: number) => 4 * (strides[axis] ?? 0)
  const axes = batchAxes.flatMap((axis) => [
    [`size${axis}`, batch[axis] ?? 1],
    [`left${axis}`, stride(left, axis)],
    [`right${axis}`, stride(right, axis)],
    [`result${axis}`, stride(result, axis)],
  ])
  const args = argumentBlock(names, {
    left: left.address,
    right: right.address,
    result: result.address,
    m: m,
    n: n,
    k: k,
    leftRow: 4 * left.row,
    leftDepth: 4 * left.column,
    rightDepth: 4 * right.row,
    rightColumn: 4 * right.column,
    resultRow: 4 * result.row,
    resultColumn: 4 * result.column,
    ...Object.fromEntries(axes),
  })
  const units = batch.reduce((total, size) => total * size, m)
  const grain = Math.max(1, Math.ceil(20_000 / Math.max(1, n * k)))
  return {
    launches: [{ module: integerProductModule, entry: 'multiply', args, units, grain }],
    scratchBytes: 0,
    threadScratchBytes: 0,
  }
}

function writeIntegerProduct(builder: ModuleBuilder): void {
  builder.func({ name: 'multiply', params: ['i32', 'i32', 'i32', 'i32'] }, (locals, block, begin, end) => {
    const { code, words } = readArguments(locals, block, names)
    const [unit, index, row, column, step] = locals.many('i32', 5)
    const [a, b, c, from, to, sum] = locals.many('i32', 6)
    const entry: Code = [
      local.set(a, i32.add(words.left, i32.mul(row, words.leftRow))),
      local.set(b, words.right),
      local.set(c, i32.add(words.result, i32.mul(row, words.resultRow))),
      batchAxes
        .toReversed()
        .map((axis) => [
          local.set(step, i32.rem_u(index, words[`size${axis}`])),
          increase(a, i32.mul(step, words[`left${axis}`])),
          increase(b, i32.mul(step, words[`right${axis}`])),
          increase(c, i32.mul(step, words[`result${axis}`])),
          local.set(index, i32.div_u(index, words[`size${axis}`])),
        ]),
    ]
    return [
      code,
      forRange(unit, begin, end, 1, [
        local.set(row, i32.rem_u(unit, words.m)),
        local.set(index, i32.div_u(unit, words.m)),
        entry,
        forRange(column, 0, words.n, 1, [
          local.set(sum, 0),
          local.set(from, a),
          local.set(to, b),
          forRange(step, 0, words.k, 1, [
            increase(sum, i32.mul(i32.load(from), i32.load(to))),
            increase(from, words.leftDepth),
            increase(to, words.rightDepth),
          ]),
          i32.store(c, sum),
          increase(b, words.rightColumn),
          increase(c, words.resultColumn),
        ]),
      ]),
    ]
  })
}
