import * as Plot from '@observablehq/plot'
import { Chart, type ChartSize, palette } from './chart.ts'

/** A choice of hyper-parameters and what it led to. */
export interface TrialPoint {
  readonly parameters: Readonly<Record<string, number | string | boolean>>
  readonly value?: number
}

/** The axis of a hyper-parameter. */
export interface AxisData {
  /** Its least and greatest value. */
  readonly bounds: readonly [number, number]
  /** The values of a choice. */
  readonly values?: readonly unknown[]
  /** Where a value lies on it, from 0 to 1. */
  placeOf(value: never): number
}

/** What is drawn of a search; a `Study` of `@badak/training` is one. */
export interface StudyData {
  /** The hyper-parameters, by name. */
  readonly space: Readonly<Record<string, AxisData>>
  /** Trials that have a value, the best first. */
  readonly ranking: readonly TrialPoint[]
  /** From 0 to 1, by hyper-parameter. */
  readonly importance: Readonly<Record<string, number>>
}

/** An axis for each hyper-parameter and a line across them for each trial: the best fifth in colour. */
export function parallelCoordinates({ space, ranking }: StudyData, options: ChartSize = {}): Chart {
  const names = Object.keys(space)
  const { width = Math.max(420, 150 * names.length), height = 340 } = options
  const good = Math.max(1, Math.ceil(ranking.length / 5))
  // The best on top.
  const points = ranking
    .flatMap((trial, rank) =>
      names.map((name) => ({
        name,
        rank,
        y: space[name]!.placeOf(trial.parameters[name] as never),
        best: rank < good,
      })),
    )
    .toReversed()
  const ends = names.flatMap((name) => {
    const { bounds, values } = space[name]!
    if (values)
      return values.map((value) => ({ name, y: space[name]!.placeOf(value as never), text: String(value) }))
    return bounds.map((bound, i) => ({ name, y: i, text: shortNumber(bound) }))
  })
  return new Chart((document) =>
    Plot.plot({
      document,
      width,
      height,
      marginTop: 40,
      marginLeft: 60,
      marginRight: 60,
      x: { type: 'point', domain: names, axis: 'top', label: null, tickSize: 0 },
      y: { axis: null, domain: [0, 1] },
      marks: [
        Plot.ruleX(names, { strokeOpacity: 0.4 }),
        Plot.line(points, {
          x: 'name',
          y: 'y',
          z: 'rank',
          stroke: ({ best }: { best: boolean }) => (best ? palette[1] : palette[7]),
          strokeOpacity: 0.55,
          strokeWidth: 1.5,
        }),
        Plot.text(ends, { x: 'name', y: 'y', text: 'text', dx: 6, textAnchor: 'start', fillOpacity: 0.8 }),
      ],
    }),
  )
}

/** How much each hyper-parameter explains, the most important first. */
export function importanceChart(
  { importance }: Pick<StudyData, 'importance'>,
  options: ChartSize = {},
): Chart {
  const bars = Object.entries(importance)
    .map(([name, share]) => ({ name, share: 100 * share }))
    .toSorted((a, b) => b.share - a.share)
  const { width = 460, height = 60 + 30 * bars.length } = options
  return new Chart((document) =>
    Plot.plot({
      document,
      width,
      height,
      marginLeft: 24 + 7 * Math.max(...bars.map(({ name }) => name.length)),
      marginRight: 48,
      x: { label: 'share of the spread of values explained (%)', domain: [0, 100] },
      y: { label: null, domain: bars.map(({ name }) => name) },
      marks: [
        Plot.barX(bars, { x: 'share', y: 'name', fill: palette[0], rx: 3 }),
        Plot.text(bars, {
          x: 'share',
          y: 'name',
          text: ({ share }: { share: number }) => `${share.toFixed(0)} %`,
          dx: 6,
          textAnchor: 'start',
        }),
      ],
    }),
  )
}

function shortNumber(value: number): string {
  const size = Math.abs(value)
  return size !== 0 && (size < 0.001 || size >= 1e5)
    ? value.toExponential(0)
    : String(Number(value.toPrecision(3)))
}
