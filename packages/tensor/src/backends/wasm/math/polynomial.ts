import { type Code, f64x2, multiplyAdd, type Operand, type Target } from '../assembler/index.ts'

/** c₀ + c₁·x + c₂·x² + … by Horner's rule, on four floats. */
export function polynomial(target: Target, x: Operand, coefficients: readonly number[]): Code {
  return horner(coefficients, (sum, next) => multiplyAdd(target, sum, x, next))
}

/** The same on two doubles. */
export function polynomial64(x: Operand, coefficients: readonly number[]): Code {
  return horner(coefficients, (sum, next) => f64x2.add(f64x2.mul(sum, x), next))
}

function horner(coefficients: readonly number[], step: (sum: Operand, next: number) => Code): Code {
  const [last, ...rest] = coefficients.toReversed()
  return rest.reduce<Operand>(step, last) as Code
}
