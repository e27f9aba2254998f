// What holds for each optimizer, whatever its formula.
import { commit, compile, configure, Parameter, tensor, type Tensor, ValueError } from '@badak/tensor'
import {
  Adadelta,
  Adam,
  Adamax,
  AdamW,
  LAMB,
  Lion,
  NAdam,
  type Optimizer,
  type OptimizerState,
  RAdam,
  RMSprop,
  SGD,
} from '@badak/optimizers'
import { describe, expect, test } from 'vitest'
import { kinds } from './kinds.ts'

const names = Object.keys(kinds)
const backends = ['reference', 'wasm'] as const

const newParameters = (): Parameter[] => [
  new Parameter(tensor([[3, -1, 0.5, 2, -0.25]])),
  new Parameter(tensor([0.3, -0.7])),
]

/** Steps down a bowl; at each third one the second parameter has no gradient. */
function take(steps: number, from: number, parameters: readonly Parameter[], optimizer: Optimizer): void {
  for (let i = from; i < from + steps; i++) {
    const used = i % 3 === 2 ? parameters.slice(0, 1) : parameters
    for (const p of used) p.sub(0.1).square().sum().backward()
    void optimizer.step()
  }
}

const read = async (t: Tensor): Promise<Tensor> =>
  tensor(await t.data(), { shape: t.shape, dtype: t.dtype as never })

/** A state as it comes back from a file. */
async function saved({ tensors, groups }: OptimizerState): Promise<OptimizerState> {
  const entries = Object.entries(tensors).map(async ([name, t]) => [name, await read(t)] as const)
  return {
    tensors: Object.fromEntries(await Promise.all(entries)),
    groups: JSON.parse(JSON.stringify(groups)) as OptimizerState['groups'],
  }
}

const valuesOf = (tensors: readonly Tensor[]): Promise<unknown[]> => Promise.all(tensors.map((t) => t.data()))

describe.each(backends)('on %s', (backend) => {
  test.each(names)('%s goes on bit for bit from its state', async (name) => {
    configure({ backend })
    const parameters = newParameters()
    const optimizer = kinds[name]!(parameters)
    take(7, 0, parameters, optimizer)
    optimizer.lr *= 0.7
    await commit()

    const copies = (await Promise.all(parameters.map(read))).map((t) => new Parameter(t))
    const resumed = kinds[name]!(copies)
    resumed.loadStateDict(await saved(optimizer.stateDict()))
    take(6, 7, parameters, optimizer)
    take(6, 7, copies, resumed)
    expect(await valuesOf(copies)).toEqual(await valuesOf(parameters))
    const [ours, theirs] = [await saved(resumed.stateDict()), await saved(optimizer.stateDict())]
    expect(ours.groups).toEqual(theirs.groups)
    expect(await valuesOf(Object.values(ours.tensors))).toEqual(await valuesOf(Object.values(theirs.tensors)))
  })

  test.each(names)('%s is replayed with its step count and the options of the moment', async (name) => {
    configure({ backend })
    const run = async (compiled: boolean): Promise<unknown[]> => {
      const parameters = newParameters()
      const optimizer = kinds[name]!(parameters)
      const body = (target: Tensor): void => {
        for (const p of parameters) p.sub(target).square().sum().backward()
        void optimizer.step()
      }
      const step = compiled ? compile(body) : body
      for (let i = 0; i < 9; i++) {
        optimizer.lr *= 0.8
        step(tensor(0.1 * i))
      }
      const { tensors, groups } = optimizer.stateDict()
      expect(groups[0]!['steps']).toEqual([9, 9])
      return valuesOf([...parameters, ...Object.values(tensors)])
    }
    expect(await run(true)).toEqual(await run(false))
  })
})

