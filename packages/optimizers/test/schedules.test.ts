// The rates of 60 steps of each schedule as PyTorch gives them.
import { compile, configure, GraphError, Parameter, tensor, ValueError } from '@badak/tensor'
import {
  Adam,
  AdaGrad,
  ChainedScheduler,
  ConstantLR,
  CosineAnnealingLR,
  CosineAnnealingWarmRestarts,
  CyclicLR,
  ExponentialLR,
  LambdaLR,
  LinearLR,
  MultiStepLR,
  OneCycleLR,
  PolynomialLR,
  ReduceLROnPlateau,
  type Schedule,
  type Scheduled,
  type ScheduleState,
  SequentialLR,
  SGD,
  StepLR,
  WarmUpLR,
} from '@badak/optimizers'
import { beforeEach, describe, expect, test } from 'vitest'
import { camelCase, readCases } from './recorded.ts'

interface Case {
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
  readonly optimizer: 'SGD' | 'Adam'
  /** At first, and after each step, for two groups. */
  readonly lrs: readonly (readonly number[])[]
  readonly momenta?: readonly (readonly number[])[]
  readonly metrics?: readonly number[]
}

const cases = readCases('schedules') as Case[]

beforeEach(() => configure({ backend: 'reference' }))

function optimizerOf(kind: Case['optimizer']): SGD | Adam {
  const groups = [0.1, 0.02].map((lr) => ({ parameters: [new Parameter(tensor(0))], lr }))
  return kind === 'Adam' ? new Adam(groups) : new SGD(groups, { momentum: 0.9 })
}

const cycle = { baseLr: 0.01, maxLr: 0.1, stepSizeUp: 5 }
const make: Record<string, (optimizer: Scheduled, options: Record<string, never>) => Schedule> = {
  StepLR: (o, options) => new StepLR(o, options as never),
  MultiStepLR: (o, options) => new MultiStepLR(o, options as never),
  ConstantLR: (o, options) => new ConstantLR(o, options),
  LinearLR: (o, options) => new LinearLR(o, options),
  PolynomialLR: (o, options) => new PolynomialLR(o, options),
  ExponentialLR: (o, options) => new ExponentialLR(o, options as never),
  CosineAnnealingLR: (o, options) => new CosineAnnealingLR(o, options as never),
  CosineAnnealingWarmRestarts: (o, options) => new CosineAnnealingWarmRestarts(o, options as never),
  OneCycleLR: (o, options) => new OneCycleLR(o, options as never),
  CyclicLR: (o, options) => new CyclicLR(o, options as never),
  'CyclicLR scaled by cycle': (o) => new CyclicLR(o, { ...cycle, scaleFn: (x) => 1 / x }),
  'CyclicLR scaled by iteration': (o) =>
    new CyclicLR(o, { ...cycle, scaleFn: (x) => 1 / (x + 1), scaleMode: 'iterations' }),
  LambdaLR: (o) => new LambdaLR(o, { lrLambda: [(t) => 1 / (1 + t), (t) => 0.9 ** t] }),
  WarmUpLR: (o) => new WarmUpLR(o, { steps: 20 }),
  ChainedScheduler: (o) =>
    new ChainedScheduler([
      new ConstantLR(o, { factor: 0.1, totalIters: 10 }),
      new ExponentialLR(o, { gamma: 0.9 }),
      new CosineAnnealingLR(o, { tMax: 25 }),
    ]),
  SequentialLR: (o) =>
    new SequentialLR(
      [
        new LinearLR(o, { startFactor: 0.1, totalIters: 10 }),
        new CosineAnnealingLR(o, { tMax: 20 }),
        new StepLR(o, { stepSize: 4, gamma: 0.5 }),
        new CosineAnnealingWarmRestarts(o, { t0: 6 }),
      ],
      { milestones: [10, 25, 45] },
    ),
}

function optionsOf({ options }: Case): Record<string, never> {
  const { mode, ...rest } = camelCase(options) as Record<string, never> & { mode?: string }
  return mode ? { ...rest, mode: mode.replace('exp_range', 'expRange') as never } : rest
}

/** A schedule of a case, and what takes its step t. */
function scheduleOf(
  c: Case,
  optimizer: SGD | Adam,
): [Schedule | ReduceLROnPlateau, step: (t: number) => void] {
  if (c.metrics) {
    const plateau = new ReduceLROnPlateau(optimizer, optionsOf(c))
    return [plateau, (t) => plateau.step(c.metrics![t - 1]!)]
  }
  const schedule = make[c.name]!(optimizer, optionsOf(c))
  return [schedule, () => schedule.step()]
}

