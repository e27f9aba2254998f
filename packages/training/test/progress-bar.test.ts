import { Linear } from '@badak/layers'
import { SGD } from '@badak/optimizers'
import { configure } from '@badak/tensor'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { type Callback, fit, type History } from '../src/index.ts'
import { TrainingRun } from '../src/run.ts'
import { formatDuration, progressBar, type ProgressBarOptions } from '../src/terminal.ts'
import { problem } from './problem.ts'

configure({ backend: 'wasm', threads: 1 })
afterEach(() => vi.useRealTimers())

/** What is shown of ten steps of 512 examples in 0.1 s each, the second of five epochs, and what it came to. */
async function show(options: ProgressBarOptions): Promise<string[]> {
  vi.useFakeTimers({ toFake: ['performance'] })
  let text = ''
  const bar = progressBar({ output: { write: (part) => (text += part) }, ...options })
  const model = new Linear(1, 1)
  const optimizer = new SGD(model.parameters(), { lr: 0.1 })
  const run = new TrainingRun(model, optimizer, { epochs: 5, stepsPerEpoch: 10, metrics: {} })
  const step = { loss: 0.25, examples: 512, seconds: 0.1, figures: { accuracy: 0.9876 } }
  // An epoch of another time: it is neither in the means nor in the pace.
  run.history.addStep({ ...step, loss: 100, examples: 1 })
  run.history.finishEpoch({})
  await bar.onStart!(run)
  for (let i = 0; i < 10; i++) {
    vi.advanceTimersByTime(200)
    run.history.addStep(step)
    await bar.onStep!(run, { ...step, step: run.step, lr: 0.1 })
  }
  await bar.onEpochEnd!(run, run.history.finishEpoch({ accuracy: 0.9876, val_loss: 2000, lr: 0.1 }))
  await bar.onEnd!(run)
  return text.split('\n')
}

describe('where there is no terminal', () => {
  test('plain lines at each fifth of an epoch, and one for the epoch', async () => {
    const figures = 'loss 0.2500 · accuracy 0.9876'
    // 200 ms a step: 38 steps are left after the second of the second epoch, and 30 after it.
    const left = ['7.6 s', '7.2 s', '6.8 s', '6.4 s', '6.0 s']
    expect(await show({})).toEqual([
      ...left.map(
        (time, i) =>
          `epoch 2/5  ${String(20 * (i + 1)).padStart(3)} %  ${figures} · 5,120 examples/s · ${time} left`,
      ),
      'epoch 2/5  loss 0.2500 · accuracy 0.9876 · val_loss 2000.00 · 1.0 s',
      '',
    ])
  })

  test('in words of one’s own', async () => {
    const figure = (name: string, value: number) =>
      name === 'loss' ? undefined : `${name.replace('val_', 'test ')} ${value.toFixed(1)}`
    const lines = await show({ unit: 'images', figure })
    expect(lines[0]).toBe('epoch 2/5   20 %  accuracy 1.0 · 5,120 images/s · 7.6 s left')
    expect(lines.at(-2)).toBe('epoch 2/5  accuracy 1.0 · test loss 2000.0 · 1.0 s')
  })

  test('of a training, with what it has measured', async () => {
    const { model, options } = problem(2)
    let text = ''
    const recent: ReturnType<History['recent']>[] = []
    const note: Callback = { name: 'note', onStep: (run) => void recent.push(run.history.recent(50)) }
    const output = { write: (part: string) => (text += part) }
    const { history } = await fit(model, { ...options, callbacks: [progressBar({ output }), note] })
    const lines = text.trimEnd().split('\n')
    expect(lines.length).toBe(2 * 6)
    const { loss, accuracy } = recent[1]!
    expect(lines[0]).toMatch(/^epoch 1\/2 {3}20 % {2}.* · [\d,]+ examples\/s · \d+\.\d s left$/)
    expect(lines[0]).toContain(` loss ${loss!.toFixed(4)} · accuracy ${accuracy!.toFixed(4)} · `)
    const last = history.epochs[1]!
    const told = ['loss', 'accuracy', 'val_loss', 'val_accuracy'].map(
      (name) => `${name} ${last[name]!.toFixed(4)}`,
    )
    expect(lines.at(-1)).toBe(`epoch 2/2  ${told.join(' · ')} · ${formatDuration(last.seconds)}`)
  })
})

test('at a terminal, a bar that goes away', async () => {
  const { model, options } = problem(1)
  let text = ''
  const output = { write: (part: string) => (text += part), isTTY: true, columns: 100 }
  await fit(model, { ...options, callbacks: [progressBar({ output })] })
  expect(text).toContain('━')
  expect(text).toMatch(/epoch 1\/1 {2}loss .*val_loss \d.* s\n$/)
})

test.each([
  ['enough', 'stopped: enough\n'],
  // By a signal: who aborts a training knows it.
  ['aborted', ''],
])('a training that ended before its time: %s', async (reason, line) => {
  const { model, options } = problem(1)
  let text = ''
  const stop: Callback = { name: 'stop', onStep: (run) => run.stop(reason) }
  await fit(model, {
    ...options,
    callbacks: [stop, progressBar({ output: { write: (part) => (text += part) } })],
  })
  expect(text).toBe(line)
})

test('durations as they are shown', () => {
  expect([0, 9.94, 9.95, 59.4, 60, 3725].map(formatDuration)).toEqual([
    '0.0 s',
    '9.9 s',
    '10 s',
    '59 s',
    '1 min 0 s',
    '1 h 2 min',
  ])
})
