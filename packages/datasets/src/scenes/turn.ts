/** A direction or a rotation: cosine and sine of its angle. */
export interface Turn {
  readonly cos: number
  readonly sin: number
}

/**
 * Cosine and sine of an angle in degrees, within 2⁻⁵⁰. Engines differ in the last bits of `Math.sin`, and a scene is
 * to be the same everywhere; products and sums of doubles are.
 */
export function turnOf(degrees: number): Turn {
  const quarters = Math.round(degrees / 90)
  const angle = (degrees - 90 * quarters) * (Math.PI / 180)
  const cos = series(1, angle, 0)
  const sin = series(angle, angle, 1)
  const quadrant = ((quarters % 4) + 4) % 4
  if (quadrant === 0) return { cos, sin }
  if (quadrant === 1) return { cos: -sin, sin: cos }
  return quadrant === 2 ? { cos: -cos, sin: -sin } : { cos: sin, sin: -cos }
}

/** Σ ± xⁿ/n!, n = first, first + 2, …; |x| ≤ π/4, where nine terms leave less than 10⁻¹⁷. */
function series(start: number, x: number, first: number): number {
  let term = start
  let sum = start
  for (let n = first + 1; n < first + 18; n += 2) {
    term *= -(x * x) / (n * (n + 1))
    sum += term
  }
  return sum
}
