import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FormatError, NumericError, ValueError } from '@badak/tensor'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  choice,
  coarseToFine,
  fit,
  gridSearch,
  integers,
  logUniform,
  randomSearch,
  reportTo,
  search,
  type Strategy,
  studyFile,
  successiveHalving,
  treeParzen,
  type Trial,
  uniform,
} from '../../src/index.ts'
import { problem } from '../problem.ts'

const space = { lr: logUniform(1e-6, 1), momentum: uniform(0, 1), size: choice([8, 16, 32]) }

/** Least, 0, at lr = 1e-3, momentum = 0.8, size = 16. */
const bowl = ({ lr, momentum, size }: { lr: number; momentum: number; size: number }): number =>
  (Math.log10(lr) + 3) ** 2 + 4 * (momentum - 0.8) ** 2 + (size === 16 ? 0 : 0.5)

const valuesOf = (trials: readonly Trial[]) =>
  trials.map(({ parameters, value }) => ({ ...parameters, value }))

describe('strategies', () => {
  test('random: the seed decides', async () => {
    const run = (seed: number) => search({ space, objective: bowl, trials: 20, seed })
    const [one, again, other] = [await run(1), await run(1), await run(2)]
    expect(valuesOf(one.trials)).toEqual(valuesOf(again.trials))
    expect(valuesOf(one.trials)).not.toEqual(valuesOf(other.trials))
    expect(one.best!.value).toBe(Math.min(...one.trials.map(({ value }) => value!)))
  })

  test('a grid: every combination once, ends included', async () => {
    const grid = { lr: logUniform(1e-4, 1), layers: integers(1, 2), size: choice(['s', 'l']) }
    const study = await search({ space: grid, objective: ({ lr }) => lr, strategy: gridSearch(3) })
    const found = study.trials.map(
      ({ parameters: { lr, layers, size } }) => `${Number(lr).toFixed(5)} ${layers} ${size}`,
    )
    const expected = ['0.00010', '0.01000', '1.00000'].flatMap((lr) =>
      [1, 2].flatMap((layers) => ['s', 'l'].map((size) => `${lr} ${layers} ${size}`)),
    )
    expect(found.toSorted()).toEqual(expected.toSorted())
  })

  /** The least value that 60 trials find, in the middle of 15 searches. */
  const found = async (strategy: Strategy): Promise<number> => {
    const values: number[] = []
    for (let seed = 0; seed < 15; seed++) {
      const { best } = await search({ space, objective: bowl, strategy, trials: 60, seed })
      values.push(best!.value!)
    }
    return values.toSorted((a, b) => a - b)[7]!
  }

  test.each([
    ['coarse to fine', coarseToFine({ trialsPerRound: 20 })],
    ['tree-structured Parzen', treeParzen()],
  ])('%s finds far less than random search', async (_, strategy) => {
    expect(await found(strategy)).toBeLessThan(0.5 * (await found(randomSearch())))
  })

  test('coarse to fine narrows from round to round', async () => {
    const { trials } = await search({ space, objective: bowl, strategy: coarseToFine(), trials: 80 })
    const width = (round: number) => {
      const logs = trials
        .slice(20 * round, 20 * (round + 1))
        .map(({ parameters }) => Math.log10(Number(parameters['lr'])))
      return Math.max(...logs) - Math.min(...logs)
    }
    expect([width(0) > 4, width(1) < width(0), width(3) < 0.6 * width(1)]).toEqual([true, true, true])
  })
})

