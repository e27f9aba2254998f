import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { configure, type Tensor } from '../../src/index.ts'
import { disagreement, toleranceFor } from './compare.ts'
import { binaryOps, reduceOps, unaryOps } from '../../src/graph/scalar.ts'
import {
  evaluateRow,
  evaluateSecond,
  inputTensors,
  outputsOf,
  weightedGradients,
  weightedSum,
} from './evaluate-row.ts'
import { recordedNames, recordedOutcome } from './recorded.ts'
import { inputValues, randomFor, type Row } from './row.ts'
import { table } from './table.ts'

/** PyTorch and the reference backend both compute in float64, by different formulas. */
const DOUBLE = 1e-11
/** Central differences at h = 10⁻⁵ err by h²·f‴/6 and by 10⁻¹⁶·f/h: some 10⁻¹⁰ for functions of size 1. */
const DIFFERENCES = 1e-6

/** The reference backend against PyTorch and against finite differences, in float64. */
export function defineReferenceSuite(): void {
  beforeAll(() => configure({ backend: 'reference' }))
  afterAll(() => configure())

  test('every record belongs to a row', () => {
    expect([...recordedNames].sort()).toEqual(
      table
        .filter(({ recorded }) => recorded)
        .map(({ name }) => name)
        .sort(),
    )
  })

  test('every kind of node and every scalar operation is in the table', () => {
    const used = new Set(
      table.flatMap((row) => [...operationsOf(outputsOf(row, inputTensors(row, 'float32')))]),
    )
    const wanted = [...unaryOps, ...binaryOps, ...reduceOps.map((name) => `reduce ${name}`), ...kinds]
    expect(wanted.filter((name) => !used.has(name))).toEqual([])
  })

  describe('values and gradients are those of PyTorch', () => {
    test.each(table.filter(({ recorded }) => recorded))('$name', async (row) => {
      const want = recordedOutcome(row)
      const got = await evaluateRow(row, 'float64')
      expect(got.outputs).toHaveLength(want.outputs.length)
      want.outputs.forEach((output, k) => {
        expect(
          disagreement(got.outputs[k]!, output, toleranceFor(got.types[k]!, row.tolerance, DOUBLE)),
          `output ${k}`,
        ).toBe('')
      })
      want.gradients.forEach((gradient, k) =>
        expect(disagreement(got.gradients[k]!, gradient, DOUBLE), `gradient ${k}`).toBe(''),
      )
    })
  })

  const differentiable = table.filter(({ gradients }) => gradients.length > 0)

  describe('gradients are those of finite differences', () => {
    test.each(differentiable.filter(({ slope }) => slope))('$name', async (row) => {
      const { gradients } = await evaluateRow(row, 'float64')
      expect(await wrongSlopes(row, weightedSum, gradients)).toEqual([])
    })
  })

  describe('second gradients are those of finite differences', () => {
    test.each(differentiable.filter(({ second, slope }) => second && slope))('$name', async (row) => {
      const { gradients } = await evaluateSecond(row, 'float64')
      expect(await wrongSlopes(row, weightedGradients, gradients)).toEqual([])
    })
  })
}

/**
 * Compares `⟨gradient, d⟩` with `(f(x + h·d) − f(x − h·d)) / 2h` for some random directions d over all inputs
 * at once.
 */
async function wrongSlopes(
  row: Row,
  f: (row: Row, inputs: readonly Tensor[]) => Tensor,
  gradients: readonly ArrayLike<number>[],
): Promise<string[]> {
  const wrong: string[] = []
  const h = 1e-5
  const start = inputValues(row)
  for (let direction = 0; direction < 3; direction++) {
    const random = randomFor(`${row.name} direction ${direction}`)
    const steps = row.gradients.map((position) => start[position]!.map(() => 2 * random() - 1))
    const at = async (sign: number): Promise<number> => {
      const moved = start.map((values) => [...values])
      row.gradients.forEach((position, k) =>
        steps[k]!.forEach((step, e) => (moved[position]![e]! += sign * h * step)),
      )
      return f(row, inputTensors(row, 'float64', moved)).item()
    }
    const slope = ((await at(1)) - (await at(-1))) / (2 * h)
    const terms = steps.flatMap((step, k) => step.map((d, e) => d * gradients[k]![e]!))
    const predicted = terms.reduce((sum, term) => sum + term, 0)
    // What cancels in the sum still adds to its error; a function of size 1 has slopes of size 1.
    const scale = terms.reduce((sum, term) => sum + Math.abs(term), 1)
    if (!(Math.abs(slope - predicted) < DIFFERENCES * scale))
      wrong.push(`slope ${slope}, gradient ${predicted}`)
  }
  return wrong
}

const kinds = [
  'constant',
  'index',
  'where',
  'cast',
  'reshape',
  'permute',
  'expand',
  'slice',
  'pad',
  'concat',
  'argReduce',
  'matmul',
  'convolution',
  'window',
  'gather',
  'scatterAdd',
  'cumulativeSum',
  'argSort',
]

/** The names and kinds of all nodes below some tensors. */
function operationsOf(tensors: readonly Tensor[]): Set<string> {
  const names = new Set<string>()
  const waiting = tensors.map(({ node }) => node)
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    const { op } = node
    names.add(
      op.kind === 'unary' || op.kind === 'binary'
        ? op.name
        : op.kind === 'reduce'
          ? `reduce ${op.name}`
          : op.kind,
    )
    waiting.push(...node.inputs)
  }
  return names
}
