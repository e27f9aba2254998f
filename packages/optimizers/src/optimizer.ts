import {
  GraphError,
  ShapeError,
  State,
  ValueError,
  commit,
  full,
  isTensor,
  isTracing,
  live,
  noGrad,
  slice,
  where,
} from '@badak/tensor'
import type { Parameter, Tensor } from '@badak/tensor'
import { checkTensors, readGroups, type OptimizerState } from './optimizer-state.ts'

/** What every optimizer can be told. */
export interface OptimizerOptions {
  /** Learning rate. */
  lr: number
  /** Whether steps go with the gradient, to make an objective large; default false. */
  maximize: boolean
}

/** What a moment begins with: a number everywhere, in the shape of the parameter or in one of its own. */
export type FirstMoment = number | { readonly shape: readonly number[]; readonly value: number }

/**
 * Parameters that are trained with the same options. Assign to an option to change it for the steps to come.
 */
export type ParameterGroup<Options> = Options & { readonly parameters: readonly Parameter[] }

/** A group as it is given to the constructor: options that it leaves out are those of the optimizer. */
export type GroupOptions<Options> = Partial<Options> & { readonly parameters: readonly Parameter[] }

/** What an optimizer is to train: a list of parameters, or groups that have options of their own. */
export type Trainable<Options> = readonly Parameter[] | readonly GroupOptions<Options>[]

interface Memory {
  /** How many updates have been carried out. */
  steps: number
  readonly states: Record<string, State>
}

/** A parameter that is to be updated, and what is remembered of it. */
interface Member {
  readonly parameter: Parameter
  readonly memory: Memory
}

/** A call of `step()`: whether it is still going on, and whose updates its plan has read the factors of. */
interface Attempt {
  open: boolean
  readonly counted: Set<Memory>
}

/**
 * What all optimizers share: groups of parameters, what is remembered for each, and the order of a step.
 *
 * A subclass says which numbers an update needs (`factors`, read anew at each step, also in compiled ones), which
 * of them change nothing at which value (`neutral`), what it remembers (`moments`) and how the new value follows
 * (`update`).
 */
export abstract class Optimizer<
  Options extends OptimizerOptions = OptimizerOptions,
  Factor extends string = string,
  Optional extends Factor = never,
