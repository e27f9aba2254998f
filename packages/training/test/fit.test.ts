import { Linear, Module, ReLU, Sequential, softmaxCrossEntropy } from '@badak/layers'
import { SGD } from '@badak/optimizers'
import {
  configure,
  full,
  log,
  memory,
  NumericError,
  type Parameter,
  State,
  type Tensor,
  tensor,
  ValueError,
  zeros,
} from '@badak/tensor'
import { beforeEach, describe, expect, test } from 'vitest'
import { Accuracy, type Callback, fit, memoryStore, validate } from '../src/index.ts'
import { bitsOf, problem } from './problem.ts'

describe.each(['reference', 'wasm'] as const)('%s', (backend) => {
  beforeEach(() => configure({ backend }))

  test('learns, and says how it went', async () => {
    const { model, options } = problem(12)
    const { history, stopped } = await fit(model, options)
    expect(stopped).toBeUndefined()
    expect([history.losses.length, history.epochs.length]).toEqual([12 * 8, 12])
    const last = history.epochs.at(-1)!
    expect(Object.keys(last).toSorted()).toEqual(
      ['accuracy', 'epoch', 'loss', 'lr', 'seconds', 'step', 'val_accuracy', 'val_loss'].toSorted(),
    )
    expect(last['val_accuracy']).toBeGreaterThan(0.85)
    expect(last.loss).toBeLessThan(history.epochs[0]!.loss / 2)
    const { validation, ...rest } = options
    expect(await validate(model, validation!, rest)).toEqual({
      loss: last['val_loss'],
      accuracy: last['val_accuracy'],
    })
    expect(model.modules().every(({ training }) => training)).toBe(true)
  })

  test('the loss of an epoch is that of its examples, not of its batches', async () => {
    const { model, options } = problem(1)
    const { history } = await fit(model, options)
    const weights = history.losses.map((_, i) => (i < 7 ? 16 : 8))
    const mean = history.losses.reduce((sum, loss, i) => sum + loss * weights[i]!, 0) / 120
    expect(history.epochs[0]!.loss).toBeCloseTo(mean, 12)
  })
})

describe('gradients of several batches', () => {
  const linear = (weight = [[0.5, -0.25]]) => {
    const model = new Linear(2, 1, { bias: false })
    model.weight.assign(tensor(weight))
    return model
  }
  const squared = (y: Tensor, t: Tensor) => y.sub(t).square().mean()
  const batch = (x: number[][], t: number[][]) => ({ x: tensor(x), t: tensor(t) })
  const source = <B>(batches: readonly B[]) => ({
    length: batches.length,
    [Symbol.asyncIterator]: async function* () {
      yield* batches
    },
  })

  test('are averaged: as one batch of both', async () => {
    const [small, large] = [linear(), linear()]
    const parts = [batch([[1, 2]], [[3]]), batch([[-1, 1]], [[0]])]
    const whole = batch(
      [
        [1, 2],
        [-1, 1],
      ],
      [[3], [0]],
    )
    const shared = { loss: squared, epochs: 3 }
    await fit(small, {
      ...shared,
      data: source(parts),
      optimizer: new SGD(small.parameters(), { lr: 0.125 }),
      accumulate: 2,
    })
    const { history } = await fit(large, {
      ...shared,
      data: source([whole]),
      optimizer: new SGD(large.parameters(), { lr: 0.125 }),
    })
    expect(history.losses.length).toBe(3)
    expect(await small.weight.array()).toEqual(await large.weight.array())
  })

  test('take the memory of one', async () => {
    configure({ backend: 'wasm', threads: 1 })
    const model = new Linear(256, 1024, { bias: false })
    const x = tensor(new Float32Array(256).fill(0.1)).reshape([1, 256])
    const most: number[] = []
    const parts = Array.from({ length: 12 }, () => ({ x: x.mul(1), t: zeros([1, 1024]) }))
    const data = {
      [Symbol.asyncIterator]: async function* () {
        for (const part of parts) {
          most.push(memory().used)
          yield part
        }
      },
    }
    await fit(model, {
      data,
      loss: squared,
      epochs: 1,
      optimizer: new SGD(model.parameters()),
      accumulate: 12,
    })
    // From the third batch on: a weight and a sum of 1 MiB each.
    expect(Math.max(...most.slice(3)) - Math.min(...most.slice(3))).toBeLessThan(2 ** 19)
  })

  test('that are too few at the end of an epoch are an update, too', async () => {
    const model = linear()
    const parts = [batch([[1, 0]], [[0]]), batch([[1, 0]], [[0]]), batch([[0, 1]], [[0]])]
    const { history } = await fit(model, {
      data: source(parts),
      loss: squared,
      epochs: 1,
      optimizer: new SGD(model.parameters(), { lr: 0.5 }),
      accumulate: 2,
    })
    // w₀: 0.5 − 0.5·(2·0.5) = 0; then w₁, with half the weight: −0.25 − 0.5·½·(2·−0.25).
    expect([history.losses, await model.weight.array()]).toEqual([[0.25, 0.0625], [[0, -0.125]]])
  })
})

