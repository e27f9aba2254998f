import { ValueError } from '@badak/tensor'

/** A rule by which an integral from 0 to 1 becomes a sum. */
export type Quadrature = 'gausslegendre' | 'left' | 'right' | 'middle' | 'trapezoid'

const quadratures: readonly Quadrature[] = ['gausslegendre', 'left', 'right', 'middle', 'trapezoid']

/** A point of [0, 1] and its weight. */
export interface Node {
  readonly at: number
  readonly weight: number
}

/** @throws ValueError when there is no such rule, or too few points for it */
export function quadratureNodes(operation: string, rule: Quadrature, count: number): Node[] {
  if (!quadratures.includes(rule)) {
    throw new ValueError(
      `${operation}: unknown rule ${JSON.stringify(rule)}: expected ${quadratures.slice(0, -1).join(', ')} or ` +
        quadratures.at(-1)!,
    )
  }
  if (rule === 'gausslegendre') return gaussLegendre(count)
  if (rule === 'trapezoid') {
    if (count < 2) throw new ValueError(`${operation}: the trapezoid rule needs two steps: ${count}`)
    const end = count - 1
    return Array.from({ length: count }, (_, i) => ({
      at: i / end,
      weight: (i === 0 || i === end ? 0.5 : 1) / end,
    }))
  }
  const shift = { left: 0, middle: 0.5, right: 1 }[rule]
  return Array.from({ length: count }, (_, i) => ({ at: (i + shift) / count, weight: 1 / count }))
}

/**
 * The zeros of the Legendre polynomial Pₙ, moved from [−1, 1] to [0, 1], by Newton's method; exact for
 * polynomials of degree 2n − 1.
 *
 * @see Abramowitz & Stegun 1964, 25.4.29
 */
function gaussLegendre(n: number): Node[] {
  return Array.from({ length: n }, (_, i) => {
    let z = -Math.cos((Math.PI * (i + 0.75)) / (n + 0.5))
    for (let iteration = 0; iteration < 100; iteration++) {
      const { value, slope } = legendre(n, z)
      const step = value / slope
      z -= step
      if (Math.abs(step) < 1e-15) break
    }
    return { at: (1 + z) / 2, weight: 1 / ((1 - z * z) * legendre(n, z).slope ** 2) }
  })
}

/** Pₙ and its derivative, by Bonnet's recursion. */
function legendre(n: number, z: number): { readonly value: number; readonly slope: number } {
  let [before, value] = [1, z]
  for (let k = 2; k <= n; k++) [before, value] = [value, ((2 * k - 1) * z * value - (k - 1) * before) / k]
  return { value, slope: (n * (z * value - before)) / (z * z - 1) }
}