function momentaOf(optimizer: SGD | Adam): number[] {
  return optimizer.groups.map((group) => ('betas' in group ? group.betas[0] : group.momentum))
}

/** Twelve digits are recorded; where PyTorch has a rate of 1e-17 that should be 0, so may badak. */
function isClose(actual: readonly number[], expected: readonly number[]): boolean {
  return expected.every((value, g) => Math.abs(actual[g]! - value) < 1e-11 * Math.abs(value) + 1e-15)
}

const named = cases.map((c) => [`${c.name} ${JSON.stringify(c.options)} of ${c.optimizer}`, c] as const)

describe('the rates are those of PyTorch', () => {
  test.each(named)('%s', (_, c) => {
    const optimizer = optimizerOf(c.optimizer)
    const untouched = momentaOf(optimizer)
    const [, step] = scheduleOf(c, optimizer)
    expect(c.lrs.length).toBe(61)
    c.lrs.forEach((expected, t) => {
      if (t > 0) step(t)
      expect(
        isClose(
          optimizer.groups.map(({ lr }) => lr),
          expected,
        ),
      ).toBe(true)
      expect(isClose(momentaOf(optimizer), c.momenta?.[t] ?? untouched)).toBe(true)
    })
  })
})

describe('a state dict', () => {
  test.each(named)('resumes %s exactly', (_, c) => {
    const optimizer = optimizerOf(c.optimizer)
    const [schedule, step] = scheduleOf(c, optimizer)
    for (let t = 1; t <= 23; t++) step(t)
    const text = JSON.stringify(schedule.stateDict())
    // Made anew, with whatever making it does to the rates, before the state comes.
    const other = optimizerOf(c.optimizer)
    const [resumed, resumedStep] = scheduleOf(c, other)
    resumed.loadStateDict(JSON.parse(text) as never)
    for (let t = 24; t <= 60; t++) {
      expect(other.groups.map(({ lr }) => lr)).toEqual(optimizer.groups.map(({ lr }) => lr))
      expect(momentaOf(other)).toEqual(momentaOf(optimizer))
      step(t)
      resumedStep(t)
    }
    expect(JSON.stringify(resumed.stateDict())).toBe(JSON.stringify(schedule.stateDict()))
  })

  // Whichever schedule of a sequence is at work, the momentum is the one that it has set.
  test('of a sequence resumes the momentum', () => {
    const make = (optimizer: SGD | Adam): Schedule =>
      new SequentialLR(
        [
          new OneCycleLR(optimizer, { maxLr: 0.5, totalSteps: 10 }),
          new CyclicLR(optimizer, { baseLr: 0.01, maxLr: 0.1, stepSizeUp: 3 }),
        ],
        { milestones: [10] },
      )
    for (const steps of [4, 12]) {
      const [optimizer, other] = [optimizerOf('Adam'), optimizerOf('Adam')]
      const [schedule, resumed] = [make(optimizer), make(other)]
      for (let t = 0; t < steps; t++) schedule.step()
      resumed.loadStateDict(JSON.parse(JSON.stringify(schedule.stateDict())) as ScheduleState)
      expect(momentaOf(other)).toEqual(momentaOf(optimizer))
      expect(resumed.lrs).toEqual(schedule.lrs)
    }
  })

  test('of another kind is refused', () => {
    const optimizer = optimizerOf('SGD')
    const schedule = new StepLR(optimizer, { stepSize: 2 })
    const state = schedule.stateDict()
    const load = (changed: object) => () => schedule.loadStateDict({ ...state, ...changed })
    expect(load({ lastStep: -1 })).toThrow(
      new ValueError('StepLR.loadStateDict: lastStep is not an integer ≥ 0: -1'),
    )
    expect(load({ lrs: [1] })).toThrow(new ValueError('StepLR.loadStateDict: lrs are not 2 numbers: 1'))
    expect(load({ baseLrs: [1, null] })).toThrow(
      new ValueError('StepLR.loadStateDict: baseLrs are not 2 numbers: 1,'),
    )
    const chain = new ChainedScheduler([schedule])
    expect(() => chain.loadStateDict(state)).toThrow(
      new ValueError('ChainedScheduler.loadStateDict: 0 schedules for 1'),
    )
    const cycle = new CyclicLR(optimizer, { baseLr: 0.01, maxLr: 0.1 })
    expect(() => cycle.loadStateDict(state)).toThrow(
      new ValueError('CyclicLR.loadStateDict: momenta are not 2 numbers: '),
    )
    const plateau = new ReduceLROnPlateau(optimizer)
    expect(() => plateau.loadStateDict({ ...plateau.stateDict(), badSteps: 0.5 })).toThrow(
      new ValueError('ReduceLROnPlateau.loadStateDict: badSteps is not an integer ≥ 0: 0.5'),
    )
  })
})

