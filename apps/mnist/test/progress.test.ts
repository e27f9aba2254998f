import { expect, test } from 'vitest'
import { duration, grouped, percent } from '../src/numbers.ts'
import { createProgress } from '../src/progress.ts'

test('where there is no terminal, plain lines at each fifth of an epoch', () => {
  let text = ''
  const progress = createProgress({ write: (part: string) => (text += part) })
  for (let step = 1; step <= 10; step++) {
    progress.update({
      epoch: 2,
      epochs: 5,
      step,
      steps: 10,
      loss: 0.25,
      accuracy: 0.9876,
      imagesPerSecond: 5120.4,
      secondsLeft: 75,
    })
  }
  progress.log('done')
  progress.stop()
  const numbers = 'loss 0.2500 · accuracy 98.76 % · 5,120 images/s · 1 min 15 s left'
  expect(text.split('\n')).toEqual([
    ...[20, 40, 60, 80, 100].map((n) => `epoch 2/5  ${String(n).padStart(3)} %  ${numbers}`),
    'done',
    '',
  ])
})

test('numbers as they are shown', () => {
  expect([grouped(1234.5), grouped(7)]).toEqual(['1,235', '7'])
  expect([percent(0.98765), percent(1, 0)]).toEqual(['98.77 %', '100 %'])
  expect([0, 9.94, 9.95, 59.4, 60, 3725].map(duration)).toEqual([
    '0.0 s',
    '9.9 s',
    '10 s',
    '59 s',
    '1 min 0 s',
    '1 h 2 min',
  ])
})
