import { expect, test } from 'vitest'
import { type Scene, scenes } from '../../src/index.ts'

/** The same scenes in Node and in a browser. */
export function sceneSuite(): void {
  test.each([
    ['google', '8e06229d'],
    ['twitter', '6359f198'],
  ] as const)('the scenes of %s are the same on every machine, bit for bit', async (vendor, expected) => {
    const data = await scenes('train', { vendor, size: [96, 112], objects: [0, 6], border: 1, seed: 3 })
    let hash = 0x811c9dc5
    for (let index = 0; index < 40; index++) hash = hashOf(data.get(index), hash)
    expect(hash.toString(16)).toBe(expected)
  })

  test('emoji are loaded from the package itself', async () => {
    const { classes, get } = await scenes('test')
    expect(classes.slice(0, 4)).toEqual(['background', 'face', 'cat', 'dog'])
    expect(get(0).image.data.length).toBe(128 * 128 * 3)
  })
}

/** FNV-1a of all that a scene holds. */
function hashOf({ image, mask, instances, objects, captions }: Scene, start: number): number {
  const text = new TextEncoder().encode(JSON.stringify({ objects, captions }))
  let hash = start
  for (const bytes of [image.data, mask.data, instances.data, text]) {
    for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193)
  }
  return hash >>> 0
}
