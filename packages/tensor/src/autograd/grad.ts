import { isFloat } from '../dtype.ts'
import { DTypeError, GraphError, ValueError } from '../errors.ts'
import { buildTracked, withoutTracking, withTracking } from '../graph/build.ts'
import { wrap } from '../graph/handle.ts'
import type { Node } from '../graph/node.ts'
import { constantNode, isTensor, nodeOf, type TensorLike } from '../ops/operand.ts'
import { stopGradient } from '../ops/softmax.ts'
import { checkInteger } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { backwardPass, one } from './backward.ts'

/** A function of tensors (and whatever else) with a single number as its result. */
export type Loss<Args extends readonly unknown[]> = (...args: Args) => Tensor

/** With respect to which arguments a function is differentiated. */
export interface GradOptions<N extends number | readonly number[] = number | readonly number[]> {
  /** The position of an argument, or several; default 0. */
  readonly argnums?: N
}

/** What `grad` gives: one gradient for one position, a list for a list. */
export type Gradients<N> = N extends readonly number[] ? Tensor[] : Tensor

/**
 * The function that gives the gradient of `f`. Applied to its own result it gives second derivatives.
 *
 * Everything `f` computes from the arguments chosen is differentiated; parameters that it uses count as
 * constants.
 *
 * @throws ShapeError, DTypeError when `f` gives something else than one float (when called)
 * @throws ValueError when there is no argument at a position (when called)
 * @example
 * ```ts
 * const slope = grad((x: Tensor) => x.mul(x).sum())
 * await slope(tensor([1, 2])).array() // [2, 4]
 * ```
 */
export function grad<Args extends readonly unknown[], N extends number | readonly number[] = 0>(
  f: Loss<Args>,
  options: GradOptions<N> = {},
): (...args: Args) => Gradients<N> {
  return (...args) => differentiate('grad', f, args, options).gradients as Gradients<N>
}

/**
 * The function that gives the value of `f` and its gradient, as `grad` does.
 *
 * @example
 * ```ts
 * const { value, gradient } = valueAndGrad((w: Tensor) => loss(w))(w)
 * ```
 */
export function valueAndGrad<Args extends readonly unknown[], N extends number | readonly number[] = 0>(
  f: Loss<Args>,
  options: GradOptions<N> = {},
): (...args: Args) => { value: Tensor; gradient: Gradients<N> } {
  return (...args) => {
    const { value, gradients } = differentiate('valueAndGrad', f, args, options)
    return { value, gradient: gradients as Gradients<N> }
  }
}

function differentiate<Args extends readonly unknown[]>(
  operation: string,
  f: Loss<Args>,
  args: Args,
  { argnums = 0 }: GradOptions,
): { value: Tensor; gradients: Tensor | Tensor[] } {
  const positions = typeof argnums === 'number' ? [argnums] : argnums
  return withTracking(true, () => {
    const sources = positions.map((position) => source(operation, args, position))
    const inputs = args.map((arg, position) => {
      const chosen = positions.indexOf(position)
      return chosen < 0 ? arg : wrap(sources[chosen]!)
    })
    const value = f(...(inputs as unknown as Args))
    if (!isTensor(value))
      throw new DTypeError(`${operation}: the function gave no tensor: ${describe(value)}`)
    const isSource = new Set(sources)
    const pass = backwardPass(operation, value.node, one(operation, value.node), (node) => isSource.has(node))
    // Where nothing but the arguments asks for gradients, results are plain values.
    const outer =
      pass.leaves.some((node) => !isSource.has(node)) || sources.some((node) => node.inputs[0]?.tracked)
    const detach = (t: Tensor): Tensor => (outer ? t : stopGradient(t))
    const found = sources.map((node) =>
      detach(pass.gradientOf(node) ?? wrap(constantNode(0, node.shape, node.dtype))),
    )
    return { value: detach(value), gradients: typeof argnums === 'number' ? found[0]! : found }
  })
}

/** A copy of an argument at which its gradient is collected. */
function source(operation: string, args: readonly unknown[], position: number): Node {
  checkInteger(operation, 'argnums', position, 0)
  if (position >= args.length)
    throw new ValueError(`${operation}: there is no argument ${position}: got ${args.length}`)
  const node = nodeOf(operation, args[position] as TensorLike)
  if (!isFloat(node.dtype))
    throw new DTypeError(`${operation}: argument ${position} is not of a float type: ${node.dtype}`)
  return buildTracked(node, false)
}

function describe(value: unknown): string {
  return value instanceof Promise ? 'a promise' : String(value)
}

/**
 * Runs `f` so that nothing built in it asks for gradients: evaluation, updates by hand.
 *
 * @throws GraphError when `f` is asynchronous: what it builds after its first `await` would not be covered
 * @example
 * ```ts
 * const predictions = noGrad(() => model.forward(images))
 * ```
 */
export function noGrad<T>(f: () => T): T {
  const result = withoutTracking(f)
  if (result instanceof Promise) {
    throw new GraphError(
      'noGrad: the function gave a promise: build the tensors inside of noGrad, read them outside',
    )
  }
  return result
}
