import type { Statistics } from './statistics.ts'

/** Statistics as lines for a terminal. */
export function statisticsText(name: string, statistics: Statistics): string {
  const { samples, sizes, mean, std, objectsPerImage, objectSizes, visibilities } = statistics
  const lines = [
    `${name}: ${samples.toLocaleString('en')} samples`,
    `size     ${list(sizes)}`,
    `mean     ${mean.map((value) => value.toFixed(4)).join('  ')}`,
    `std      ${std.map((value) => value.toFixed(4)).join('  ')}`,
  ]
  if (objectsPerImage.size > 0) {
    const ordered = new Map([...objectsPerImage].toSorted(([a], [b]) => a - b))
    lines.push(`objects  ${list(ordered)}`, `longer side of a box   ${quartiles(objectSizes)} of the image's`)
  }
  if (visibilities.length > 0) lines.push(`seen of an object      ${quartiles(visibilities)}`)
  return [...lines, '', ...classTable(statistics)].join('\n')
}

/** 'key: count' of each, the first dozen. */
function list(counts: ReadonlyMap<string | number, number>): string {
  const parts = [...counts].slice(0, 12).map(([key, count]) => `${key}: ${count}`)
  return parts.join('   ') + (counts.size > 12 ? `   and ${counts.size - 12} more` : '')
}

function quartiles(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(2)
  return `from ${at(0)} to ${at(1)}, half of them from ${at(0.25)} to ${at(0.75)}`
}

function classTable({ classes, objectsPerImage, samples }: Statistics): string[] {
  const head = ['class', 'images', ...(objectsPerImage.size > 0 ? ['objects', 'pixels'] : [])]
  const rows = classes.map(({ name, images, objects, pixels }) => [
    name,
    images > 0 ? `${images} (${percent(images / samples)})` : '-',
    ...(objectsPerImage.size > 0 ? [objects > 0 ? String(objects) : '-', percent(pixels)] : []),
  ])
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]!.length)))
  return [head, ...rows].map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!)))
      .join('  '),
  )
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
