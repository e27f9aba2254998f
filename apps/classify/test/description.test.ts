import { expect, test } from 'vitest'
import { type Description, readDescription, writeDescription } from '../src/description.ts'

const description: Description = {
  model: 'lenet',
  options: {},
  classes: ['cat', 'dog'],
  input: { channels: 3, height: 28, width: 28 },
  normalisation: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
  preparation: 'photo',
}

test('a description comes back as it was written', () => {
  expect(readDescription(writeDescription(description))).toEqual(description)
})

test.each<[what: string, part: Record<string, unknown>]>([
  ['model', { model: 5 }],
  ['options', { options: null }],
  ['classes', { classes: [] }],
  ['classes', { classes: ['cat', 3] }],
  ['input.channels', { input: { channels: 2, height: 28, width: 28 } }],
  ['input.height', { input: { channels: 3, height: 1e9, width: 28 } }],
  ['input.width', { input: { channels: 3, height: 28, width: 0.5 } }],
  ['normalisation.mean', { normalisation: { mean: [0], std: [1, 1, 1] } }],
  ['normalisation.std', { normalisation: { mean: [0, 0, 0], std: [1, 0, 1] } }],
  ['preparation', { preparation: 'guess' }],
])('a wrong %s is told', (what, part) => {
  const written = { format: 'badak-classifier 1', classifier: JSON.stringify({ ...description, ...part }) }
  expect(() => readDescription(written)).toThrow(`the description is damaged: ${what}`)
})

test('what is no description is refused', () => {
  expect(() => readDescription({})).toThrow('its metadata has no format "badak-classifier 1"')
  expect(() => readDescription({ format: 'badak-classifier 1', classifier: '{' })).toThrow(
    'the description is no JSON',
  )
  expect(() => readDescription({ format: 'badak-classifier 1', classifier: 'null' })).toThrow(
    'it is no object',
  )
})
