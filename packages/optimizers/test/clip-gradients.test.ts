// Norms and clipped gradients as PyTorch gives them.
import { compile, configure, GraphError, Parameter, type Tensor, tensor, ValueError } from '@badak/tensor'
import { clipGradNorm, clipGradValue, gradNorm, SGD } from '@badak/optimizers'
import { beforeEach, describe, expect, test } from 'vitest'
import { cut, deviation, parametersOf, readCases } from './recorded.ts'

interface Gradients {
  readonly shapes: readonly (readonly number[])[]
  readonly gradients: readonly number[]
}

interface ByNorm {
  readonly max_norm: number
  readonly norm_type?: number | 'Infinity'
  readonly norm: number
  readonly clipped: readonly number[]
}

interface ByValue {
  readonly clip_value: number
  readonly clipped: readonly number[]
}

const recorded = readCases('clipping') as [Gradients, ...ByNorm[], ByValue]
const given = recorded[0]
const byNorm = recorded.slice(1, -1) as ByNorm[]
const byValue = recorded.at(-1) as ByValue

/** Parameters with the recorded gradients. */
function prepare(): Parameter[] {
  const gradients = cut(given.gradients, given.shapes, 'float32')
  const parameters = parametersOf(gradients.map((g) => g.mul(0)))
  parameters.forEach((p, i) => p.mul(gradients[i]!).sum().backward())
  return parameters
}

const gradientsOf = (parameters: readonly Parameter[]): Tensor[] => parameters.map(({ grad }) => grad!)

describe.each(['reference', 'wasm'] as const)('on %s', (backend) => {
  beforeEach(() => configure({ backend }))

  test.each(byNorm)('norm $norm_type, at most $max_norm', async ({ max_norm, norm_type, norm, clipped }) => {
    const parameters = prepare()
    const options = { normType: Number(norm_type ?? 2) }
    const before = gradNorm(parameters, options)
    const given = clipGradNorm(parameters, max_norm, options)
    expect(await deviation([before, given], [norm, norm])).toBeLessThan(1e-6)
    expect(await deviation(gradientsOf(parameters), clipped)).toBeLessThan(1e-6)
  })

  test('values', async () => {
    const parameters = prepare()
    clipGradValue(parameters, byValue.clip_value)
    expect(await deviation(gradientsOf(parameters), byValue.clipped)).toBeLessThan(1e-6)
  })

  // By hand: the gradient (3, 4) has norm 5 and becomes (0.6, 0.8).
  test('belongs to the plan of the step, compiled or not', async () => {
    const run = async (compiled: boolean): Promise<unknown[]> => {
      const w = new Parameter(tensor([0, 0]))
      const optimizer = new SGD([w], { lr: 1 })
      const body = (g: Tensor): Tensor => {
        w.mul(g).sum().backward()
        const norm = clipGradNorm([w], 1)
        void optimizer.step()
        return norm
      }
      const step = compiled ? compile(body) : body
      const norms = [step(tensor([3, 4])), step(tensor([0.3, 0.4]))]
      // Read after the parameters have changed.
      return [...(await Promise.all(norms.map((norm) => norm.item()))), ...(await w.data())]
    }
    for (const compiled of [false, true]) {
      const [first, second, ...w] = await run(compiled)
      expect(first).toBeCloseTo(5, 6)
      expect(second).toBeCloseTo(0.5, 6)
      expect(w[0]).toBeCloseTo(-0.9, 5)
      expect(w[1]).toBeCloseTo(-1.2, 5)
    }
  })
})

test('parameters without a gradient are left out', async () => {
  configure({ backend: 'reference' })
  const [used, unused] = [new Parameter(tensor([3])), new Parameter(tensor([1]))]
  used.mul(-2).sum().backward()
  expect(await clipGradNorm([used, unused], 1).item()).toBe(2)
  expect(unused.grad).toBeUndefined()
})

describe('what is wrong', () => {
  const w = new Parameter(tensor(1))
  test('is no gradient', () => {
    const text = 'no parameter has a gradient: call loss.backward() before it'
    expect(() => clipGradNorm([w], 1)).toThrow(new GraphError(`clipGradNorm: ${text}`))
    expect(() => clipGradValue([w], 1)).toThrow(new GraphError(`clipGradValue: ${text}`))
    expect(() => gradNorm([])).toThrow(new GraphError(`gradNorm: ${text}`))
  })

  test.each([
    [() => clipGradNorm([w], -1), 'clipGradNorm: maxNorm is not a number ≥ 0: -1'],
    [() => clipGradNorm([w], Number.NaN), 'clipGradNorm: maxNorm is not a number ≥ 0: NaN'],
    [() => clipGradValue([w], -1), 'clipGradValue: clipValue is not a number ≥ 0: -1'],
    [() => gradNorm(prepare(), { normType: 0 }), 'gradNorm: normType is not a number > 0: 0'],
  ])('%#', (act, text) => {
    expect(act).toThrow(new ValueError(text))
  })
})
