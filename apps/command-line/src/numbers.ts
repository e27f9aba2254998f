/** `1234.5` as `1,235`. */
export function grouped(count: number): string {
  return Math.round(count).toLocaleString('en')
}

/** `0.98765` as `98.77 %`. */
export function percent(fraction: number, digits = 2): string {
  return `${(100 * fraction).toFixed(digits)} %`
}
