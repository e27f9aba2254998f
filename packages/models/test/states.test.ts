// Numbers of parameters, and names, order and shapes of states as torchvision has them. Nothing is computed.
import { createHash } from 'node:crypto'
import { createModel } from '@badak/models'
import { expect, test } from 'vitest'
import { recorded } from './recorded-case.ts'

test.each(recorded)('%s', (_, c) => {
  const model = createModel(c.name, c.options)
  const states = Object.entries(model.stateDict()).map(([name, { shape }]) => `${name}[${shape.join(',')}]`)
  const count = model.parameters().reduce((sum, { size }) => sum + size, 0)
  const hash = createHash('sha256').update(states.join('\n')).digest('hex')
  expect([count, states.length, hash.slice(0, 16)]).toEqual([c.parameters, c.states, c.stateHash])
})
