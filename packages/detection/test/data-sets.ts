// The random data sets of tools/record-fixtures/detection_metrics.py, drawn by the same hash of integers.
import type { Detections, GroundTruth } from '@badak/detection'
import { draw } from './draws.ts'

export interface ImageResult {
  readonly detections: Detections
  readonly truth: GroundTruth
}

export const classes = ['cat', 'dog', 'hare']

/** A row `x, y, width, height` and a label, and for detections a score. */
type Row = [number, number, number, number, number, number]

export function drawDataSet(seed: number): ImageResult[] {
  const r = (i: number): number => draw(seed, i)
  return Array.from({ length: 1 + (r(9999) % 6) }, (_, image) => drawImage(r, 1000 * image))
}

function drawImage(r: (i: number) => number, base: number): ImageResult {
  const objects: { row: Row; isCrowd: boolean; isDifficult: boolean; area: number }[] = []
  const detections: Row[] = []
  for (let k = 0; k < r(base) % 6; k++) {
    const b = base + 10 + 20 * k
    const most = r(b + 4) % 4 === 0 ? 400 : 100
    const [x, y, w, h] = [r(b) % 160, r(b + 1) % 160, 4 + (r(b + 2) % most), 4 + (r(b + 3) % most)] as const
    const label = r(b + 5) % classes.length
    objects.push({
      row: [x, y, w, h, label, 0],
      isCrowd: r(b + 6) % 8 === 0,
      isDifficult: r(b + 7) % 5 === 0,
      area: w * h * (r(b + 8) % 3 === 0 ? 0.75 : 1),
    })
    for (let q = 0; q < r(b + 9) % 3; q++) {
      const c = base + 500 + 8 * (3 * k + q)
      const shift = (i: number, side: number): number => (r(c + i) % ((side >> 1) + 1)) - (side >> 2)
      const other = r(c + 4) % 6 ? label : (label + 1) % classes.length
      detections.push([
        x + shift(0, w),
        y + shift(1, h),
        w + shift(2, w),
        h + shift(3, h),
        other,
        (r(c + 5) % 32) / 32,
      ])
    }
  }
  for (let k = 0; k < r(base + 1) % 4; k++) {
    const c = base + 800 + 8 * k
    detections.push([
      r(c) % 160,
      r(c + 1) % 160,
      4 + (r(c + 2) % 100),
      4 + (r(c + 3) % 100),
      r(c + 4) % 3,
      (r(c + 5) % 32) / 32,
    ])
  }
  const corners = (rows: readonly Row[]): Float32Array =>
    Float32Array.from(rows.flatMap(([x, y, w, h]) => [x, y, x + w, y + h]))
  const labels = (rows: readonly Row[]): Int32Array => Int32Array.from(rows, (row) => row[4])
  const rows = objects.map(({ row }) => row)
  return {
    detections: {
      boxes: corners(detections),
      labels: labels(detections),
      scores: Float32Array.from(detections, (d) => d[5]),
    },
    truth: {
      boxes: corners(rows),
      labels: labels(rows),
      isCrowd: objects.map((o) => o.isCrowd),
      isDifficult: objects.map((o) => o.isDifficult),
      areas: objects.map((o) => o.area),
    },
  }
}
