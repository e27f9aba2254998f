import { configure, type Tensor, tensor } from '@badak/tensor'
import { expect, test } from 'vitest'
import { type Callback, fit, memoryStore } from '../src/index.ts'
import { problem } from './problem.ts'

configure({ backend: 'wasm', threads: 1 })

test('a callback gets back what it remembers, be it tensors alone', async () => {
  const store = memoryStore()
  const restored: object[] = []
  const remember = (name: string, state: object): Callback => ({
    name,
    state: () => state,
    restore: async ({ values, tensors }) => {
      const first: Tensor | undefined = tensors['first']
      restored.push({ name, values, first: await first?.array() })
    },
  })
  const callbacks = [
    remember('nothing', {}),
    remember('values', { values: { a: 1 } }),
    remember('tensors', { tensors: { first: tensor([1, 2]) } }),
  ]
  const stop: Callback = { name: 'stop', onStep: (run) => void (run.step === 4 && run.stop('enough')) }
  const begun = problem()
  await fit(begun.model, { ...begun.options, callbacks: [...callbacks, stop], checkpoint: { store } })
  expect(restored).toEqual([])
  const resumed = problem()
  await fit(resumed.model, { ...resumed.options, callbacks, checkpoint: { store, resume: true } })
  expect(restored).toEqual([
    { name: 'values', values: { a: 1 }, first: undefined },
    { name: 'tensors', values: {}, first: [1, 2] },
  ])
})
