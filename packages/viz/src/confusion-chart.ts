import * as Plot from '@observablehq/plot'
import { ShapeError } from '@badak/tensor'
import { Chart, type ChartSize } from './chart.ts'

/** How a confusion matrix is labelled. */
export interface ConfusionOptions extends ChartSize {
  /** Names of the classes; default their numbers. */
  readonly classes?: readonly string[]
}

/**
 * A confusion matrix: rows are true classes, columns predicted ones. Hits are blue, mistakes red, each row by
 * its own sum.
 *
 * @param counts by true class and predicted class
 * @throws ShapeError unless rows, columns and names are equally many
 */
export function confusionChart(
  counts: readonly (readonly number[])[],
  options: ConfusionOptions = {},
): Chart {
  const size = counts.length
  const { classes = counts.map((_, i) => String(i)), width = 120 + 44 * size, height } = options
  if (classes.length !== size || counts.some((row) => row.length !== size)) {
    const shape = `[${size},${counts[0]?.length ?? 0}]`
    throw new ShapeError(
      `confusionChart: rows, columns and names differ in number: ${shape}, ${classes.length} names`,
    )
  }
  const cells = counts.flatMap((row, truth) => {
    const total = row.reduce((sum, count) => sum + count, 0)
    return row.map((count, predicted) => ({
      truth: classes[truth]!,
      predicted: classes[predicted]!,
      count,
      fill: cellColor(truth === predicted, total === 0 ? 0 : count / total),
    }))
  })
  const longest = Math.max(...classes.map((name) => name.length))
  // Names that are wider than a column are written aslant.
  const slant = longest > 5 ? 3.4 * longest : 0
  return new Chart((document) =>
    Plot.plot({
      document,
      width,
      height: height ?? 90 + slant + 36 * size,
      marginLeft: 34 + 6.5 * longest,
      marginTop: 54 + slant,
      padding: 0.06,
      x: {
        label: 'predicted',
        axis: 'top',
        domain: [...classes],
        labelOffset: 42 + slant,
        tickRotate: slant > 0 ? -30 : 0,
      },
      y: { label: 'true', domain: [...classes], labelOffset: 24 + 6.5 * longest },
      marks: [
        Plot.cell(cells, { x: 'predicted', y: 'truth', fill: 'fill', rx: 4 }),
        Plot.text(
          cells.filter(({ count }) => count > 0),
          {
            x: 'predicted',
            y: 'truth',
            text: ({ count }: { count: number }) => count.toLocaleString('en-US'),
            fill: 'currentColor',
          },
        ),
      ],
    }),
  )
}

/** Deeper the greater the share: seen by the root, so that single mistakes show. */
function cellColor(hit: boolean, share: number): string {
  const opacity = (share === 0 ? 0.04 : 0.1 + 0.6 * Math.sqrt(share)).toFixed(3)
  return hit ? `rgba(59, 111, 216, ${opacity})` : `rgba(214, 69, 45, ${share === 0 ? 0.03 : opacity})`
}
