import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Linear, ReLU, Sequential } from '@badak/layers'
import { Adam, SGD } from '@badak/optimizers'
import { configure, tensor, type Tensor, ValueError } from '@badak/tensor'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  csvLog,
  distributions,
  earlyStopping,
  findLearningRate,
  fit,
  histogramOf,
  jsonlLog,
  tensorBoard,
  timeLimit,
} from '../src/index.ts'
import { bitsOf, problem, wholeEpochs } from './problem.ts'

configure({ backend: 'wasm', threads: 1 })

let root: string
beforeAll(() => void (root = mkdtempSync(join(tmpdir(), 'badak-callbacks-'))))
afterAll(() => rmSync(root, { recursive: true }))
const read = (file: string) => readFileSync(join(root, file), 'utf8')

describe('logs', () => {
  test('a line for each epoch, a line for each step', async () => {
    const { model, options } = problem(2)
    const callbacks = [
      csvLog(join(root, 'a/epochs.csv')),
      jsonlLog(join(root, 'a/steps.jsonl'), { every: 'step' }),
    ]
    const { history } = await fit(model, { ...options, callbacks })
    const [title, ...rows] = read('a/epochs.csv').trimEnd().split('\n')
    const columns = title!.split(',')
    expect(columns).toEqual(Object.keys(history.epochs[0]!))
    expect(rows.map((row) => row.split(',').map(Number))).toEqual(
      history.epochs.map((record) => columns.map((c) => record[c])),
    )
    const lines = read('a/steps.jsonl').trimEnd().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { loss: number }).loss)).toEqual(history.losses)
  })

  test('do not replace a file unless they are told to', async () => {
    const path = join(root, 'mine.csv')
    writeFileSync(path, 'mine')
    const { model, options } = problem(1)
    await expect(fit(model, { ...options, callbacks: [csvLog(path)] })).rejects.toThrow(
      new ValueError(`csvLog: ${path}: is there already: go on from a checkpoint, or set overwrite`),
    )
    expect(read('mine.csv')).toBe('mine')
    await fit(model, { ...options, callbacks: [csvLog(path, { overwrite: true })] })
    expect(read('mine.csv')).toMatch(/^accuracy,/)
  })

  test('a file that has lost lines is told', () => {
    const path = join(root, 'short.jsonl')
    writeFileSync(path, '{}\n')
    expect(() => jsonlLog(path).restore!({ values: { length: 100 }, tensors: {} })).toThrow(
      new ValueError(`jsonlLog: ${path}: has 3 bytes, the checkpoint knew 100`),
    )
    rmSync(path)
    expect(() => jsonlLog(path).restore!({ values: { length: 3 }, tensors: {} })).toThrow(ValueError)
  })
})

test('histograms of activations, gradients and weights, also for TensorBoard', async () => {
  const { model, options } = problem(1)
  const gathered = distributions({ everySteps: 4, bins: 10 })
  const board = tensorBoard(join(root, 'board'), { distributions: gathered })
  await fit(model, { ...options, callbacks: [gathered, board] })
  expect([...new Set(gathered.records.map(({ step }) => step))]).toEqual([4, 8])
  const names = (kind: string) =>
    gathered.records.filter((r) => r.step === 4 && r.kind === kind).map(({ name }) => name)
  const parameters = model.namedParameters().map(([name]) => name)
  expect(names('activation')).toEqual(['0', '1', '2', '3', '4'])
  expect([names('gradient'), names('weight')]).toEqual([parameters, parameters])
  const relu = gathered.records.find(({ kind, name }) => kind === 'activation' && name === '2')!.histogram
  expect([relu.min, relu.count]).toEqual([0, 16 * 16])
  for (const { histogram } of gathered.records)
    expect(histogram.counts.reduce((sum, count) => sum + count, 0)).toBe(histogram.count)
  const [file] = readdirSync(join(root, 'board'))
  expect(file).toMatch(/^events\.out\.tfevents\.\d+\.badak\./)
  const text = readFileSync(join(root, 'board', file!), 'latin1')
  for (const tag of [
    'step/loss',
    'step/lr',
    'epoch/val_accuracy',
    'activation/4',
    'gradient/0.weight',
    'weight/4.bias',
  ])
    expect(text).toContain(tag)
  // No hook stays behind.
  expect(model.modules().some((module) => Object.hasOwn(module, 'forward'))).toBe(false)
})

