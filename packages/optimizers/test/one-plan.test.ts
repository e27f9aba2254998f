// A plan takes device memory: if a number that changes made another one, it would be seen there, as it is when a switch
// is thrown. Nothing in this file may become garbage, whose collection would be seen too.
import { add, commit, configure, memory, ones, Parameter, type Tensor } from '@badak/tensor'
import { clipGradNorm, type Optimizer, SGD } from '@badak/optimizers'
import { beforeEach, expect, test } from 'vitest'
import { kinds } from './kinds.ts'

const held: unknown[] = []

beforeEach(() => configure({ backend: 'wasm' }))

/** A step, after which nothing is left of the loss and of what `before` gave. */
async function step(
  parameters: readonly Parameter[],
  optimizer: Optimizer,
  before?: () => Tensor,
): Promise<void> {
  held.push(parameters, optimizer)
  const loss = parameters.map((p) => p.square().sum()).reduce(add)
  loss.backward()
  const more = before?.()
  await optimizer.step()
  more?.dispose()
  loss.dispose()
}

async function used(): Promise<number> {
  await commit()
  return memory().used
}

test.each(Object.keys(kinds))('of %s stays when numbers change', async (name) => {
  // A size of its own: Adam's plan, for example, would do for AdamW.
  const parameters = [new Parameter(ones([50 + Object.keys(kinds).indexOf(name)]))]
  const optimizer = kinds[name]!(parameters)
  const group = optimizer.groups[0] as unknown as { lr: number; [option: string]: unknown }
  // Never 0, at which a factor is left out, with a plan of its own.
  const change = (i: number): void => {
    group.lr *= 0.9
    if ('weightDecay' in group) group['weightDecay'] = 0.01 * (i + 1)
    if ('momentum' in group) group['momentum'] = 0.5 + 0.01 * i
    if ('betas' in group) group['betas'] = [0.5 + 0.01 * i, 0.9 + 0.001 * i]
  }
  change(0)
  for (let i = 0; i < 3; i++) await step(parameters, optimizer)
  const before = await used()
  for (let i = 0; i < 10; i++) {
    change(i)
    await step(parameters, optimizer)
  }
  expect(await used()).toBe(before)
  optimizer.groups[0]!.maximize = true
  await step(parameters, optimizer)
  expect(await used()).toBeGreaterThan(before)
})

test('of clipped gradients stays when the limit changes', async () => {
  const w = new Parameter(ones([7]))
  const optimizer = new SGD([w])
  for (let i = 0; i < 3; i++) await step([w], optimizer, () => clipGradNorm([w], 1))
  const before = await used()
  for (let i = 0; i < 5; i++) await step([w], optimizer, () => clipGradNorm([w], 2 + i))
  expect(await used()).toBe(before)
  await step([w], optimizer, () => clipGradNorm([w], 1, { normType: 1 }))
  expect(await used()).toBeGreaterThan(before)
})
