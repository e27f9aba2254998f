import type { Chart } from './chart.ts'
import { confusionChart, worstConfusions } from './confusion-chart.ts'
import { distributionsOverTime, type Spread } from './distributions.ts'
import { escapeHTML, tableHTML } from './html.ts'
import { type PageContent, reportPage, type Section } from './page.ts'
import { importanceChart, parallelCoordinates, type StudyData } from './search-charts.ts'
import { type CurveData, type CurveOptions, figureCurves, lossCurves } from './training-curves.ts'

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
  /** What does the run again. */
  readonly command?: string
  /** Further sections, after the pictures of the others and before the numbers. */
  readonly sections?: readonly Section[]
  /** What the validation data are called; default `validation`. */
  readonly validation?: string
  /** Names of figures that are shares, to be shown in per cent, such as `accuracy`; default none. */
  readonly percent?: readonly string[]
}

/** Names in a record of an epoch that are no figures of how good it is. */
const notFigures = new Set(['epoch', 'step', 'seconds', 'lr', 'loss', 'val_loss'])

/** One HTML page for a run: curves, confusion matrix, distributions, search, numbers. */
export function runReport(report: RunReport): string {
  const { confusion, classes, distributions = [], study, summary, command, sections = [] } = report
  const named = classes && { classes }
  const kinds = [...new Set(distributions.map(({ kind }) => kind))]
  const all: Section[] = [
    { title: 'Learning', content: curvesOf(report) },
    ...(confusion
      ? [
          {
            title: 'Confusion matrix',
            text: 'Rows are what is true, columns what was predicted.',
            content: [confusionChart(confusion, { ...named }), worstConfusions(confusion, { ...named })],
          },
        ]
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
    { title: 'Epochs', content: [epochTable(report)] },
    ...(summary === undefined ? [] : [{ title: 'Layers', content: [preformatted(summary)] }]),
    ...(command === undefined ? [] : [{ title: 'Run it again', content: [preformatted(command)] }]),
  ]
  return reportPage({ ...report, sections: all })
}

function preformatted(text: string): string {
  return `<pre>${escapeHTML(text)}</pre>`
}

function curvesOf({ history, validation, percent = [] }: RunReport): Chart[] {
  const options: CurveOptions = validation === undefined ? {} : { validation }
  const names = Object.keys(history.epochs[0] ?? {}).filter((name) => !notFigures.has(name))
  const figures = [...new Set(names.map((name) => name.replace(/^val_/, '')))]
  return [
    lossCurves(history, options),
    ...figures.map((name) => figureCurves(name, history, { ...options, percent: percent.includes(name) })),
  ]
}

function epochTable({ history: { epochs }, validation = 'validation', percent = [] }: RunReport): string {
  const names = Object.keys(epochs[0] ?? {}).toSorted((a, b) => rank(a) - rank(b))
  const cell = (name: string, value: number | undefined): string => {
    if (value === undefined) return ''
    if (percent.includes(name.replace(/^val_/, ''))) return `${(100 * value).toFixed(2)} %`
    return Number.isInteger(value) ? String(value) : value.toPrecision(4)
  }
  return tableHTML(
    names.map((name) => name.replace(/^val_/, `${validation} `)),
    epochs.map((record) => names.map((name) => cell(name, record[name]))),
  )
}

/** The number of the epoch first, its time last. */
function rank(name: string): number {
  const place = ['epoch', 'step', 'loss', 'val_loss'].indexOf(name)
  return place >= 0 ? place : name === 'seconds' ? 11 : 10
}
