// Twenty steps of each optimizer with each of its options as PyTorch takes them (Lion and LAMB: as their
// papers say), and its moments at the end.
import { add, configure, type Parameter, type Tensor } from '@badak/tensor'
import {
  Adadelta,
  AdaGrad,
  Adam,
  Adamax,
  AdamW,
  LAMB,
  Lion,
  NAdam,
  type Optimizer,
  RAdam,
  RMSprop,
  SGD,
} from '@badak/optimizers'
import { describe, expect, test } from 'vitest'
import { camelCase, cut, deviation, type FloatType, parametersOf, readCases } from './recorded.ts'

interface Problem {
  readonly shapes: readonly (readonly number[])[]
  readonly start: readonly number[]
  readonly targets: readonly number[]
  readonly curvatures: readonly number[]
}

interface Case {
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
  /** Options of the last parameter alone. */
  readonly group: Readonly<Record<string, unknown>>
  readonly trajectory: readonly (readonly number[])[]
  readonly moments: Readonly<Record<string, readonly number[]>>
}

const [problem, ...cases] = readCases('trajectories') as [Problem, ...Case[]]

type Groups = { parameters: Parameter[] }[]
const make: Record<string, (groups: Groups, options: object) => Optimizer> = {
  SGD: (g, o) => new SGD(g, o),
  Adagrad: (g, o) => new AdaGrad(g, o),
  RMSprop: (g, o) => new RMSprop(g, o),
  Adadelta: (g, o) => new Adadelta(g, o),
  Adam: (g, o) => new Adam(g, o),
  AdamW: (g, o) => new AdamW(g, o),
  NAdam: (g, o) => new NAdam(g, o),
  RAdam: (g, o) => new RAdam(g, o),
  Adamax: (g, o) => new Adamax(g, o),
  Lion: (g, o) => new Lion(g, o),
  LAMB: (g, o) => new LAMB(g, o),
}

/** The loss of a step: as in the recording, the second parameter rests at the third and fourth. */
function lossOf(
  parameters: readonly Parameter[],
  targets: Tensor[],
  curvatures: Tensor[],
  step: number,
): Tensor {
  return parameters
    .map((p, i) => p.sub(targets[i]!).square().mul(curvatures[i]!).sum())
    .filter((_, i) => !(i === 1 && (step === 2 || step === 3)))
    .reduce(add)
}

// float64 finds any difference of formulas; float32 is what is used.
const settings: [backend: 'reference' | 'wasm', dtype: FloatType, tolerance: number][] = [
  ['reference', 'float64', 1e-10],
  ['reference', 'float32', 1e-5],
  ['wasm', 'float32', 1e-5],
]

describe.each(settings)('%s, %s', (backend, dtype, tolerance) => {
  const named = cases.map((c) => [`${c.name} ${JSON.stringify(c.options)}`, c] as const)
  test.each(named)('%s', async (_, c) => {
    configure({ backend })
    const [targets, curvatures] = [problem.targets, problem.curvatures].map((values) =>
      cut(values, problem.shapes, dtype),
    ) as [Tensor[], Tensor[]]
    const parameters = parametersOf(cut(problem.start, problem.shapes, dtype))
    const groups = [
      { parameters: parameters.slice(0, 3) },
      { parameters: parameters.slice(3), ...camelCase(c.group) },
    ]
    const optimizer = make[c.name]!(groups, camelCase(c.options))
    expect(c.trajectory.length).toBe(20)
    for (const [step, expected] of c.trajectory.entries()) {
      const loss = lossOf(parameters, targets, curvatures, step)
      ;(c.options['maximize'] ? loss.neg() : loss).backward()
      if (step === 10) for (const group of optimizer.groups) group.lr *= 0.5
      await optimizer.step()
      expect(await deviation(parameters, expected)).toBeLessThan(tolerance)
    }
    const { tensors } = optimizer.stateDict()
    expect(Object.keys(tensors).toSorted()).toEqual(Object.keys(c.moments).toSorted())
    for (const [name, values] of Object.entries(c.moments))
      expect(await deviation([tensors[name]!], values)).toBeLessThan(tolerance)
  })
})