describe('schedules of schedules', () => {
  // By hand: one quarter of 0.1 more with each of four steps, then what the other leaves.
  test('a warm-up is chained before a decay', () => {
    const optimizer = optimizerOf('SGD')
    const schedule = new ChainedScheduler([
      new WarmUpLR(optimizer, { steps: 4 }),
      new MultiStepLR(optimizer, { milestones: [6], gamma: 0.5 }),
    ])
    const seen = Array.from({ length: 7 }, () => {
      const { lr } = optimizer
      schedule.step()
      return lr
    })
    expect(isClose(seen, [0.025, 0.05, 0.075, 0.1, 0.1, 0.1, 0.05])).toBe(true)
  })

  // PyTorch cannot begin a chain in the middle of a sequence.
  test('a chain begins at its milestone', () => {
    const optimizer = optimizerOf('SGD')
    const schedule = new SequentialLR(
      [
        new LinearLR(optimizer, { startFactor: 0.5, totalIters: 2 }),
        new ChainedScheduler([
          new ConstantLR(optimizer, { factor: 0.5, totalIters: 2 }),
          new ExponentialLR(optimizer, { gamma: 0.9 }),
        ]),
      ],
      { milestones: [2] },
    )
    const seen = Array.from({ length: 6 }, () => {
      const { lr } = optimizer
      schedule.step()
      return lr
    })
    expect(isClose(seen, [0.05, 0.075, 0.05, 0.045, 0.081, 0.0729])).toBe(true)
  })
})

describe('in a training loop', () => {
  test('a compiled step sees the rate of each replay', async () => {
    const run = async (compiled: boolean): Promise<Float32Array> => {
      const w = new Parameter(tensor([2, -1]))
      const optimizer = new Adam([w], { lr: 0.1 })
      const schedule = new OneCycleLR(optimizer, { maxLr: 0.2, totalSteps: 8 })
      const body = (): void => {
        w.square().sum().backward()
        void optimizer.step()
      }
      const step = compiled ? compile(body) : body
      for (let i = 0; i < 8; i++) {
        step()
        schedule.step()
      }
      return (await w.data()) as Float32Array
    }
    expect(await run(true)).toEqual(await run(false))
  })

  test('a step inside of a compiled function is an error', () => {
    const optimizer = new SGD([new Parameter(tensor(0))])
    const schedule = new StepLR(optimizer, { stepSize: 1 })
    expect(compile(() => schedule.step())).toThrow(
      new GraphError(
        'StepLR.step: a compiled function would take it once, not at each replay: call it after the function',
      ),
    )
  })
})