describe('successive halving', () => {
  const trial = (number: number, ...values: number[]): Trial => ({
    number,
    parameters: {},
    status: 'running',
    reports: values.map((value, i) => ({ progress: i + 1, value })),
  })
  const pruner = successiveHalving({ reduction: 3 })
  const asked = (progress: number, value: number, own: Trial, others: Trial[]) =>
    pruner.goOn({ progress, value }, own, [own, ...others], 'maximize')

  test('by hand: of those that came to a rung so far, the best third goes on', () => {
    // Alone, or second of two: one of each goes on.
    expect(asked(1, 0.5, trial(0), [])).toBe(true)
    expect(asked(1, 0.4, trial(1), [trial(0, 0.5)])).toBe(false)
    // Of five the best one, ⌊5 / 3⌋; of six the best two.
    const four = [trial(0, 0.1), trial(1, 0.2), trial(2, 0.9), trial(3, 0.3)]
    expect([asked(1, 0.8, trial(4), four), asked(1, 0.95, trial(4), four)]).toEqual([false, true])
    expect(asked(1, 0.8, trial(5), [...four, trial(4, 0.4)])).toBe(true)
    // Between rungs nobody is compared; at the rung of 3, only those that have come so far.
    expect(asked(2, 0, trial(4, 0.95), four)).toBe(true)
    expect(asked(3, 0.5, trial(4, 0.95, 0.5), four)).toBe(true)
    expect(asked(3, 0.5, trial(4, 0.95, 0.5), [...four, trial(5, 0.8, 0.7, 0.6)])).toBe(false)
    expect(asked(1, NaN, trial(4), [])).toBe(false)
  })

  test('saves most of the work, and finds the best', async () => {
    let epochs = 0
    const study = await search({
      space: { quality: uniform(0, 1) },
      direction: 'maximize',
      trials: 40,
      pruner: successiveHalving({ reduction: 3 }),
      objective: async ({ quality }, running) => {
        for (let epoch = 1; epoch <= 27; epoch++) {
          epochs++
          if (!(await running.report(epoch, quality * (1 - 1 / (epoch + 1))))) return NaN
        }
        return quality
      },
    })
    const qualities = study.trials.map(({ parameters }) => Number(parameters['quality']))
    expect(study.best!.parameters['quality']).toBe(Math.max(...qualities))
    expect(epochs).toBeLessThan(0.4 * 40 * 27)
    const pruned = study.trials.filter(({ status }) => status === 'pruned')
    expect(pruned.length).toBeGreaterThan(20)
    for (const { value, reports } of pruned) expect(value).toBe(reports.at(-1)!.value)
  })
})

describe('importance', () => {
  test('is the share of the spread that one explains', async () => {
    const { importance } = await search({ space, objective: ({ lr }) => Math.log(lr), trials: 200 })
    expect(importance['lr']).toBeGreaterThan(0.95)
    expect(importance['momentum']).toBeLessThan(0.1)
    expect(importance['size']).toBeLessThan(0.1)
  })

  test('by hand: two groups of four', async () => {
    const order = [0, 1, 0, 0, 1, 1, 0, 1]
    const study = await search({
      space: { a: choice([0, 1]) },
      strategy: { name: 'given', suggest: ({ number }) => ({ a: order[number] }) as never },
      objective: ({ a }, { number }) => 10 * a + number,
      trials: 8,
    })
    // Ranks 0–3 and 4–7: SS_total 42, SS_between 32, MS_within 10/6; ω² = (32 − 5/3) / (42 + 5/3).
    expect(study.importance['a']).toBeCloseTo((32 - 5 / 3) / (42 + 5 / 3), 12)
  })
})

describe('a study file', () => {
  let root: string
  beforeAll(() => void (root = mkdtempSync(join(tmpdir(), 'badak-search-'))))
  afterAll(() => rmSync(root, { recursive: true }))

  test('goes on where it was cut off, at whatever byte', async () => {
    const whole = join(root, 'whole.jsonl')
    const objective = async (
      parameters: Parameters<typeof bowl>[0],
      trial: { report(p: number, v: number): Promise<boolean> },
    ) => {
      await trial.report(1, bowl(parameters) + 1)
      return bowl(parameters)
    }
    const run = (path: string) =>
      search({ space, objective, strategy: treeParzen({ startup: 4 }), trials: 12, store: studyFile(path) })
    const expected = valuesOf((await run(whole)).trials)
    const text = readFileSync(whole, 'utf8')
    for (let cut = 0; cut <= text.length; cut += 137) {
      const path = join(root, `cut-${cut}.jsonl`)
      writeFileSync(path, text.slice(0, cut))
      expect(valuesOf((await run(path)).trials)).toEqual(expected)
    }
  })

  test('of another search is refused', async () => {
    const store = studyFile(join(root, 'study.jsonl'))
    await search({ space, objective: bowl, trials: 2, store })
    const run = (change: object) => search({ space, objective: bowl, trials: 2, store, ...change })
    await expect(run({ seed: 3 })).rejects.toThrow(
      new FormatError(`search: ${store.name}: is about another seed: 0, not 3`),
    )
    await expect(run({ direction: 'maximize' })).rejects.toThrow(
      new FormatError(`search: ${store.name}: is about another direction: "minimize", not "maximize"`),
    )
    await expect(run({ space: { ...space, lr: uniform(0, 1) } })).rejects.toThrow(/is about another space: /)
    writeFileSync(store.name, 'hello\n')
    await expect(run({})).rejects.toThrow(new FormatError(`search: ${store.name}: line 1 is not JSON`))
    writeFileSync(store.name, '{"format":"x"}\n')
    await expect(run({})).rejects.toThrow(new FormatError(`search: ${store.name}: not a study`))
  })
})

