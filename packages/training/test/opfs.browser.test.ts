import { Linear, meanSquaredError } from '@badak/layers'
import { SGD } from '@badak/optimizers'
import { FormatError, type Tensor, tensor } from '@badak/tensor'
import { expect, test } from 'vitest'
import { fit, opfsStore } from '../src/index.ts'

/** Two batches an epoch; it knows where it stands. */
function batches() {
  let position = 0
  return {
    length: 2,
    state: () => ({ position }),
    restore: (state: object) => void ({ position } = state as { position: number }),
    async *[Symbol.asyncIterator](): AsyncGenerator<{ x: Tensor; t: Tensor }> {
      for (; position < 2;) {
        position++
        yield { x: tensor([[position, 1]]), t: tensor([[1 / position]]) }
      }
      position = 0
    },
  }
}

function training(path: string, stopAt?: number) {
  const model = new Linear(2, 1)
  model.weight.assign(tensor([[0.5, -0.5]]))
  const result = fit(model, {
    data: batches(),
    optimizer: new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 }),
    loss: meanSquaredError,
    epochs: 3,
    checkpoint: { store: opfsStore(path), everySteps: 1, resume: true },
    callbacks: [{ name: 'stop', onStep: (run) => void (run.step === stopAt && run.stop('enough')) }],
  })
  return { model, result }
}

test('a training goes on from the private file system of the browser', async () => {
  const whole = training('runs/whole')
  await whole.result
  const stopped = await training('runs/parts', 3).result
  expect([stopped.stopped, (await opfsStore('runs/parts').names()).toSorted()]).toEqual([
    'enough',
    ['step-2', 'step-3'],
  ])
  const resumed = training('runs/parts')
  const { history } = await resumed.result
  expect(history.losses).toEqual((await whole.result).history.losses)
  expect(await resumed.model.weight.array()).toEqual(await whole.model.weight.array())
})

test('what a first write left behind is no checkpoint; a damaged one is told', async () => {
  const directory = await (
    await navigator.storage.getDirectory()
  ).getDirectoryHandle('damaged', { create: true })
  await directory.getFileHandle('step-7.safetensors', { create: true })
  const store = opfsStore('damaged')
  expect(await store.names()).toEqual([])
  const stream = await (await directory.getFileHandle('step-7.safetensors')).createWritable()
  await stream.write('not a checkpoint')
  await stream.close()
  await expect(store.read('step-7')).rejects.toThrow(FormatError)
  await store.remove('step-7')
  await store.remove('step-7')
  expect(await store.names()).toEqual([])
})