describe('what is out of range', () => {
  const o = new SGD([new Parameter(tensor(0))], { lr: 0.1 })
  const step = new StepLR(o, { stepSize: 1 })
  const adaGrad = new AdaGrad([new Parameter(tensor(0))])
  test.each([
    [() => new StepLR(o, { stepSize: 0 }), 'StepLR: stepSize is not an integer ≥ 1: 0'],
    [() => new StepLR(o, { stepSize: 1, gamma: -1 }), 'StepLR: gamma is not a number ≥ 0: -1'],
    [
      () => new MultiStepLR(o, { milestones: [1, 2.5] }),
      'MultiStepLR: milestones[1] is not an integer ≥ 0: 2.5',
    ],
    [() => new ConstantLR(o, { factor: 2 }), 'ConstantLR: factor is not a number in [0, 1]: 2'],
    [() => new ConstantLR(o, { factor: 0 }), 'ConstantLR: factor is 0, from which no rate can rise'],
    [() => new LinearLR(o, { startFactor: 0 }), 'LinearLR: startFactor is 0, from which no rate can rise'],
    [() => new LinearLR(o, { endFactor: -1 }), 'LinearLR: endFactor is not a number in [0, 1]: -1'],
    [() => new LinearLR(o, { totalIters: 0 }), 'LinearLR: totalIters is not an integer ≥ 1: 0'],
    [() => new WarmUpLR(o, { steps: 0 }), 'WarmUpLR: steps is not an integer ≥ 1: 0'],
    [() => new PolynomialLR(o, { power: -1 }), 'PolynomialLR: power is not a number ≥ 0: -1'],
    [() => new ExponentialLR(o, { gamma: Number.NaN }), 'ExponentialLR: gamma is not a number ≥ 0: NaN'],
    [() => new CosineAnnealingLR(o, { tMax: 0 }), 'CosineAnnealingLR: tMax is not an integer ≥ 1: 0'],
    [
      () => new CosineAnnealingWarmRestarts(o, { t0: 5, tMult: 1.5 }),
      'CosineAnnealingWarmRestarts: tMult is not an integer ≥ 1: 1.5',
    ],
    [() => new LambdaLR(o, { lrLambda: [] }), 'LambdaLR: lrLambda has 0 elements for 1 groups'],
    [() => new LambdaLR(o, { lrLambda: () => -1 }), 'LambdaLR: the factor of step 0 is not a number ≥ 0: -1'],
    [() => new OneCycleLR(o, { maxLr: 1 }), 'OneCycleLR: give totalSteps, or epochs and stepsPerEpoch'],
    [
      () => new OneCycleLR(o, { maxLr: 1, epochs: 0, stepsPerEpoch: 3 }),
      'OneCycleLR: epochs is not an integer ≥ 1: 0',
    ],
    [
      () => new OneCycleLR(o, { maxLr: 1, totalSteps: 5, pctStart: 2 }),
      'OneCycleLR: pctStart is not a number in [0, 1]: 2',
    ],
    [
      () => new OneCycleLR(o, { maxLr: 1, totalSteps: 5, divFactor: 0 }),
      'OneCycleLR: divFactor is not a number > 0: 0',
    ],
    [
      () => new OneCycleLR(o, { maxLr: 1, totalSteps: 5, annealStrategy: 'exp' as 'cos' }),
      'OneCycleLR: unknown annealStrategy "exp": expected cos or linear',
    ],
    [
      () => new OneCycleLR(o, { maxLr: [1, 2], totalSteps: 5 }),
      'OneCycleLR: maxLr has 2 elements for 1 groups',
    ],
    [
      () => new OneCycleLR(o, { maxLr: 1, totalSteps: 5, maxMomentum: 1 }),
      'OneCycleLR: a momentum is not in [0, 1): 1',
    ],
    [
      () => new OneCycleLR(adaGrad, { maxLr: 1, totalSteps: 5 }),
      'OneCycleLR: the optimizer has no momentum to cycle: set cycleMomentum to false',
    ],
    [
      () => new CyclicLR(o, { baseLr: 0, maxLr: 1, stepSizeUp: 0 }),
      'CyclicLR: stepSizeUp is not an integer ≥ 1: 0',
    ],
    [
      () => new CyclicLR(o, { baseLr: 0, maxLr: 1, mode: 'exp_range' as 'expRange' }),
      'CyclicLR: unknown mode "exp_range": expected triangular or triangular2 or expRange',
    ],
    [() => new ReduceLROnPlateau(o, { factor: 1 }), 'ReduceLROnPlateau: factor is not in [0, 1): 1'],
    [
      () => new ReduceLROnPlateau(o, { patience: -1 }),
      'ReduceLROnPlateau: patience is not an integer ≥ 0: -1',
    ],
    [
      () => new ReduceLROnPlateau(o).step(tensor(1) as unknown as number),
      'ReduceLROnPlateau.step: the metric is not a number (await item()): Tensor [] float32',
    ],
    [() => new ChainedScheduler([]), 'ChainedScheduler: there are no schedules'],
    [
      () => new ChainedScheduler([step, new StepLR(adaGrad, { stepSize: 1 })]),
      'ChainedScheduler: element 1 is of another optimizer than the first',
    ],
    [
      () => new SequentialLR([step, new ReduceLROnPlateau(o) as unknown as Schedule], { milestones: [1] }),
      'SequentialLR: element 1 is no Schedule that steps by itself',
    ],
    [() => new SequentialLR([step, step], { milestones: [] }), 'SequentialLR: 0 milestones for 2 schedules'],
    [
      () => new SequentialLR([step, step, step], { milestones: [4, 4] }),
      'SequentialLR: milestones[1] is not an integer ≥ 5: 4',
    ],
  ])('%#', (act, text) => {
    expect(act).toThrow(new ValueError(text))
  })

  test('a cycle that is over', () => {
    const schedule = new OneCycleLR(new SGD([new Parameter(tensor(0))]), { maxLr: 1, totalSteps: 2 })
    schedule.step()
    schedule.step()
    // The loop of 2 batches ends with this call. (PyTorch goes past the end of the line, below 0.)
    expect(isClose(schedule.lrs, [1 / 25 / 1e4])).toBe(true)
    expect(() => schedule.step()).toThrow(new ValueError('OneCycleLR.step: step 3 of a cycle of 2 steps'))
  })
})
