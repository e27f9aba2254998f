import { GraphError, ShapeError, ValueError } from '../errors.ts'
import { type UnaryOp, unaryOps } from '../graph/scalar.ts'
import { sameShape, show } from '../shape.ts'
import type { Tensor } from '../tensor.ts'

/**
 * The gradient of an elementwise function: from `gradient`, that of what comes after, and the function's
 * `input` and `output`, all of one shape.
 */
export type GradientRule = (gradient: Tensor, input: Tensor, output: Tensor) => Tensor

/** Rules by the name of the function. */
export interface GradientRules {
  readonly abs?: GradientRule
  readonly atan?: GradientRule
  readonly ceil?: GradientRule
  readonly cos?: GradientRule
  readonly erf?: GradientRule
  readonly exp?: GradientRule
  readonly expm1?: GradientRule
  readonly floor?: GradientRule
  readonly log?: GradientRule
  readonly log1p?: GradientRule
  readonly neg?: GradientRule
  readonly relu?: GradientRule
  readonly round?: GradientRule
  readonly sigmoid?: GradientRule
  readonly sign?: GradientRule
  readonly sin?: GradientRule
  readonly sqrt?: GradientRule
  readonly tanh?: GradientRule
}

/** All but `not`, through which no gradient goes, and what is not called by users. */
const names: readonly string[] = unaryOps
  .filter((name) => name !== 'not' && name !== 'expNonPositive')
  .toSorted()

let inForce: GradientRules = {}

/** The rule that stands in for the one of the table. */
export function ruleFor(operation: UnaryOp): GradientRule | undefined {
  const rule = (inForce as { readonly [Each in UnaryOp]?: GradientRule })[operation]
  if (!rule) return undefined
  return (gradient, input, output) => {
    const result = rule(gradient, input, output)
    if (sameShape(result.shape, input.shape)) return result
    throw new ShapeError(
      `withGradientRules: the gradient of ${operation} has another shape than its input: ` +
        `${show(result.shape)} for ${show(input.shape)}`,
    )
  }
}

/**
 * Runs `f` so that gradients taken in it (`grad`, `backward`) follow `rules` where they pass an elementwise
 * function that is named there, whoever has called it: guided back-propagation through any network, or a
 * straight-through estimator. What `f` computes forwards is unchanged. Inner rules take the place of outer
 * ones of the same name.
 *
 * @throws ValueError when there is no such function
 * @throws GraphError when `f` is asynchronous: what it does after its first `await` would not be covered
 * @throws ShapeError when a rule gives another shape (when it is used)
 * @example
 * ```ts
 * // Rounds, and passes the gradient as if it had not (Bengio, Léonard & Courville 2013, arXiv:1308.3432).
 * withGradientRules({ round: (gradient) => gradient }, () => grad((x: Tensor) => round(x).sum())(x))
 * ```
 */
export function withGradientRules<T>(rules: GradientRules, f: () => T): T {
  const unknown = Object.keys(rules).find((name) => !names.includes(name))
  if (unknown !== undefined) {
    throw new ValueError(
      `withGradientRules: no elementwise function is called "${unknown}": there are ${names.join(', ')}`,
    )
  }
  const before = inForce
  inForce = { ...before, ...rules }
  try {
    const result = f()
    if (!(result instanceof Promise)) return result
    throw new GraphError(
      'withGradientRules: the function gave a promise: differentiate inside of it, read the values outside',
    )
  } finally {
    inForce = before
  }
}
