import {
  type Code,
  f64x2,
  local,
  type Local,
  multiplyAdd,
  type Operand,
  type Target,
} from '../assembler/index.ts'

/** Sets `sum` to c₀ + c₁·x + c₂·x² + … by Horner's rule, on four floats: a statement for each step. */
export function polynomial(
  target: Target,
  sum: Local,
  x: Local,
  coefficients: readonly number[],
): readonly Code[] {
  const [last, next, ...rest] = coefficients.toReversed()
  return [
    local.set(sum, multiplyAdd(target, last, x, next)),
    ...rest.map((each) => local.set(sum, multiplyAdd(target, sum, x, each))),
  ]
}

/** The same on two doubles, as an expression. */
export function polynomial64(x: Operand, coefficients: readonly number[]): Code {
  const [last, ...rest] = coefficients.toReversed()
  return rest.reduce<Operand>((sum, next) => f64x2.add(f64x2.mul(sum, x), next), last) as Code
}
