import { commit, GraphError, isTracing, State, ValueError, zeros } from '@badak/tensor'
import type { Parameter, Tensor } from '@badak/tensor'

/**
 * The gradient of a large batch from `microBatches` small ones, in the memory of one: each is evaluated
 * before the next is built, and what stays is one sum for each parameter.
 *
 * Without it, gradients add up over several `backward()` calls too, but all of their graphs are evaluated at
 * once.
 *
 * @example
 * ```ts
 * const accumulator = new GradientAccumulator(model.parameters(), 4)
 * for await (const { x, t } of loader) {
 *   if (accumulator.add(softmaxCrossEntropy(model.forward(x), t))) optimizer.step()
 * }
 * ```
 */
export class GradientAccumulator {
  readonly microBatches: number
  readonly #parameters: readonly Parameter[]
  readonly #sums = new Map<Parameter, State>()
  /** Parameters that have had a gradient since the last one that was handed out. */
  readonly #begun = new Set<Parameter>()
  #count = 0

  /**
   * @param parameters those whose gradients are to be averaged
   * @param microBatches how many losses make a step
   * @throws ValueError unless `microBatches` is an integer ≥ 1
   */
  constructor(parameters: readonly Parameter[], microBatches: number) {
    if (!Number.isSafeInteger(microBatches) || microBatches < 1) {
      throw new ValueError(`GradientAccumulator: microBatches is not an integer ≥ 1: ${String(microBatches)}`)
    }
    this.#parameters = parameters
    this.microBatches = microBatches
  }

  /** How many losses have been added since the gradients were last handed out. */
  get count(): number {
    return this.#count
  }

  /**
   * Adds the gradients of `loss / microBatches` and evaluates them. Every `microBatches`-th time the
   * parameters get their averaged gradients instead, for `optimizer.step()`, whose plan computes the last
   * share along with the step.
   *
   * @param loss the mean over a micro-batch
   * @returns whether the gradients are complete: clip them and take a step
   * @throws GraphError inside of a compiled function, whose replays would not count
   */
  add(loss: Tensor): boolean {
    if (isTracing()) {
      throw new GraphError(
        'GradientAccumulator.add: it counts, and cannot be replayed: compile a loop over the micro-batches instead',
      )
    }
    loss.backward()
    this.#count++
    const complete = this.#count === this.microBatches
    for (const parameter of this.#parameters) {
      if (complete) this.#handOut(parameter)
      else this.#takeIn(parameter)
    }
    if (complete) this.reset()
    else void commit()
    return complete
  }

  /** Forgets what has been added: for gradients that are not to be used. */
  reset(): void {
    this.#begun.clear()
    this.#count = 0
  }

  #takeIn(parameter: Parameter): void {
    const { grad } = parameter
    if (!grad) return
    const sum = this.#sumOf(parameter)
    sum.assign(this.#begun.has(parameter) ? sum.add(grad) : grad)
    this.#begun.add(parameter)
    parameter.grad = undefined
  }

  #handOut(parameter: Parameter): void {
    const { grad } = parameter
    const sum = this.#begun.has(parameter) ? this.#sumOf(parameter) : undefined
    const total = sum && grad ? sum.add(grad) : (sum ?? grad)
    if (total) parameter.grad = total.div(this.microBatches)
  }

  #sumOf(parameter: Parameter): State {
    const { shape, dtype, name } = parameter
    const sum =
      this.#sums.get(parameter) ?? new State(zeros(shape, { dtype }), { name: `${name} (gradient)` })
    this.#sums.set(parameter, sum)
    return sum
  }
}
