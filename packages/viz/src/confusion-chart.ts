import * as Plot from '@observablehq/plot'
import { ShapeError } from '@badak/tensor'
import { Chart, type ChartSize, palette } from './chart.ts'
import { escapeHTML } from './html.ts'

/** How a confusion matrix is labelled. */
export interface ConfusionOptions extends ChartSize {
  /** Names of the classes; default their numbers. */
  readonly classes?: readonly string[]
}

/**
 * A confusion matrix: rows are true classes, columns predicted ones, and at the end of a row is the share that
 * was right. Hits are blue; mistakes are red, deeper the more there are.
 *
 * @param counts by true class and predicted class
 * @throws ShapeError unless rows, columns and names are equally many
 */
export function confusionChart(
  counts: readonly (readonly number[])[],
  options: ConfusionOptions = {},
): Chart {
  const size = counts.length
  const classes = classesOf('confusionChart', counts, options)
  const cells = cellsOf(counts, classes)
  const rows = counts.map((row, truth) => ({ truth: classes[truth]!, share: shareText(row, truth) }))
  const longest = Math.max(...classes.map((name) => name.length))
  const digits = Math.max(...cells.map(({ count }) => grouped(count).length))
  const [left, right] = [34 + 6.5 * longest, 64]
  const { width = left + right + size * Math.max(50, 16 + 8 * digits), height } = options
  // Names that are wider than a column are written aslant.
  const slant = longest > 5 ? 3.4 * longest : 0
  const place = { x: 'predicted', y: 'truth' } as const
  return new Chart((document) =>
    Plot.plot({
      document,
      width,
      height: height ?? 90 + slant + 36 * size,
      style: { fontSize: '12px' },
      marginLeft: left,
      marginRight: right,
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
        Plot.cell(cells, { ...place, fill: 'fill', rx: 4, title: 'tip' }),
        textOf(
          cells.filter(({ hit }) => hit),
          { fill: palette[0], fontWeight: 600 },
        ),
        textOf(
          cells.filter(({ hit, count }) => !hit && count > 0),
          { fill: 'currentColor' },
        ),
        Plot.text(
          cells.filter(({ hit, count }) => !hit && count === 0),
          { ...place, text: () => '·', fillOpacity: 0.3 },
        ),
        Plot.text(rows, { y: 'truth', text: 'share', frameAnchor: 'right', dx: 54, textAnchor: 'end' }),
        Plot.text(['right'], { frameAnchor: 'top-right', dx: 54, dy: -20, textAnchor: 'end' }),
      ],
    }),
  )
}

/** The mistakes that were made most often, as an HTML list. @throws ShapeError as `confusionChart` */
export function worstConfusions(
  counts: readonly (readonly number[])[],
  options: Pick<ConfusionOptions, 'classes'> & { /** How many; default 8. */ readonly most?: number } = {},
): string {
  const classes = classesOf('worstConfusions', counts, options)
  const worst = cellsOf(counts, classes)
    .filter(({ hit, count }) => !hit && count > 0)
    .toSorted((a, b) => b.count - a.count)
    .slice(0, options.most ?? 8)
  const items = worst.map(
    ({ truth, predicted, count }) =>
      `<li><b>${escapeHTML(truth)}</b> taken for <b class="wrong">${escapeHTML(predicted)}</b>, ${often(count)}</li>`,
  )
  const list = items.length > 0 ? `<ol>${items.join('')}</ol>` : '<p>No mistakes.</p>'
  return `<div class="list"><h3>Most often</h3>${list}</div>`
}

function classesOf(
  operation: string,
  counts: readonly (readonly number[])[],
  { classes = counts.map((_, i) => String(i)) }: ConfusionOptions,
): readonly string[] {
  const size = counts.length
  if (classes.length === size && counts.every((row) => row.length === size)) return classes
  const shape = `[${size},${counts[0]?.length ?? 0}]`
  throw new ShapeError(
    `${operation}: rows, columns and names differ in number: ${shape}, ${classes.length} names`,
  )
}

interface Cell {
  readonly truth: string
  readonly predicted: string
  readonly hit: boolean
  readonly count: number
  readonly fill: string
  readonly tip: string
}

function cellsOf(counts: readonly (readonly number[])[], classes: readonly string[]): Cell[] {
  const mistakes = counts.flatMap((row, truth) => row.filter((_, predicted) => predicted !== truth))
  const most = mistakes.reduce((greatest, count) => Math.max(greatest, count), 1)
  return counts.flatMap((row, truth) =>
    row.map((count, predicted) => {
      const [is, seen] = [classes[truth]!, classes[predicted]!]
      const hit = truth === predicted
      const opacity = count === 0 ? 0 : 0.15 + 0.7 * (count / most)
      return {
        truth: is,
        predicted: seen,
        hit,
        count,
        fill: hit ? 'rgba(59, 111, 216, 0.16)' : `rgba(214, 69, 45, ${opacity.toFixed(3)})`,
        tip: `${grouped(count)} × ${hit ? `${is} recognised` : `${is} taken for ${seen}`}`,
      }
    }),
  )
}

function textOf(cells: readonly Cell[], style: { fill: string; fontWeight?: number }): Plot.Markish {
  return Plot.text(cells, { x: 'predicted', y: 'truth', text: ({ count }: Cell) => grouped(count), ...style })
}

function shareText(row: readonly number[], truth: number): string {
  const total = row.reduce((sum, count) => sum + count, 0)
  return total === 0 ? '–' : `${((100 * row[truth]!) / total).toFixed(1)} %`
}

function grouped(count: number): string {
  return count.toLocaleString('en')
}

function often(times: number): string {
  return times === 1 ? 'once' : `${grouped(times)} times`
}