describe('a state with other options', () => {
  test('brings its moments along', async () => {
    configure({ backend: 'reference' })
    const parameters = newParameters()
    const optimizer = kinds['Adam']!(parameters)
    take(4, 0, parameters, optimizer)
    const copies = (await Promise.all(parameters.map(read))).map((t) => new Parameter(t))
    const plain = new Adam(copies)
    expect(Object.keys(plain.stateDict().tensors)).not.toContain('0.max_exp_avg_sq')
    plain.loadStateDict(await saved(optimizer.stateDict()))
    take(4, 4, parameters, optimizer)
    take(4, 4, copies, plain)
    expect(await valuesOf(copies)).toEqual(await valuesOf(parameters))
  })

  test('holds the moments of options that were set after the last step', async () => {
    configure({ backend: 'reference' })
    const make = (): SGD => new SGD(newParameters())
    const [optimizer, resumed] = [make(), make()]
    optimizer.groups[0]!.momentum = 0.9
    const state = await saved(optimizer.stateDict())
    expect(Object.keys(state.tensors)).toEqual(['0.momentum_buffer', '1.momentum_buffer'])
    resumed.loadStateDict(state)
    expect(resumed.groups[0]!.momentum).toBe(0.9)
  })

  test('leaves behind what it has no use for', async () => {
    configure({ backend: 'reference' })
    const parameters = newParameters()
    const without = new RMSprop(parameters)
    const state = without.stateDict()
    const other = kinds['RMSprop']!(newParameters())
    other.loadStateDict(await saved(state))
    expect(Object.keys(other.stateDict().tensors)).toEqual(['0.square_avg', '1.square_avg'])
  })
})

describe('options out of range', () => {
  const p = new Parameter(tensor(1))
  const rows: [name: string, options: object, text: string][] = [
    ['RMSprop', { alpha: 1 }, 'RMSprop: alpha is not in [0, 1): 1'],
    ['RMSprop', { momentum: -1 }, 'RMSprop: momentum is not a number ≥ 0: -1'],
    ['RMSprop', { eps: -1 }, 'RMSprop: eps is not a number ≥ 0: -1'],
    ['RMSprop', { weightDecay: -1 }, 'RMSprop: weightDecay is not a number ≥ 0: -1'],
    ['Adadelta', { rho: 1.5 }, 'Adadelta: rho is not in [0, 1): 1.5'],
    ['Adadelta', { eps: Number.NaN }, 'Adadelta: eps is not a number ≥ 0: NaN'],
    ['Adadelta', { weightDecay: -1 }, 'Adadelta: weightDecay is not a number ≥ 0: -1'],
    ['Adam', { betas: [0.9] }, 'Adam: betas are not two numbers: 0.9'],
    ['Adam', { betas: 0.9 }, 'Adam: betas are not two numbers: 0.9'],
    ['AdamW', { betas: [-0.1, 0.9] }, 'AdamW: betas[0] is not in [0, 1): -0.1'],
    ['AdamW', { weightDecay: -1 }, 'AdamW: weightDecay is not a number ≥ 0: -1'],
    ['NAdam', { momentumDecay: -1 }, 'NAdam: momentumDecay is not a number ≥ 0: -1'],
    ['NAdam', { betas: [0.9, 1] }, 'NAdam: betas[1] is not in [0, 1): 1'],
    ['RAdam', { eps: -1 }, 'RAdam: eps is not a number ≥ 0: -1'],
    ['RAdam', { lr: 0 }, 'RAdam: lr is not a number > 0: 0'],
    ['Adamax', { betas: [1, 0.9] }, 'Adamax: betas[0] is not in [0, 1): 1'],
    ['Adamax', { eps: -1 }, 'Adamax: eps is not a number ≥ 0: -1'],
    ['Lion', { betas: [0.9, 2] }, 'Lion: betas[1] is not in [0, 1): 2'],
    ['Lion', { weightDecay: Infinity }, 'Lion: weightDecay is not a number ≥ 0: Infinity'],
    ['LAMB', { eps: -1 }, 'LAMB: eps is not a number ≥ 0: -1'],
    ['LAMB', { weightDecay: -1 }, 'LAMB: weightDecay is not a number ≥ 0: -1'],
  ]
  const classes: Record<string, new (p: readonly Parameter[], options: object) => Optimizer> = {
    RMSprop,
    Adadelta,
    Adam,
    AdamW,
    NAdam,
    RAdam,
    Adamax,
    Lion,
    LAMB,
  }
  test.each(rows)('%s %j', (name, options, text) => {
    expect(() => new classes[name]!([p], options)).toThrow(new ValueError(text))
  })
})
