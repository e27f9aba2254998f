import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import type { History } from '../history.ts'

/** Points that a curve of steps is reduced to: more cannot be seen. */
const POINTS = 400

interface Point {
  /** In epochs. */
  readonly x: number
  readonly y: number
}

/** Loss of each step, its running mean, and the loss on the test images, on a logarithmic axis. */
export function lossChart({ losses, epochs }: History, stepsPerEpoch: number): string {
  const test = epochs.map(({ epoch, testLoss }) => ({ x: epoch, y: testLoss }))
  return chart({ type: 'log', label: 'loss', tickFormat: (y: number) => `${y}`, ticks: 5 }, [
    Plot.lineY(thin(losses, stepsPerEpoch, 1), {
      x: 'x',
      y: 'y',
      stroke: 'var(--train)',
      strokeOpacity: 0.25,
      strokeWidth: 1,
    }),
    Plot.lineY(thin(losses, stepsPerEpoch, 50), { x: 'x', y: 'y', stroke: 'var(--train)', strokeWidth: 2 }),
    ...testMarks(test),
  ])
}

/**
 * Share of digits recognised: running mean over training batches, and on the test images after each epoch.
 */
export function accuracyChart({ accuracies, epochs }: History, stepsPerEpoch: number): string {
  const running = thin(
    accuracies.map((accuracy) => 100 * accuracy),
    stepsPerEpoch,
    50,
  )
  const test = epochs.map(({ epoch, testAccuracy }) => ({ x: epoch, y: 100 * testAccuracy }))
  // What happens in the first steps would press the rest against the upper edge.
  const settled = running.slice(Math.min(running.length - 1, Math.ceil(running.length / 50)))
  const least = Math.min(...settled.map(({ y }) => y), ...test.map(({ y }) => y))
  const domain = [Math.max(0, Math.floor(least - 1)), 100]
  return chart({ label: 'accuracy (%)', domain, clamp: true }, [
    Plot.lineY(running, { x: 'x', y: 'y', stroke: 'var(--train)', strokeWidth: 2 }),
    ...testMarks(test),
  ])
}

function testMarks(points: readonly Point[]): Plot.Markish[] {
  return [
    Plot.lineY(points, { x: 'x', y: 'y', stroke: 'var(--test)', strokeWidth: 2 }),
    Plot.dot(points, { x: 'x', y: 'y', fill: 'var(--test)', r: 3.5 }),
  ]
}

function chart(y: Plot.ScaleOptions, marks: Plot.Markish[]): string {
  const { document } = parseHTML('<!doctype html><html></html>')
  const plot = Plot.plot({
    document,
    width: 560,
    height: 320,
    marginLeft: 48,
    // Room for the label below the numbers of the axis.
    marginBottom: 46,
    x: { label: 'epoch', labelOffset: 42, nice: true, zero: true, ticks: 6 },
    y: { grid: true, ...y },
    marks,
  })
  return plot.outerHTML
}

/** Means over `width` steps, at evenly spaced places. */
function thin(values: readonly number[], stepsPerEpoch: number, width: number): Point[] {
  const count = Math.min(values.length, POINTS)
  return Array.from({ length: count }, (_, i) => {
    const end = Math.ceil(((i + 1) * values.length) / count)
    const window = values.slice(Math.max(0, end - width), end)
    return { x: end / stepsPerEpoch, y: window.reduce((sum, value) => sum + value, 0) / window.length }
  })
}