describe('the order of things', () => {
  test('callbacks, schedules, gradients', async () => {
    const { model, options } = problem(2)
    const seen: string[] = []
    const spy: Callback = {
      name: 'spy',
      onStart: (run) => void seen.push(`start ${run.step}`),
      onEpochStart: (run) => void seen.push(`epoch ${run.epoch}`),
      beforeStep: (run) =>
        void seen.push(`before ${run.step} ${run.model.parameters().every(({ grad }) => grad)}`),
      onStep: async (_, { step, lr }) => void seen.push(`step ${step} ${lr}`),
      onEpochEnd: (run, { epoch, lr }) =>
        void seen.push(`epoch ${epoch} ${lr}, ${Object.keys(run.figures())}`),
      onEnd: (run) => void seen.push(`end ${run.stopped}`),
    }
    const schedule = {
      step: () => (options.optimizer.lr /= 2),
      stateDict: () => ({}),
      loadStateDict: () => undefined,
    }
    let clipped = 0
    const gradients = () => void clipped++
    const stopping: Callback = { name: 'stop', onStep: (run) => void (run.step === 9 && run.stop('enough')) }
    const { stopped } = await fit(model, { ...options, schedule, gradients, callbacks: [spy, stopping] })
    expect([stopped, clipped]).toEqual(['enough', 9])
    expect(seen.filter((line) => !/^(before|step) [1-6] /.test(line))).toEqual([
      'start 0',
      'epoch 0',
      'before 0 true',
      'step 7 0.02',
      'before 7 true',
      'step 8 0.02',
      'epoch 1 0.02, accuracy',
      'epoch 1',
      'before 8 true',
      'step 9 0.01',
      'end enough',
    ])
  })

  test('an abort ends it after the present step', async () => {
    const { model, options } = problem()
    const controller = new AbortController()
    const abort: Callback = { name: 'abort', onStep: (run) => void (run.step === 3 && controller.abort()) }
    const { history, stopped } = await fit(model, {
      ...options,
      signal: controller.signal,
      callbacks: [abort],
    })
    expect([history.losses.length, stopped]).toEqual([3, 'aborted'])
  })
})

