import { describe, expect, test } from 'vitest'
import { Accuracy, fit, memoryStore } from '../src/index.ts'
import { History } from '../src/history.ts'
import { problem } from './problem.ts'

const step = (loss: number, accuracy: number) => ({ loss, examples: 10, seconds: 1, figures: { accuracy } })

test('means are over the present epoch, or its last steps', () => {
  const history = new History()
  for (const loss of [4, 2]) history.addStep(step(loss, 0.5))
  expect(history.finishEpoch({ val_loss: 1 })).toEqual({
    epoch: 1,
    step: 2,
    loss: 3,
    val_loss: 1,
    seconds: 2,
  })
  for (const loss of [8, 1, 3]) history.addStep(step(loss, 1))
  expect(history.recent(50)).toEqual({ loss: 4, accuracy: 1 })
  expect(history.recent(2)).toEqual({ loss: 2, accuracy: 1 })
  expect(history.seconds).toBe(5)
})

test('a figure that comes later has no value before, and keeps its place', () => {
  const history = new History()
  history.addStep({ loss: 1, examples: 1, seconds: 1 })
  history.addStep(step(1, 0.5))
  history.addStep({ loss: 1, examples: 1, seconds: 1 })
  expect(history.figures).toEqual({ accuracy: [NaN, 0.5, NaN] })
})

test('continues where it was written down', () => {
  const history = new History()
  for (const loss of [4, 2, 5]) {
    history.addStep(step(loss, 0.1))
    if (loss === 2) history.finishEpoch({})
  }
  const figures = { accuracy: Float32Array.from(history.figures['accuracy']!) }
  const written = JSON.parse(JSON.stringify(history.written()))
  const restored = History.restore({ losses: Float32Array.from(history.losses), figures }, written)
  for (const each of [history, restored]) each.addStep(step(7, 0.3))
  expect(restored.recent(50)).toEqual(history.recent(50))
  expect(restored.finishEpoch({})).toEqual(history.finishEpoch({}))
  expect([restored.losses, restored.figures]).toEqual([history.losses, history.figures])
})

describe('fit measures the accuracy of each step', () => {
  /** The hits among the examples of a step, as the definition says. */
  const hits = async (accumulate: number) => {
    const { model, options } = problem(1)
    const counted: number[] = []
    const accuracy = new Accuracy()
    let before = 0
    const { history } = await fit(model, {
      ...options,
      accumulate,
      metrics: { accuracy },
      callbacks: [
        {
          name: 'count',
          onStep() {
            const [[total] = []] = accuracy.state
            counted.push(total! - before)
            before = total!
          },
        },
      ],
    })
    return { history, counted }
  }

  test('of one batch', async () => {
    const { history, counted } = await hits(1)
    // 120 examples in batches of 16: the last one has 8.
    const expected = counted.map((count, i) => count / (i < 7 ? 16 : 8))
    expect(history.figures['accuracy']).toEqual(expected)
    expect(history.epochs[0]!['accuracy']).toBe(counted.reduce((sum, count) => sum + count, 0) / 120)
  })

  test('of all batches of an update', async () => {
    const { history, counted } = await hits(3)
    // 48 examples, 48 and 24.
    expect(history.figures['accuracy']).toEqual([48, 48, 24].map((n, i) => Math.fround(counted[i]! / n)))
  })

  test('and a run that goes on has those of before', async () => {
    const store = memoryStore()
    const whole = problem(2)
    const { history } = await fit(whole.model, whole.options)
    const first = problem(2)
    const stop = {
      name: 'stop',
      onStep: (run: { step: number; stop(why: string): void }) => void (run.step === 5 && run.stop('')),
    }
    await fit(first.model, { ...first.options, checkpoint: { store }, callbacks: [stop] })
    const second = problem(2)
    const resumed = await fit(second.model, { ...second.options, checkpoint: { store, resume: true } })
    expect(resumed.history.figures['accuracy']).toHaveLength(16)
    expect(resumed.history.figures).toEqual(history.figures)
  })
})
