import { heading, type Report, rowFrom, titleOf } from './report.ts'
import type { Work } from './work.ts'

/** The whole report as a page: for each number of threads a table of all cases, then one for each case. */
export function markdownOf(report: Report, works: readonly Work[]): string {
  const lines = [`# Side by side, ${report.date}`, '', report.machine, '']
  for (const { threads, gigaflops, gigabytes } of report.limits) {
    lines.push(
      `Limits on ${threads} thread${threads > 1 ? 's' : ''}: ${gigaflops.toFixed(1)} GFLOP/s, ${gigabytes.toFixed(1)} GB/s.`,
      '',
    )
  }
  for (const { threads } of report.limits) lines.push(...summaryOf(report, threads, works))
  let title = ''
  for (const result of report.results) {
    const next = titleOf(result, works)
    if (next !== title) lines.push('', `## ${next}`, '', ...tableHead(heading))
    title = next
    lines.push(tableRow(rowFrom(result, report, works)))
  }
  return `${lines.join('\n')}\n`
}

/** A row for each case: what badak takes, and how many times as long each peer does. */
function summaryOf({ results, limits }: Report, threads: number, works: readonly Work[]): string[] {
  const here = results.filter((result) => result.threads === threads)
  const peers = [...new Set(here.map(({ peer }) => peer))].filter((peer) => peer !== 'badak')
  const rows = here
    .filter(({ peer }) => peer === 'badak')
    .map((own) => {
      const ratios = peers.map((peer) => {
        const theirs = here.find((each) => each.peer === peer && each.work === own.work && each.case === own.case)
        if (theirs === undefined) return ''
        const [, , , , ratio] = rowFrom(theirs, { results, limits }, works)
        return ratio === '' ? '—' : ratio
      })
      const [, amount] = rowFrom(own, { results, limits }, works)
      return tableRow([titleOf(own, works).replace(/, \d+ threads?$/, ''), amount, ...ratios])
    })
  if (rows.length === 0) return []
  const title = `## All on ${threads} thread${threads > 1 ? 's' : ''}: badak, and how many times as fast it is`
  return ['', title, '', ...tableHead(['', 'badak', ...peers]), ...rows]
}

/** Numbers are aligned on the right. */
function tableHead(columns: readonly string[]): string[] {
  return [tableRow(columns), `|---|${'---:|'.repeat(columns.length - 1)}`]
}

function tableRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}
