import { abs, add, clamp, GraphError, keep, maximum, noGrad, pow, sqrt, ValueError } from '@badak/tensor'
import type { Parameter, Tensor } from '@badak/tensor'

/** Options of `clipGradNorm` and `gradNorm`. */
export interface NormOptions {
  /** p of the norm (Σ|g|ᵖ)^(1/p), a number > 0; `Infinity` takes the greatest |g|. Default 2. */
  normType?: number
}

/**
 * The norm of all gradients, as if they were one vector.
 *
 * @param parameters those without a gradient are left out
 * @returns a scalar, which stays readable after `optimizer.step()`
 * @throws GraphError when no parameter has a gradient; ValueError when the type of the norm is out of range
 */
export function gradNorm(parameters: readonly Parameter[], options: NormOptions = {}): Tensor {
  return noGrad(() => normOf('gradNorm', withGradient('gradNorm', parameters), options))
}

/**
 * Scales all gradients by one factor, maxNorm / (norm + 1e-6), if their norm is above `maxNorm`: the
 * direction of the step stays. Call it between `backward()` and `step()`, whose plan carries it out.
 *
 * @param parameters those without a gradient are left out
 * @param maxNorm a number ≥ 0; another one each time costs no new plan
 * @returns the norm before clipping, a scalar, which stays readable after `optimizer.step()`
 * @throws GraphError when no parameter has a gradient; ValueError when a number is out of range
 * @see Pascanu, Mikolov & Bengio 2013, "On the difficulty of training recurrent neural networks",
 *   arXiv:1211.5063
 * @example
 * loss.backward()
 * const norm = clipGradNorm(model.parameters(), 1)
 * optimizer.step()
 */
export function clipGradNorm(
  parameters: readonly Parameter[],
  maxNorm: number,
  options: NormOptions = {},
): Tensor {
  checkLimit('clipGradNorm', 'maxNorm', maxNorm)
  const owners = withGradient('clipGradNorm', parameters)
  return noGrad(() => {
    const norm = normOf('clipGradNorm', owners, options)
    const factor = clamp(norm.add(1e-6).reciprocal().mul(maxNorm), { max: 1 })
    for (const owner of owners) owner.grad = owner.grad!.mul(factor.cast(owner.dtype))
    return norm
  })
}

/**
 * Limits each element of the gradients to [−clipValue, clipValue]. Call it between `backward()` and `step()`,
 * whose plan carries it out.
 *
 * @param parameters those without a gradient are left out
 * @param clipValue a number ≥ 0; another one each time costs no new plan
 * @throws GraphError when no parameter has a gradient; ValueError when `clipValue` is out of range
 */
export function clipGradValue(parameters: readonly Parameter[], clipValue: number): void {
  checkLimit('clipGradValue', 'clipValue', clipValue)
  const owners = withGradient('clipGradValue', parameters)
  noGrad(() => {
    for (const owner of owners) owner.grad = clamp(owner.grad!, { min: -clipValue, max: clipValue })
  })
}

function withGradient(operation: string, parameters: readonly Parameter[]): readonly Parameter[] {
  const owners = parameters.filter(({ grad }) => grad)
  if (owners.length > 0) return owners
  throw new GraphError(`${operation}: no parameter has a gradient: call loss.backward() before it`)
}

function checkLimit(operation: string, what: string, limit: number): void {
  if (typeof limit === 'number' && limit >= 0) return
  throw new ValueError(`${operation}: ${what} is not a number ≥ 0: ${String(limit)}`)
}

function normOf(operation: string, owners: readonly Parameter[], { normType = 2 }: NormOptions): Tensor {
  if (!(normType > 0)) {
    throw new ValueError(`${operation}: normType is not a number > 0: ${String(normType)}`)
  }
  // An update makes its gradients old: what is to be read later is computed along with it.
  return keep(
    norm(
      owners.map(({ grad }) => grad!),
      normType,
    ),
  )
}

function norm(gradients: readonly Tensor[], p: number): Tensor {
  if (p === Infinity) return gradients.map((gradient) => abs(gradient).max()).reduce(maximum)
  const sums = gradients.map((g) => (p === 2 ? g.square() : pow(abs(g), p)).sum())
  const total = sums.reduce(add)
  return p === 2 ? sqrt(total) : pow(total, 1 / p)
}
