/** `1234.5` as `1,235`. */
export function grouped(count: number): string {
  return Math.round(count).toLocaleString('en')
}

/** `0.98765` as `98.77 %`. */
export function percent(fraction: number, digits = 2): string {
  return `${(100 * fraction).toFixed(digits)} %`
}

/** `75` as `1 min 15 s`, `1.23` as `1.2 s`. */
export function duration(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
