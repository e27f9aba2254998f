import type { Limits, Result } from './result.ts'
import type { Case, Work } from './work.ts'

/** One line: cells of a table. */
export type Row = readonly [name: string, median: string, rate: string, limit: string, ratio: string]

export const heading: Row = ['', 'median', 'rate', 'of the limit', 'badak is … as fast']

/** A result as a row; `badak` is the result that it is compared to. */
function rowOf(
  result: Result,
  badak: Result | undefined,
  work: Work | undefined,
  limits: Limits | undefined,
): Row {
  const { peer, milliseconds, bytes, steps, error } = result
  if (error !== undefined) return [peer, '—', error, '', '']
  if (milliseconds === undefined) {
    const about = steps === undefined ? '' : `in ${steps} steps`
    return [peer, megabytes(bytes!), about, '', ratio(bytes, badak?.bytes, peer)]
  }
  const what = work?.cases.find(({ name }) => name === result.case)
  return [
    peer,
    duration(milliseconds),
    rate(milliseconds, what, work),
    share(milliseconds, what, limits),
    ratio(milliseconds, badak?.milliseconds, peer),
  ]
}

function rate(milliseconds: number, what: Case | undefined, work: Work | undefined): string {
  if (work?.unit) return `${(1000 / milliseconds).toFixed(1)} ${work.unit}`
  if (what?.flops) return `${(what.flops / milliseconds / 1e6).toFixed(1)} GFLOP/s`
  if (what?.bytes) return `${(what.bytes / milliseconds / 1e6).toFixed(1)} GB/s`
  return ''
}

/** The share of what the machine allows: of its multiply-adds or its memory, whichever would take longer. */
function share(milliseconds: number, what: Case | undefined, limits: Limits | undefined): string {
  if (!limits || !what) return ''
  const computing = (what.flops ?? 0) / limits.gigaflops / 1e6
  const moving = (what.bytes ?? 0) / limits.gigabytes / 1e6
  const least = Math.max(computing, moving)
  return least > 0 ? `${((100 * least) / milliseconds).toFixed(0)} %` : ''
}

function ratio(theirs: number | undefined, ours: number | undefined, peer: string): string {
  if (peer === 'badak' || theirs === undefined || ours === undefined || ours <= 0 || theirs <= 0) return ''
  const value = theirs / ours
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ×`
}

function duration(milliseconds: number): string {
  return milliseconds < 1
    ? `${(1000 * milliseconds).toFixed(1)} µs`
    : `${milliseconds < 1000 ? milliseconds.toPrecision(3) : milliseconds.toFixed(0)} ms`
}

function megabytes(bytes: number): string {
  return Math.abs(bytes) < 1e6 ? `${(bytes / 1000).toFixed(1)} KB` : `${(bytes / 1e6).toFixed(1)} MB`
}

const widths = [24, 11, 17, 13, 18]

export function terminalLine(row: Row): string {
  return row
    .map((cell, k) => (k === 0 ? `  ${cell}`.padEnd(widths[k]!) : cell.padStart(widths[k]!)))
    .join(' ')
    .trimEnd()
}

export interface Report {
  readonly date: string
  readonly machine: string
  readonly versions: Readonly<Record<string, string>>
  readonly limits: readonly Limits[]
  readonly results: readonly Result[]
}

export function titleOf(result: Result, works: readonly Work[]): string {
  const title = works.find(({ name }) => name === result.work)?.title ?? result.work
  return `${title}: ${result.case}, ${result.threads} thread${result.threads > 1 ? 's' : ''}`
}

export function rowFrom(
  result: Result,
  { results, limits }: Pick<Report, 'results' | 'limits'>,
  works: readonly Work[],
): Row {
  const same = (other: Result): boolean =>
    other.work === result.work && other.case === result.case && other.threads === result.threads
  const badak = results.find((other) => other.peer === 'badak' && same(other))
  return rowOf(
    result,
    badak,
    works.find(({ name }) => name === result.work),
    limits.find(({ threads }) => threads === result.threads),
  )
}