describe('trials that go wrong', () => {
  test('a training that diverged has failed; the search goes on', async () => {
    const objective = ({ momentum }: { momentum: number }): number => {
      if (momentum > 0.5) throw new NumericError('the loss is NaN')
      return momentum
    }
    const study = await search({ space, objective, trials: 20 })
    const failed = study.trials.filter(({ status }) => status === 'failed')
    expect(failed.length).toBeGreaterThan(2)
    expect(failed[0]).toMatchObject({ error: 'the loss is NaN', reports: [] })
    expect(study.ranking.length).toBe(20 - failed.length)
  })

  test('any other error ends the search, and is in the study', async () => {
    const ended: Trial[] = []
    const objective = (_: unknown, { number }: { number: number }): number => {
      if (number === 2) throw new TypeError('a typo')
      return 1
    }
    await expect(
      search({ space, objective, trials: 20, onTrial: (trial) => void ended.push(trial) }),
    ).rejects.toThrow(new TypeError('a typo'))
    expect(ended.map(({ status }) => status)).toEqual(['finished', 'finished', 'failed'])
  })

  test('an abort begins no further trials', async () => {
    const controller = new AbortController()
    const onTrial = ({ number }: Trial) => void (number === 4 && controller.abort())
    const study = await search({ space, objective: bowl, trials: 20, onTrial, signal: controller.signal })
    expect(study.trials.length).toBe(5)
  })

  test.each<[object, string]>([
    [{}, 'search: give either objective or worker'],
    [{ objective: bowl }, 'search: say how many trials: random has no end'],
    [{ objective: bowl, trials: 0 }, 'search: trials is not an integer ≥ 1: 0'],
  ])('%j is refused', async (options, message) => {
    await expect(search({ space, ...options })).rejects.toThrow(new ValueError(message))
  })

  test('no number is no measure', async () => {
    await expect(search({ space, objective: () => 'good' as never, trials: 1 })).rejects.toThrow(
      new ValueError('search: the objective gives no number: good'),
    )
  })

  test('strategies refuse what makes no sense', () => {
    expect(() => gridSearch(1)).toThrow(new ValueError('gridSearch: points is not an integer ≥ 2: 1'))
    expect(() => coarseToFine({ keep: 1 })).toThrow(new ValueError('coarseToFine: keep is not in (0, 1): 1'))
    expect(() => coarseToFine({ trialsPerRound: 1 })).toThrow(ValueError)
    expect(() => treeParzen({ startup: 1 })).toThrow(
      new ValueError('treeParzen: startup is not an integer ≥ 2: 1'),
    )
    expect(() => treeParzen({ good: 0 })).toThrow(new ValueError('treeParzen: good is not in (0, 1): 0'))
    expect(() => treeParzen({ candidates: 0 })).toThrow(ValueError)
    expect(() => successiveHalving({ first: 0 })).toThrow(
      new ValueError('successiveHalving: first is not a number > 0: 0'),
    )
    expect(() => successiveHalving({ reduction: 1 })).toThrow(ValueError)
  })
})

test('a training reports its epochs, and is given up', async () => {
  const study = await search({
    space: { lr: choice([0.02, 1e-7, 1e-6, 1e-5]) },
    direction: 'maximize',
    strategy: gridSearch(),
    pruner: successiveHalving({ first: 2, reduction: 2 }),
    objective: async ({ lr }, trial) => {
      const { model, options } = problem(4)
      options.optimizer.lr = lr
      const { history } = await fit(model, { ...options, callbacks: [reportTo(trial, 'val_accuracy')] })
      return history.epochs.at(-1)!['val_accuracy']!
    },
  })
  expect(study.trials.map(({ reports }) => reports.length)).toContain(2)
  expect(study.best!.reports.length).toBe(4)
  expect(() => reportTo({} as never, 'accuracy')).toThrow(
    new ValueError('reportTo: hyper-parameters are chosen by figures on validation data, val_…: accuracy'),
  )
})
