import { expect, test } from 'vitest'
import { History } from '../src/history.ts'

test('means are over the present epoch, or its last steps', () => {
  const history = new History()
  for (const loss of [4, 2]) history.addStep(loss, 0.5, 1)
  expect(history.finishEpoch(1, 0.75)).toEqual({
    epoch: 1,
    loss: 3,
    accuracy: 0.5,
    testLoss: 1,
    testAccuracy: 0.75,
    seconds: 2,
  })
  for (const loss of [8, 1, 3]) history.addStep(loss, 1, 1)
  expect(history.present()).toEqual({ loss: 4, accuracy: 1 })
  expect(history.present(2)).toEqual({ loss: 2, accuracy: 1 })
  expect(history.present(50)).toEqual({ loss: 4, accuracy: 1 })
  expect(history.totalSeconds).toBe(5)
})

test('continues where it was written down', () => {
  const history = new History()
  for (const loss of [4, 2, 5]) {
    history.addStep(loss, 0.1, 1)
    if (loss === 2) history.finishEpoch(1, 0.75)
  }
  const { losses, accuracies, epochs, finished, seconds } = history
  const written = JSON.parse(JSON.stringify({ losses, accuracies, epochs, finished, seconds }))
  const restored = History.restore(written)
  for (const each of [history, restored]) each.addStep(7, 0.3, 1)
  expect(restored.finishEpoch(1, 1)).toEqual(history.finishEpoch(1, 1))
  expect(restored.losses).toEqual([4, 2, 5, 7])
})
