import { add, evaluate, mul, noGrad, stopGradient, sub, sum, tensor, zeros } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { single } from '../size.ts'
import type { ViewedModel } from './model.ts'
import { asBatch, baselineOf, type PassOptions, passesOf } from './passes.ts'
import { type Quadrature, quadratureNodes } from './quadrature.ts'
import { fixTarget, gradientOfScores, repeatTarget, type ScoreOptions, scoresOf } from './scores.ts'

/** The path along which gradients are integrated, and how. */
export interface IntegratedGradientsOptions<R = unknown> extends ScoreOptions<R>, PassOptions {
  /** Where the path begins, an image that says nothing: a number, or of the shape of `x`; default 0. */
  readonly baseline?: number | Tensor | undefined
  /** How many gradients there are on the path; default 50. */
  readonly steps?: number | undefined
  /** How they become an integral; default `gausslegendre`. */
  readonly rule?: Quadrature | undefined
}

/** What integrated gradients are, and how good the sum is. */
export interface IntegratedGradients {
  /** What each element of `x` adds to the score, in the shape of `x`. */
  readonly attributions: Tensor
  /**
   * `[N]`: by how much the attributions of an image add up to more than the score rises from the baseline to
   * the image. It is 0 for an exact integral; where it is not small, more steps are needed.
   */
  readonly gap: Tensor
}

/**
 * Integrated gradients: what each pixel adds to a class's score, counted on the straight way from a baseline
 * to the image: `(x − x₀) · ∫₀¹ ∂F(x₀ + α(x − x₀))/∂x dα`. The parts add up to the whole:
 * `Σ = F(x) − F(x₀)`.
 *
 * The model is looked at in evaluation mode and left as it was. The class is the one of the image itself, all
 * along the path.
 *
 * @param x `[N, …]`, mostly images `[N, C, H, W]`
 * @throws ShapeError when the baseline has another shape
 * @throws ValueError when `steps` or `batchSize` is not a count, or there is no such rule
 * @throws ShapeError, ValueError, IndexError when there is no such score
 * @see Sundararajan, Taly & Yan 2017, arXiv:1703.01365
 * @example
 * ```ts
 * const { attributions, gap } = await integratedGradients(model, images, { target: 7 })
 * ```
 */
export async function integratedGradients<R>(
  model: ViewedModel<R>,
  x: Tensor,
  options: IntegratedGradientsOptions<R> = {},
): Promise<IntegratedGradients> {
  const operation = 'integratedGradients'
  const { baseline = 0, steps = 50, rule = 'gausslegendre', batchSize } = options
  const nodes = quadratureNodes(operation, rule, single(operation, 'steps', steps, 1))
  const start = baselineOf(operation, x, baseline)
  const fixed = await fixTarget(operation, model, x, options)
  const way = sub(x, start)
  let total = zeros(x.shape, { dtype: x.dtype })
  for (const { from, to } of passesOf(operation, steps, x, fixed.scores, batchSize)) {
    const part = nodes.slice(from, to)
    const along = (values: number[]): Tensor =>
      tensor(values, { dtype: x.dtype }).reshape([values.length, ...x.shape.map(() => 1)])
    const points = add(mul(along(part.map(({ at }) => at)), way), start)
    const gradient = gradientOfScores(operation, model, asBatch(points), repeatTarget(fixed, part.length))
    const weighed = mul(along(part.map(({ weight }) => weight)), gradient.reshape(points.shape))
    total = add(total, sum(weighed, { axis: 0 }))
    await evaluate(total)
  }
  const attributions = stopGradient(mul(way, total))
  const rise = sub(
    fixed.scores,
    noGrad(() => scoresOf(operation, model, start, fixed)),
  )
  const axes = fixed.scores.rank === 0 ? {} : { axis: x.shape.slice(1).map((_, axis) => axis + 1) }
  const gap = stopGradient(sub(sum(attributions, axes), rise))
  await evaluate(attributions, gap)
  return { attributions, gap }
}
