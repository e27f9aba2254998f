import { Generator, ValueError } from '@badak/tensor'
import { describe, expect, test } from 'vitest'
import { choice, type Dimension, integers, logUniform, uniform } from '../../src/index.ts'

const dimensions: [string, Dimension<number>, number, number][] = [
  ['uniform', uniform(-2, 6), -2, 6],
  ['log', logUniform(1e-6, 1e-2), 1e-6, 1e-2],
  ['integers', integers(3, 7), 3, 7],
  ['choice', choice([16, 32, 64]), 16, 64],
]

describe.each(dimensions)('%s', (_, dimension, low, high) => {
  test('has its ends, and finds its values again', () => {
    expect([dimension.at(0), dimension.at(1)]).toEqual([low, high])
    for (let i = 0; i <= 20; i++) {
      const value = dimension.at(i / 20)
      expect(dimension.at(dimension.placeOf(value))).toBeCloseTo(value, 12)
    }
  })
})

test('a logarithmic scale gives every order of magnitude its share', () => {
  const generator = new Generator(1)
  const lr = logUniform(1e-6, 1e-2)
  const counts = [0, 0, 0, 0]
  for (let i = 0; i < 4000; i++) counts[Math.floor(Math.log10(lr.at(generator.uniform())) + 6)]!++
  // 1000 each, within four standard deviations, √(4000·¼·¾) = 27.
  for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(4 * 27.4)
})

test('whole numbers and choices are all alike', () => {
  for (const dimension of [integers(1, 5), choice(['a', 'b', 'c', 'd', 'e'])]) {
    const counts = new Map<unknown, number>()
    for (let i = 0; i < 1000; i++) {
      const value = dimension.at((i + 0.5) / 1000)
      counts.set(value, (counts.get(value) ?? 0) + 1)
    }
    expect([...counts.values()]).toEqual([200, 200, 200, 200, 200])
  }
})

test('what is no range is refused', () => {
  expect(() => uniform(1, 1)).toThrow(new ValueError('uniform: expected finite low < high: 1, 1'))
  expect(() => logUniform(0, 1)).toThrow(new ValueError('logUniform: low is not a number > 0: 0'))
  expect(() => integers(0, 1.5)).toThrow(new ValueError('integers: bounds are not integers: 0, 1.5'))
  expect(() => choice([])).toThrow(new ValueError('choice: there are no values'))
})
