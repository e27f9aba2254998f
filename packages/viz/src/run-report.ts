import type { Chart } from './chart.ts'
import { confusionChart } from './confusion-chart.ts'
import { distributionsOverTime, type Spread } from './distributions.ts'
import { escapeHTML, type PageContent, reportPage, type Section, tableHTML } from './page.ts'
import { importanceChart, parallelCoordinates, type StudyData } from './search-charts.ts'
import { type CurveData, figureCurves, lossCurves } from './training-curves.ts'

/** What a report of a run can tell; only `title` and `history` must be there. */
export interface RunReport extends Omit<PageContent, 'sections'> {
  readonly history: CurveData
  /** Counts by true and predicted class. */
  readonly confusion?: readonly (readonly number[])[]
  /** Names of the classes. */
  readonly classes?: readonly string[]
  /** Histograms of activations, gradients and weights. */
  readonly distributions?: readonly (Spread & { readonly kind: string })[]
  readonly study?: StudyData
  /** The text of `model.summary()`. */
  readonly summary?: string
  /** Further sections, after the others. */
  readonly sections?: readonly Section[]
}

/** Names in a record of an epoch that are no figures of how good it is. */
const notFigures = new Set(['epoch', 'step', 'seconds', 'lr', 'loss', 'val_loss'])

/** One HTML page for a run: curves, confusion matrix, distributions, search, numbers. */
export function runReport(report: RunReport): string {
  const { history, confusion, classes, distributions = [], study, summary, sections = [], ...page } = report
  const kinds = [...new Set(distributions.map(({ kind }) => kind))]
  const all: Section[] = [
    { title: 'Learning', content: [lossCurves(history), ...figuresOf(history)] },
    ...(confusion
      ? [{ title: 'Confusion matrix', content: [confusionChart(confusion, { ...(classes && { classes }) })] }]
      : []),
    ...kinds.map((kind) => ({
      title: `Distributions: ${kind}`,
      text: 'Steps to the right, values upwards, darker where there are more.',
      content: [distributionsOverTime(distributions.filter((record) => record.kind === kind))],
    })),
    ...(study
      ? [
          {
            title: 'Search',
            text: 'A line for each choice of hyper-parameters, the best fifth in colour; and what each hyper-parameter explains.',
            content: [parallelCoordinates(study), importanceChart(study)],
          },
        ]
      : []),
    ...sections,
    { title: 'Epochs', content: [epochTable(history)] },
    ...(summary === undefined ? [] : [{ title: 'Layers', content: [`<pre>${escapeHTML(summary)}</pre>`] }]),
  ]
  return reportPage({ ...page, sections: all })
}

function figuresOf(history: CurveData): Chart[] {
  const names = Object.keys(history.epochs[0] ?? {}).filter((name) => !notFigures.has(name))
  const figures = [...new Set(names.map((name) => name.replace(/^val_/, '')))]
  return figures.map((name) => figureCurves(name, history))
}

function epochTable({ epochs }: CurveData): string {
  const names = Object.keys(epochs[0] ?? {}).toSorted((a, b) => rank(a) - rank(b))
  const cell = (value: number | undefined): string =>
    value === undefined ? '' : Number.isInteger(value) ? String(value) : value.toPrecision(4)
  return tableHTML(
    names,
    epochs.map((record) => names.map((name) => cell(record[name]))),
  )
}

/** The number of the epoch first, its time last. */
function rank(name: string): number {
  const place = ['epoch', 'step', 'loss', 'val_loss'].indexOf(name)
  return place >= 0 ? place : name === 'seconds' ? 11 : 10
}
