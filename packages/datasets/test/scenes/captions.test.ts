import { expect, test } from 'vitest'
import { captionsOf } from '../../src/scenes/captions.ts'
import { dominantColour } from '../../src/scenes/colours.ts'
import { type SceneObject, scenes } from '../../src/index.ts'

const classes = ['background', 'car', 'dog', 'cherry', 'box', 'apple']

function object(label: number, x: number, y: number, colour?: string, size = 20): SceneObject {
  const box = [x - size / 2, y - size / 2, x + size / 2, y + size / 2] as const
  return { label, sprite: '', colour, box, amodalBox: box, area: size * size, visibility: 1 }
}

test('two groups, in several ways', () => {
  expect(captionsOf([object(1, 20, 50, 'red', 40), object(2, 80, 40), object(2, 90, 70)], classes)).toEqual([
    'a red car left of two dogs',
    'two dogs right of a red car',
    'a car left of two dogs',
    'a red car and two dogs',
    'a car and two dogs',
    'there is a car and two dogs',
    'two dogs and a car',
  ])
})

test.each([
  [[object(3, 50, 20), object(3, 50, 30), object(1, 50, 80)], 'two cherries above a car'],
  [[object(4, 50, 80), object(4, 40, 90), object(1, 50, 20)], 'two boxes below a car'],
  [[object(5, 90, 50, 'green', 30), object(2, 10, 50)], 'a green apple right of a dog'],
  [[object(5, 50, 50)], 'an apple'],
  [[object(1, 50, 50, 'orange')], 'an orange car'],
  [[object(1, 50, 50, 'red'), object(1, 9, 9, 'blue')], 'two cars'],
  [[object(1, 50, 50, 'red'), object(1, 9, 9, 'red')], 'two red cars'],
  // One dog is on each side.
  [[object(1, 50, 50, 'red', 40), object(2, 10, 50), object(2, 90, 50)], 'a red car and two dogs'],
  // Too close to say.
  [[object(1, 50, 50, 'red', 40), object(2, 52, 51)], 'a red car and a dog'],
  [
    [object(1, 10, 50, 'red', 40), object(2, 90, 50, undefined, 30), object(4, 50, 50), object(5, 50, 80)],
    'a red car left of a dog, with a box and an apple',
  ],
  [[], 'an empty scene'],
])('%#: %s', (objects, expected) => {
  expect(captionsOf(objects, classes)[0]).toBe(expected)
})

test('captions agree with the positions of what was composed', async () => {
  const data = await scenes('train', { objects: [2, 5], classes: ['car', 'dog', 'heart', 'ball'] })
  let told = 0
  for (let index = 0; index < 120; index++) {
    const { objects, captions } = data.get(index)
    expect(new Set(captions).size).toBe(captions.length)
    for (const caption of captions) {
      const match = /(\w+) (left of|right of|above|below) (.*?)(?:, with .*)?$/.exec(caption)
      if (match === null) continue
      const [, first, relation, rest] = match as unknown as [string, string, string, string]
      const second = rest.split(' ').at(-1)!
      told++
      const of = (word: string): SceneObject[] =>
        objects.filter(({ label }) => word.startsWith(data.classes[label]!))
      const middles = (word: string, axis: 0 | 1): number[] =>
        of(word).map(({ box }) => (box[axis] + box[axis + 2]!) / 2)
      const axis = relation.endsWith('of') ? 0 : 1
      const [a, b] = [middles(first, axis), middles(second, axis)]
      expect([a.length > 0, b.length > 0]).toEqual([true, true])
      const holds =
        relation === 'left of' || relation === 'above'
          ? Math.max(...a) < Math.min(...b)
          : Math.min(...a) > Math.max(...b)
      expect(holds).toBe(true)
    }
  }
  expect(told).toBeGreaterThan(80)
})

test('what a sprite’s colour is called', () => {
  const rgba = (...pixels: readonly (readonly number[])[]): Uint8Array => Uint8Array.from(pixels.flat())
  const [red, blue, clear] = [
    [220, 40, 40, 255],
    [40, 80, 220, 255],
    [0, 255, 0, 10],
  ]
  expect(dominantColour(rgba(red, red, blue))).toBe('red')
  expect(dominantColour(rgba(red, blue, clear, clear, clear))).toBe('red')
  expect(dominantColour(rgba(red, blue, [250, 250, 250, 255]))).toBeUndefined()
  expect(dominantColour(rgba(clear))).toBeUndefined()
})

test.each(['google', 'twitter'] as const)(
  'hearts of %s have the colours that their names say',
  async (vendor) => {
    const data = await scenes('train', { vendor, classes: ['heart'], objects: [1, 5] })
    const seen = new Map<string, string | undefined>()
    for (let index = 0; index < 80; index++)
      for (const { sprite, colour } of data.get(index).objects) seen.set(sprite, colour)
    for (const name of [
      'orange',
      'yellow',
      'green',
      'blue',
      'purple',
      'brown',
      'black',
      'grey',
      'white',
      'pink',
    ]) {
      expect([name, seen.get(`${name}_heart`)]).toEqual([name, name])
    }
    expect(seen.get('heart')).toBe('red')
  },
)