> {
  readonly groups: readonly ParameterGroup<Options>[]
  readonly #name: string
  readonly #memories = new Map<Parameter, Memory>()

  /** @throws ValueError when there is no parameter, one is listed twice, or an option is out of range */
  constructor(name: string, trainable: Trainable<Options>, defaults: Options) {
    this.#name = name
    this.groups = groupsOf(name, trainable, defaults)
    this.#checkParameters()
    for (const group of this.groups) {
      if (!(group.lr > 0)) throw new ValueError(`${name}: lr is not a number > 0: ${String(group.lr)}`)
      this.check(group)
      for (const parameter of group.parameters) if (parameter.requiresGrad) this.#memoryOf(parameter, group)
    }
  }

  /** All parameters of all groups, in order. */
  get parameters(): readonly Parameter[] {
    return this.groups.flatMap(({ parameters }) => parameters)
  }

  /** The learning rate of the first group; setting it sets that of all groups, from the next step on. */
  get lr(): number {
    return this.groups[0]!.lr
  }

  set lr(lr: number) {
    checkNumber(this.#name, 'lr', lr, 0)
    for (const group of this.groups) group.lr = lr
  }

  /**
   * Moves every parameter that has a gradient against it, forgets the gradients, and carries out everything
   * that is pending: one evaluation per step. Where the backend works on its own, the promise tells when it
   * is done; nobody has to wait.
   *
   * @param options
   * @param options.when a condition, a bool scalar such as `isFinite(loss)`: where it does not hold, parameters
   *   and moments stay as they are. It is looked at where the update is computed; the step is counted anyway.
   * @throws GraphError when no parameter has a gradient
   * @throws ValueError when an option has been set to something out of range
   * @throws ShapeError when the condition is not a scalar
   */
  step({ when }: StepOptions = {}): void | PromiseLike<void> {
    const { groups } = this
    checkCondition(this.#name, when)
    if (!groups.some(({ parameters }) => parameters.some(({ grad }) => grad))) {
      throw new GraphError(`${this.#name}.step: no parameter has a gradient: call loss.backward() before it`)
    }
    for (const group of groups) this.check(group)
    const attempt: Attempt = { open: true, counted: new Set() }
    try {
      noGrad(() => {
        for (const group of groups) this.#updateGroup(group, attempt, when)
      })
      const done = commit()
      for (const memory of attempt.counted) memory.steps++
      return done
    } finally {
      attempt.open = false
    }
  }

  /** Forgets the gradients, which `step()` does by itself: for those that are not to be used. */
  zeroGrad(): void {
    for (const parameter of this.parameters) parameter.grad = undefined
  }

  /**
   * Options, step counts and moments. Read or write the tensors before the next `step()`, which makes them
   * old.
   */
  stateDict(): OptimizerState {
    const owners = this.groups.flatMap((group) => group.parameters.map((parameter) => ({ parameter, group })))
    const entries = owners.flatMap(({ parameter, group }, position) => {
      if (!this.#memories.has(parameter)) return []
      const { states } = this.#memoryOf(parameter, group)
      return Object.keys(this.moments(group)).map((name) => [`${position}.${name}`, states[name]!.value])
    })
    const groups = this.groups.map(({ parameters, ...options }) => ({
      ...options,
      steps: parameters.map((parameter) => this.#memories.get(parameter)?.steps ?? 0),
    }))
    return { tensors: Object.fromEntries(entries) as Record<string, Tensor>, groups }
  }

  /**
   * Goes on where another optimizer of the same kind, over the same parameters, was when its `stateDict()`
   * was taken. Either everything is loaded or, with an error, nothing.
   *
   * @param state what `stateDict()` gave
   * @throws ValueError when groups, options or names differ; ShapeError when shapes differ
   */
  loadStateDict({ tensors, groups }: OptimizerState): void {
    const loaded = readGroups(this.#name, this.groups, groups, (options) => this.check(options))
    const expected = new Map<string, State>()
    const steps = loaded.flatMap((group) => group.steps)
    const owners = this.groups.flatMap(({ parameters }, g) =>
      parameters.map((parameter) => ({ parameter, options: loaded[g]!.options })),
    )
    owners.forEach(({ parameter, options }, position) => {
      if (steps[position] === 0 && !this.#memories.has(parameter)) return
      const { states } = this.#memoryOf(parameter, options)
      for (const name of Object.keys(this.moments(options)))
        expected.set(`${position}.${name}`, states[name]!)
    })
    checkTensors(this.#name, expected, tensors)
    for (const [name, state] of expected) state.assign(tensors[name]!.cast(state.dtype))
    this.groups.forEach((group, g) => Object.assign(group, loaded[g]!.options))
    owners.forEach(({ parameter }, position) => {
      const memory = this.#memories.get(parameter)
      if (memory) memory.steps = steps[position]!
    })
  }

  /** @throws ValueError when an option of `group` is out of range */
  protected abstract check(group: Options): void

  /**
   * The moments that each parameter of `group` has, by their name in PyTorch, and what they begin with.
   */
  protected abstract moments(group: Options): Readonly<Record<string, FirstMoment>>

  /** The numbers that an update depends on; `step` is 1 for a parameter's first update. */
  protected abstract factors(group: Options, step: number): Readonly<Record<Factor, number>>

  /** The values at which factors change nothing: an update is not given those that have them at all steps. */
  protected neutral(): Readonly<Record<Optional, number>> {
    return {} as Record<Optional, number>
  }

  /** Assigns the moments and gives the new value of the parameter. */
  protected abstract update(context: Update<Options, Factor, Optional>): Tensor

  #updateGroup(group: ParameterGroup<Options>, attempt: Attempt, when: Tensor | undefined): void {
    const ready = group.parameters.filter(({ grad }) => grad)
    // Parameters that were updated equally often share their factors; as a rule these are all.
    const cohorts = new Map<string, Member[]>()
    for (const parameter of ready) {
      const memory = this.#memoryOf(parameter, group)
      const key = `${memory.steps} ${parameter.dtype}`
      const cohort = cohorts.get(key)
      if (cohort) cohort.push({ parameter, memory })
      else cohorts.set(key, [{ parameter, memory }])
    }
    for (const cohort of cohorts.values()) {
      const factors = this.#liveFactors(group, cohort, attempt)
      for (const { parameter, memory } of cohort) {
        const moments = memory.states
        const gradient = group.maximize ? parameter.grad!.neg() : parameter.grad!
        const before = when && Object.values(moments).map((state) => [state, state.value] as const)
        const next = this.update({ group, value: parameter, gradient, moments, factors })
        parameter.assign(when ? where(when, next, parameter) : next)
        for (const [state, value] of before ?? []) state.assign(where(when!, state, value))
        parameter.grad = undefined
      }
    }
  }

  /**
   * One input of the plan for all factors. A read within `step()` belongs to that step, which counts itself
   * once it has been carried out; any later one is a compiled function's, which replays the step and counts
   * here.
   */
  #liveFactors(
    group: ParameterGroup<Options>,
    cohort: readonly Member[],
    attempt: Attempt,
  ): Update<Options, Factor, Optional>['factors'] {
    const memories = cohort.map(({ memory }) => memory)
    const { used, unused } = this.#sortFactors(group)
    const read = (): number[] => {
      this.check(group)
      const values = this.factors(group, memories[0]!.steps + 1)
      this.#checkUnused(unused, values)
      if (attempt.open) for (const memory of memories) attempt.counted.add(memory)
      else for (const memory of memories) memory.steps++
      return used.map((name) => values[name as Factor])
    }
    const vector = live([used.length], cohort[0]!.parameter.dtype === 'float64' ? 'float64' : 'float32', read)
    const factors = Object.fromEntries(used.map((name, i) => [name, slice(vector, [i])]))
    return factors as Update<Options, Factor, Optional>['factors']
  }

  #sortFactors(group: Options): { used: readonly string[]; unused: readonly string[] } {
    const neutral = this.neutral()
    // A factor may be neutral at the first step alone.
    const [first, second] = [this.factors(group, 1), this.factors(group, 2)]
    const changesNothing = (name: Optional): boolean =>
      first[name] === neutral[name] && second[name] === neutral[name]
    const unused = (Object.keys(neutral) as Optional[]).filter(changesNothing)
    const used = (Object.keys(first) as Factor[]).filter((name) => !unused.some((each) => each === name))
    return { used, unused }
  }

  /** A compiled step has no place for a factor that changed nothing when it was compiled. */
  #checkUnused(unused: readonly string[], values: Readonly<Record<string, number>>): void {
    const neutral: Readonly<Record<string, number>> = this.neutral()
    for (const name of unused) {
      if (values[name] === neutral[name]) continue
      throw new GraphError(
        `${this.#name}.step: ${name} was ${neutral[name]} when the step was compiled and is ${values[name]} now: ` +
          'compile it again',
      )
    }
  }

  #memoryOf(parameter: Parameter, group: Options): Memory {
    const memory = this.#memories.get(parameter) ?? { steps: 0, states: {} }
    this.#memories.set(parameter, memory)
    const { dtype } = parameter
    for (const [name, first] of Object.entries(this.moments(group))) {
      if (isTracing() && !(name in memory.states)) {
        throw new GraphError(
          `${this.#name}.step: the moments of ${parameter.name} cannot begin in a compiled function: ` +
            'take a step before',
        )
      }
      const { shape, value } = typeof first === 'number' ? { shape: parameter.shape, value: first } : first
      memory.states[name] ??= new State(full(shape, value, { dtype }), {
        name: `${parameter.name} (${name})`,
      })
    }
    return memory
  }

  #checkParameters(): void {
    const all: readonly unknown[] = this.parameters
    if (all.length === 0) throw new ValueError(`${this.#name}: there are no parameters to train`)
    all.forEach((parameter, position) => {
      if (!isParameter(parameter))
        throw new ValueError(`${this.#name}: element ${position} is not a Parameter`)
      if (all.indexOf(parameter) < position)
        throw new ValueError(`${this.#name}: ${parameter.name} is listed twice`)
    })
  }
}

/** On what a step depends. */
export interface StepOptions {
  readonly when?: Tensor | undefined
}

function checkCondition(name: string, when: Tensor | undefined): void {
  if (!when || (when.rank === 0 && when.dtype === 'bool')) return
  throw new ShapeError(`${name}.step: the condition is not a bool scalar: ${String(when)}`)
}

/** What an update works on. */
export interface Update<Options, Factor extends string, Optional extends Factor = never> {
  readonly group: Options
  readonly value: Tensor
  /** The direction in which the value is not to go: negated for `maximize`. */
  readonly gradient: Tensor
  readonly moments: Readonly<Record<string, State>>
  /** Scalars; those that may be neutral and are so are missing. */
  readonly factors: Readonly<Record<Exclude<Factor, Optional>, Tensor> & Partial<Record<Optional, Tensor>>>
}

/** @throws ValueError when `value` is not a finite number ≥ `least`, and below `limit` */
export function checkNumber(
  name: string,
  what: string,
  value: number,
  least: number,
  limit = Infinity,
): void {
  if (typeof value === 'number' && value >= least && value < limit) return
  const range = limit === Infinity ? `a number ≥ ${least}` : `in [${least}, ${limit})`
  throw new ValueError(`${name}: ${what} is not ${range}: ${String(value)}`)
}

function groupsOf<Options>(
  name: string,
  trainable: Trainable<Options>,
  defaults: Options,
): ParameterGroup<Options>[] {
  if (!Array.isArray(trainable))
    throw new ValueError(`${name}: expected a list of parameters: got ${typeof trainable}`)
  const entries: readonly (Parameter | GroupOptions<Options>)[] = trainable
  if (entries.length === 0 || !entries.every(isGroup))
    return [{ ...defaults, parameters: entries as readonly Parameter[] }]
  return entries.map((group) => ({ ...defaults, ...group, parameters: [...group.parameters] }))
}

function isGroup<Options>(entry: Parameter | GroupOptions<Options>): entry is GroupOptions<Options> {
  return !isTensor(entry) && Array.isArray(entry?.parameters)
}

function isParameter(x: unknown): x is Parameter {
  return isTensor(x) && 'assign' in x && 'requiresGrad' in x
}
