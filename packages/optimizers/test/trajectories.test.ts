// Twelve steps of each optimizer as PyTorch takes them: values after each step, and moments at the end.
import { readFileSync } from 'node:fs'
import { add, configure, Parameter, tensor, type Tensor } from '@badak/tensor'
import { AdaGrad, Adam, SGD } from '@badak/optimizers'
import { describe, expect, test } from 'vitest'
import { backends } from './backends.ts'

interface Recorded {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}

interface Case {
  readonly name: 'SGD' | 'Adagrad' | 'Adam' | 'AdamW'
  readonly options: Readonly<Record<string, never>>
  readonly start: readonly Recorded[]
  readonly targets: readonly Recorded[]
  readonly curvatures: readonly Recorded[]
  readonly trajectory: readonly (readonly (readonly number[])[])[]
  readonly moments: Readonly<Record<string, Recorded>>
}

const { cases } = JSON.parse(
  readFileSync(new URL('fixtures/trajectories.json', import.meta.url), 'utf8'),
) as { cases: Case[] }

const make = {
  SGD: (p: Parameter[], o: object) => new SGD(p, o),
  Adagrad: (p: Parameter[], o: object) => new AdaGrad(p, o),
  Adam: (p: Parameter[], o: object) => new Adam(p, o),
  AdamW: (p: Parameter[], o: object) => new Adam(p, { ...o, decoupledWeightDecay: true }),
}

/** `weight_decay` → `weightDecay` */
function camelCase(options: object): object {
  const camel = (name: string): string =>
    name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [camel(name), value]))
}

function toTensor({ shape, data }: Recorded): Tensor {
  return tensor(Float32Array.from(data), { shape })
}

/** The greatest deviation, relative to values above 1 and absolute below. */
async function deviation(actual: Tensor, expected: readonly number[]): Promise<number> {
  const values = await actual.data()
  return Math.max(...expected.map((value, i) => Math.abs(values[i]! - value) / Math.max(1, Math.abs(value))))
}

const TOLERANCE = 2e-6

describe.each(backends)('%s', (backend) => {
  test.each(cases.map((c) => [`${c.name} ${JSON.stringify(c.options)}`, c] as const))('%s', async (_, c) => {
    configure({ backend })
    const parameters = c.start.map((p) => new Parameter(toTensor(p)))
    const targets = c.targets.map(toTensor)
    const curvatures = c.curvatures.map(toTensor)
    const optimizer = make[c.name](parameters, camelCase(c.options))
    for (const [step, expected] of c.trajectory.entries()) {
      // As in the recording, the second parameter rests at the third step, and the learning rate halves after
      // the sixth.
      const losses = parameters
        .map((p, i) => p.sub(targets[i]!).square().mul(curvatures[i]!).sum())
        .filter((_, i) => !(i === 1 && step === 2))
      losses.reduce(add).backward()
      if (step === 6) optimizer.lr *= 0.5
      await optimizer.step()
      for (const [i, p] of parameters.entries())
        expect(await deviation(p, expected[i]!)).toBeLessThan(TOLERANCE)
    }
    const { tensors } = optimizer.stateDict()
    expect(Object.keys(tensors).toSorted()).toEqual(Object.keys(c.moments).toSorted())
    for (const [name, { data }] of Object.entries(c.moments)) {
      expect(await deviation(tensors[name]!, data)).toBeLessThan(TOLERANCE)
    }
  })
})