describe('a loss that is not finite', () => {
  /** A logarithm, of whatever comes. */
  class Log extends Module {
    forward(x: Tensor): Tensor {
      return log(x)
    }

    override toString(): string {
      return 'Log'
    }
  }

  const failure = async (promise: Promise<unknown>): Promise<string> => {
    const error = await promise.then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(NumericError)
    return (error as Error).message
  }

  test('names the layer, and leaves the model as it was', async () => {
    const { model, options } = problem(50)
    const broken = new Sequential(...model, new Log(), new ReLU())
    const before = await bitsOf(broken)
    const message = await failure(
      fit(broken, { ...options, optimizer: new SGD(broken.parameters(), { lr: 1 }) }),
    )
    expect(message).toMatch(
      /^fit: step 1: the loss is NaN: it arose in layer "5" \(Log\), whose output holds \d+ NaN( and \d+ infinite)? of 48 values$/,
    )
    expect(await bitsOf(broken)).toEqual(before)
  })

  test('of a weight that an update has ruined', async () => {
    const { model, options } = problem(50)
    const gradients = ([first]: readonly Parameter[]) => void (first!.grad = full(first!.shape, Infinity))
    expect(await failure(fit(model, { ...options, gradients }))).toBe(
      'fit: step 2: the loss is NaN: 0.weight holds 32 NaN of 32 values since an earlier update: ' +
        'try a lower learning rate, or clip gradients',
    )
  })

  test('that came with the batch', async () => {
    const { model, options } = problem()
    const bad = tensor([
      [1, NaN],
      [1, 1],
      [1, 1],
    ])
    const data = {
      [Symbol.asyncIterator]: async function* () {
        yield { x: bad, t: tensor([0, 1, 2], { dtype: 'int32' }) }
      },
    }
    expect(await failure(fit(model, { ...options, data }))).toBe(
      'fit: step 1: the loss is NaN: the input of the batch holds 1 NaN of 6 values',
    )
  })

  test('that the loss itself has made', async () => {
    const { model, options } = problem()
    const loss = (y: Tensor) => log(y.mean().mul(0)).neg()
    expect(await failure(fit(model, { ...options, loss }))).toBe(
      'fit: step 1: the loss is Infinity: it arose in the loss, from finite outputs',
    )
  })
})

describe('what does not fit is refused', () => {
  test.each<[object, string]>([
    [{ epochs: 0 }, 'fit: epochs is not an integer ≥ 1: 0'],
    [{ accumulate: 1.5 }, 'fit: accumulate is not an integer ≥ 1: 1.5'],
    [{ callbacks: [{ name: 'a' }, { name: 'a' }] }, 'fit: two callbacks have the name "a"'],
    [{ checkpoint: { store: memoryStore(), keep: 0 } }, 'fit: checkpoint.keep is not an integer ≥ 1: 0'],
    [
      { scheduleMonitor: 'val_los', schedule: {} },
      'fit: scheduleMonitor: an epoch has no "val_los": it has accuracy, val_loss, val_accuracy, lr, epoch, step, loss, seconds',
    ],
    [
      { data: { [Symbol.asyncIterator]: async function* () {} }, checkpoint: { store: memoryStore() } },
      'fit: checkpoints need data that can be resumed, with state() and restore(): a DataLoader has them',
    ],
  ])('%j', async (change, message) => {
    const { model, options } = problem()
    await expect(fit(model, { ...options, ...change })).rejects.toThrow(new ValueError(message))
  })

  test('batches and models of another kind', async () => {
    const { model, options } = problem()
    const data = {
      [Symbol.asyncIterator]: async function* () {
        yield { image: zeros([1]) }
      },
    }
    await expect(fit(model, { ...options, data: data as never })).rejects.toThrow(
      new ValueError(
        'fit: a batch is not { x, t }: say with the option `forward` what is to be done with it',
      ),
    )
    class Two extends Module {
      readonly inner = model
      readonly count = new State(zeros([]))
      forward(x: Tensor) {
        return [x, x]
      }
    }
    await expect(fit(new Two(), options)).rejects.toThrow(
      new ValueError('fit: the model gives no tensor: say with the option `forward` what its output is'),
    )
    await fit(new Two(), {
      ...options,
      metrics: { accuracy: new Accuracy() },
      forward: (outer, { x, t }) => ({ output: (outer as Two).inner.forward(x), target: t }),
      loss: softmaxCrossEntropy,
      epochs: 1,
    })
  })
})
