// The random cases of tools/record-fixtures/boxes.py, drawn by the same hash of integers.

export function draw(seed: number, i: number): number {
  let h = (Math.imul(seed, 0x9e3779b1) + Math.imul(i, 0x85ebca6b) + 1) >>> 0
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d) >>> 0
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39) >>> 0
  return (h ^ (h >>> 15)) >>> 0
}

export function listHash(values: Iterable<number>): number {
  let h = 2166136261
  for (const value of values) h = Math.imul(h ^ value, 16777619)
  return h >>> 0
}

export function weighted(seed: number, values: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += (values[i]! * (draw(seed, 5000 + i) % 1000)) / 1000
  return sum
}

export function drawBoxes(seed: number, start: number, count: number, flat = false): Float32Array {
  const rows = Array.from({ length: count }, (_, k) => {
    const [x, y, w, h] = [0, 1, 2, 3].map((i) => draw(seed, start + 4 * k + i)) as [
      number,
      number,
      number,
      number,
    ]
    const wide = flat && k % 7 === 6 ? 0 : 1 + (w % 160)
    return [(x % 256) / 4, (y % 256) / 4, ((x % 256) + wide) / 4, ((y % 256) + 1 + (h % 160)) / 4]
  })
  return Float32Array.from(rows.flat())
}

export function drawScores(seed: number, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => (draw(seed, 2000 + i) % 64) / 64)
}
