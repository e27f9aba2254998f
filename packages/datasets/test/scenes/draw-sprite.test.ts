import { expect, test } from 'vitest'
import type { Image } from '@badak/images'
import { drawSprite } from '../../src/scenes/draw-sprite.ts'
import { blend, castShadow } from '../../src/scenes/layers.ts'
import { turnOf } from '../../src/scenes/turn.ts'

const upright = turnOf(0)

function rgba(width: number, height: number, values: readonly number[]): Image {
  return { width, height, channels: 4, data: Uint8Array.from(values) }
}

/** Red, half transparent green; blue, nothing. */
const four = rgba(2, 2, [255, 0, 0, 255, 0, 255, 0, 128, 0, 0, 255, 255, 9, 9, 9, 0])

test('a sprite in its own size, on whole pixels, is itself, with alpha multiplied in', () => {
  const patch = drawSprite(four, { size: 2, turn: upright, mirrored: false, centre: [0, 0] })
  const pixel = (x: number, y: number): number[] => {
    const at = ((y - patch.top) * patch.width + x - patch.left) * 4
    return [...patch.data.subarray(at, at + 4)]
  }
  expect(pixel(-1, -1)).toEqual([255, 0, 0, 1])
  expect(pixel(0, -1)).toEqual([0, 128, 0, Math.fround(128 / 255)])
  expect(pixel(-1, 0)).toEqual([0, 0, 255, 1])
  expect(pixel(0, 0)).toEqual([0, 0, 0, 0])
  // 128/255 is just over a half.
  expect(patch.area).toBe(3)
})

test('half a pixel to the right, each pixel is the mean of two', () => {
  const patch = drawSprite(four, { size: 2, turn: upright, mirrored: false, centre: [0.5, 0] })
  const row = (y: number): number[] => {
    const at = ((y - patch.top) * patch.width - 1 - patch.left) * 4
    return [...patch.data.subarray(at, at + 12)]
  }
  const half = Math.fround(128 / 255 / 2)
  expect(row(-1)).toEqual([127.5, 0, 0, 0.5, 127.5, 64, 0, Math.fround((1 + 128 / 255) / 2), 0, 64, 0, half])
  expect(row(0)).toEqual([0, 0, 127.5, 0.5, 0, 0, 127.5, 0.5, 0, 0, 0, 0])
})

test.each([
  [
    90,
    false,
    [
      [3, 1],
      [4, 2],
    ],
  ],
  [
    180,
    false,
    [
      [4, 3],
      [2, 1],
    ],
  ],
  [
    -90,
    false,
    [
      [2, 4],
      [1, 3],
    ],
  ],
  [
    0,
    true,
    [
      [2, 1],
      [4, 3],
    ],
  ],
] as const)('turned by %d degrees, mirrored: %s', (degrees, mirrored, expected) => {
  const numbered = rgba(2, 2, [1, 0, 0, 255, 2, 0, 0, 255, 3, 0, 0, 255, 4, 0, 0, 255])
  const patch = drawSprite(numbered, { size: 2, turn: turnOf(degrees), mirrored, centre: [0, 0] })
  const red = (x: number, y: number): number =>
    patch.data[((y - patch.top) * patch.width + x - patch.left) * 4]!
  const seen = [
    [red(-1, -1), red(0, -1)],
    [red(-1, 0), red(0, 0)],
  ]
  for (const [y, row] of expected.entries()) {
    for (const [x, value] of row.entries()) expect(seen[y]![x]).toBeCloseTo(value, 5)
  }
})

test('scaling keeps the area and the mean colour, at any size, turn and place', () => {
  // A disc of 64 pixels, red on the left and blue on the right.
  const disc = rgba(
    64,
    64,
    Array.from({ length: 64 * 64 }, (_, i) => {
      const [x, y] = [(i % 64) - 31.5, Math.floor(i / 64) - 31.5]
      return [x < 0 ? 200 : 0, 0, x < 0 ? 0 : 200, x * x + y * y < 30 * 30 ? 255 : 0]
    }).flat(),
  )
  const area = disc.data.filter((value, i) => i % 4 === 3 && value > 0).length
  for (const size of [9, 17.3, 32, 50, 64, 90.5]) {
    for (const degrees of [0, 20, 45, 133]) {
      const turn = turnOf(degrees)
      const { data, area: covered } = drawSprite(disc, { size, turn, mirrored: false, centre: [0.3, 0.8] })
      const sums = [0, 0, 0, 0]
      for (const [i, value] of data.entries()) sums[i % 4]! += value
      const expected = area * (size / 64) ** 2
      expect(Math.abs(sums[3]! / expected - 1)).toBeLessThan(0.03)
      expect(Math.abs(covered / expected - 1)).toBeLessThan(0.1)
      expect(Math.abs(sums[0]! / sums[3]! - 100)).toBeLessThan(3)
      expect(Math.abs(sums[2]! / sums[3]! - 100)).toBeLessThan(3)
    }
  }
})

test('blending and shadows against a hand calculation', () => {
  const canvas = { width: 2, height: 2, pixels: new Float32Array(12).fill(100) }
  // Green at half alpha beside opaque dark red; the second is beyond the edge.
  const data = Float32Array.of(0, 120, 0, 0.5, 9, 0, 0, 1)
  const patch = { left: 0, top: 0, width: 2, height: 1, area: 2, data }
  blend(canvas, patch, 1, 0)
  // 100 · (1 − 0.5) + 120 = 170
  expect([...canvas.pixels]).toEqual([100, 100, 100, 50, 170, 50, 100, 100, 100, 100, 100, 100])
  blend(canvas, patch, 0, 1)
  expect([...canvas.pixels.subarray(6)]).toEqual([50, 170, 50, 9, 0, 0])
  castShadow(canvas, patch, 0, 0, 0.4)
  // 100 · (1 − 0.4 · 0.5) = 80, and 60 % of the pixel beside it.
  const expected = [80, 80, 80, 30, 102, 30]
  for (const [i, value] of expected.entries()) expect(canvas.pixels[i]).toBeCloseTo(value, 4)
})

test('cosine and sine agree with those of Math', () => {
  for (let degrees = -180; degrees <= 360; degrees += 0.25) {
    const { cos, sin } = turnOf(degrees)
    // The argument of Math.sin is rounded: to 9e-16 near 2π.
    expect(Math.abs(cos - Math.cos((degrees * Math.PI) / 180))).toBeLessThan(1.5e-15)
    expect(Math.abs(sin - Math.sin((degrees * Math.PI) / 180))).toBeLessThan(1.5e-15)
  }
})