test('a histogram', () => {
  expect(histogramOf([0, 1, 1, 2, 4, NaN, Infinity], 4)).toEqual({
    min: 0,
    max: 4,
    count: 5,
    sum: 8,
    sumSquares: 22,
    limits: [1, 2, 3, 4],
    counts: [1, 2, 1, 1],
    nonFinite: 2,
  })
  expect(histogramOf([3, 3]).counts).toEqual([2])
  expect(histogramOf([NaN])).toMatchObject({ count: 0, nonFinite: 1, counts: [] })
})

test('a time limit', async () => {
  const { model, options } = problem(1000)
  const { history, stopped } = await fit(model, { ...options, callbacks: [timeLimit(0.05)] })
  expect(stopped).toBe('time limit of 0.05 s')
  expect(history.seconds).toBeGreaterThanOrEqual(0.05)
  expect(
    history.seconds - history.epochs.reduce((sum, { seconds }) => sum + seconds, 0),
  ).toBeGreaterThanOrEqual(0)
})

describe('the learning-rate finder', () => {
  test('finds where the loss falls most steeply, and leaves everything as it was', async () => {
    const { options: usual } = problem()
    const model = new Sequential(new Linear(2, 16), new ReLU(), new Linear(16, 3))
    // All examples at once: no batch is easier than another.
    const options = { ...usual, data: wholeEpochs(), optimizer: new Adam(model.parameters(), { lr: 0.01 }) }
    await fit(model, { ...options, epochs: 3 })
    const before = await bitsOf(model)
    const state = JSON.stringify(options.optimizer.stateDict().groups)
    const { lrs, losses, suggestion } = await findLearningRate(model, {
      ...options,
      from: 1e-5,
      to: 100,
      steps: 60,
    })
    expect([await bitsOf(model), JSON.stringify(options.optimizer.stateDict().groups)]).toEqual([
      before,
      state,
    ])
    expect(lrs[0]).toBeCloseTo(1e-5, 12)
    expect(lrs[1]! / lrs[0]!).toBeCloseTo(1e7 ** (1 / 59), 9)
    expect(losses.length).toBe(lrs.length)
    expect(suggestion).toBeGreaterThan(1e-4)
    expect(suggestion).toBeLessThan(1)
  })

  test('stops where the loss explodes', async () => {
    const model = new Linear(1, 1, { bias: false })
    model.weight.assign(tensor([[2]]))
    const data = [{ x: tensor([[1]]), t: tensor([[0]]) }]
    const squared = (y: Tensor, t: Tensor) => y.sub(t).square().mean()
    const source = {
      [Symbol.asyncIterator]: async function* () {
        yield* data.map(({ x, t }) => ({ x: x.mul(1), t: t.mul(1) }))
      },
    }
    const optimizer = new SGD(model.parameters(), { lr: 0.5 })
    const { lrs } = await findLearningRate(model, {
      data: source,
      optimizer,
      loss: squared,
      from: 1e-3,
      to: 1e6,
      steps: 90,
    })
    // w ← w·(1 − 2·lr) grows once lr > 1.
    expect(lrs.at(-1)).toBeGreaterThan(1)
    expect(lrs.at(-1)).toBeLessThan(1e3)
    expect(await model.weight.array()).toEqual([[2]])
  })

  test('refuses what makes no sense', async () => {
    const { model, options } = problem()
    await expect(findLearningRate(model, { ...options, from: 1, to: 1 })).rejects.toThrow(
      new ValueError('findLearningRate: expected 0 < from < to: 1, 1'),
    )
    await expect(findLearningRate(model, { ...options, steps: 2 })).rejects.toThrow(
      new ValueError('findLearningRate: steps is not an integer ≥ 3: 2'),
    )
    const data = { [Symbol.asyncIterator]: async function* () {} }
    await expect(findLearningRate(model, { ...options, data })).rejects.toThrow(
      new ValueError('findLearningRate: there is no data'),
    )
  })
})

test('what makes no sense is refused', () => {
  expect(() => earlyStopping({ patience: 0 })).toThrow(
    new ValueError('earlyStopping: patience is not an integer ≥ 1: 0'),
  )
  expect(() => earlyStopping({ minDelta: -1 })).toThrow(
    new ValueError('earlyStopping: minDelta is not a number ≥ 0: -1'),
  )
  expect(() => timeLimit(0)).toThrow(new ValueError('timeLimit: seconds is not a number > 0: 0'))
  expect(() => distributions({ everySteps: 0 })).toThrow(
    new ValueError('distributions: everySteps is not an integer ≥ 1: 0'),
  )
})
