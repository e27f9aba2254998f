import { grouped } from '../numbers.ts'

/** How often each digit was taken for each: `[true][predicted]`. */
export function confusionMatrix(labels: ArrayLike<number>, predictions: ArrayLike<number>): number[][] {
  const counts = Array.from({ length: 10 }, () => Array<number>(10).fill(0))
  for (let i = 0; i < labels.length; i++) counts[labels[i]!]![predictions[i]!]!++
  return counts
}

/** The matrix as a table: hits in one colour, mistakes in another, deeper the more there are. */
export function confusionTable(matrix: readonly (readonly number[])[]): string {
  const heads = matrix.map((_, digit) => `<th>${digit}</th>`)
  const mistakes = matrix.flatMap((row, truth) => row.filter((_, digit) => digit !== truth))
  const most = Math.max(1, ...mistakes)
  const cell = (count: number, truth: number, digit: number): string => {
    if (truth === digit) return `<td class="hit">${grouped(count)}</td>`
    if (count === 0) return '<td class="none">·</td>'
    const share = Math.round(15 + 70 * (count / most))
    const title = `${count} × ${truth} taken for ${digit}`
    return `<td class="miss" style="--share: ${share}%" title="${title}">${count}</td>`
  }
  const rows = matrix.map((row, truth) => {
    const total = row.reduce((sum, count) => sum + count, 0)
    const share = total === 0 ? '–' : `${((100 * row[truth]!) / total).toFixed(1)} %`
    const cells = row.map((count, digit) => cell(count, truth, digit)).join('')
    return `<tr><th>${truth}</th>${cells}<td class="share">${share}</td></tr>`
  })
  return `<table class="confusion">
<thead><tr><th></th>${heads.join('')}<th class="share">right</th></tr></thead>
<tbody>${rows.join('\n')}</tbody>
</table>`
}

/** The mistakes that were made most often. */
export function worstConfusions(matrix: readonly (readonly number[])[], count: number): string {
  const pairs = matrix.flatMap((row, truth) => row.map((times, digit) => ({ truth, digit, times })))
  const worst = pairs
    .filter(({ truth, digit, times }) => truth !== digit && times > 0)
    .toSorted((a, b) => b.times - a.times)
    .slice(0, count)
  const items = worst.map(
    ({ truth, digit, times }) =>
      `<li><b>${truth}</b> taken for <b class="wrong">${digit}</b>, ${often(times)}</li>`,
  )
  return `<div><h3>Most often</h3><ol>${items.join('')}</ol></div>`
}

function often(times: number): string {
  return times === 1 ? 'once' : `${times} times`
}
