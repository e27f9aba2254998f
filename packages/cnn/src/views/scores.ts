import {
  IndexError,
  ShapeError,
  ValueError,
  argmax,
  gather,
  grad,
  isTensor,
  noGrad,
  stopGradient,
  tensor,
} from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { inEvaluation, type ViewedModel } from './model.ts'

/** What of a model's result is explained. */
export interface ScoreOptions<Result = unknown> {
  /**
   * The class of all images, or that of each: `[N]`, an integer type. Default: the one that the model scores
   * highest.
   */
  readonly target?: number | readonly number[] | Tensor | undefined
  /**
   * What is looked at of the result: scores `[N, K]`, of which `target` picks a class; or one score for each
   * image, `[N]`; or one for all of them. Default: the result itself.
   *
   * @example
   * ```ts
   * { output: ({ logits }) => logits }
   * { output: (logits) => softmax(logits), target: 3 }
   * { output: (boxes) => boxes.mean({ axis: [1, 2] }) }
   * ```
   */
  readonly output?: ((result: Result) => Tensor) | undefined
}

/**
 * One score for each image `[N]`, or one for all of them: as graph, of the model in evaluation mode.
 *
 * @throws ShapeError, ValueError, IndexError when there is no such score
 */
export function scoresOf<R>(
  operation: string,
  model: ViewedModel<R>,
  x: Tensor,
  { target, output }: ScoreOptions<R>,
): Tensor {
  const scores = outputOf(operation, model, x, output)
  const [N] = x.shape as [number]
  if (scores.rank === 2 && scores.shape[0] === N) {
    const classes = classesOf(operation, scores, target)
    return gather(scores, classes.reshape([N, 1]), { axis: 1 }).reshape([N])
  }
  const single = scores.rank === 0 || (scores.rank === 1 && scores.shape[0] === N)
  if (!single) {
    throw new ShapeError(
      `${operation}: the model's output is neither [N, K] nor [N] for N = ${N}: ` +
        `[${scores.shape}]: choose what is looked at with output: (result) => …`,
    )
  }
  if (target === undefined) return scores
  throw new ValueError(
    `${operation}: a target needs scores of classes, [N, K]: the model's output is [${scores.shape}]`,
  )
}

/**
 * What is looked at of the model's result, in evaluation mode.
 *
 * @throws ShapeError, ValueError when there is no such tensor
 */
export function outputOf<R>(
  operation: string,
  model: ViewedModel<R>,
  x: Tensor,
  output: ((result: R) => Tensor) | undefined,
): Tensor {
  if (x.rank === 0) throw new ShapeError(`${operation}: the input has no axis of images: []`)
  const result = inEvaluation(model, () => model.forward(x))
  const scores: unknown = output ? output(result) : result
  if (isTensor(scores)) return scores
  const what = output ? 'output gave' : "the model's result is"
  throw new ValueError(
    `${operation}: ${what} no tensor but ${describe(scores)}: choose what is looked at with output: (result) => …`,
  )
}

function describe(result: unknown): string {
  if (Array.isArray(result)) return `a list of ${result.length}`
  if (typeof result === 'object' && result !== null) return `an object of ${Object.keys(result).join(', ')}`
  return String(result)
}

/** The class of each image, `[N]`. */
function classesOf(operation: string, scores: Tensor, target: ScoreOptions['target']): Tensor {
  const [N, K] = scores.shape as [number, number]
  if (target === undefined) return argmax(stopGradient(scores), { axis: 1 })
  if (isTensor(target)) {
    if (target.rank === 1 && target.shape[0] === N) return target
    throw new ShapeError(`${operation}: targets are not [${N}], one for each image: [${target.shape}]`)
  }
  const classes = typeof target === 'number' ? Array<number>(N).fill(target) : target
  if (classes.length !== N) throw new ShapeError(`${operation}: ${classes.length} targets for ${N} images`)
  const wrong = classes.find((each) => !Number.isInteger(each) || each < 0 || each >= K)
  if (wrong !== undefined)
    throw new IndexError(`${operation}: target ${wrong} is not one of ${K} classes, 0 to ${K - 1}`)
  return tensor(Int32Array.from(classes))
}

/** The gradient of the scores with respect to `x`, as plain values: those of one image do not meet others'. */
export function gradientOfScores<R>(
  operation: string,
  model: ViewedModel<R>,
  x: Tensor,
  options: ScoreOptions<R>,
): Tensor {
  const score = (input: Tensor): Tensor => scoresOf(operation, model, input, options).sum()
  return stopGradient(grad(score)(stopGradient(x)))
}

/** How the passes of a method look at the model. */
export interface FixedScores<R> extends ScoreOptions<R> {
  /** The scores of the images as they are: `[N]` or `[]`. */
  readonly scores: Tensor
}

/**
 * The options, with the classes that the model prefers for the images as they are: those are explained, also
 * where a changed image would look like something else.
 */
export async function fixTarget<R>(
  operation: string,
  model: ViewedModel<R>,
  x: Tensor,
  { target, output }: ScoreOptions<R>,
): Promise<FixedScores<R>> {
  const all = noGrad(() => outputOf(operation, model, x, output))
  const choose = target === undefined && all.rank === 2 && all.shape[0] === x.shape[0]
  const classes = choose ? tensor(await argmax(all, { axis: 1 }).data()) : target
  const fixed = { target: classes, output }
  return { ...fixed, scores: noGrad(() => scoresOf(operation, model, x, fixed)) }
}

/** The options for a batch in which each image stands `times` in a row of whole batches. */
export function repeatTarget<R>({ target, output }: ScoreOptions<R>, times: number): ScoreOptions<R> {
  if (target === undefined || typeof target === 'number') return { target, output }
  if (isTensor(target)) {
    const [N] = target.shape as [number]
    return {
      target: target
        .reshape([1, N])
        .expand([times, N])
        .reshape([times * N]),
      output,
    }
  }
  return { target: Array.from({ length: times }, () => target).flat(), output }
}
