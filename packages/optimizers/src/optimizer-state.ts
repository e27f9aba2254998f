import { ShapeError, ValueError } from '@badak/tensor'
import type { Parameter, State, Tensor } from '@badak/tensor'

/** What an optimizer must remember to go on as if it had never stopped. */
export interface OptimizerState {
  /** Moments by the parameter's position and their name in PyTorch, such as `0.exp_avg`. */
  readonly tensors: Readonly<Record<string, Tensor>>
  /** Options of each group, and `steps`, how often each of its parameters was updated. Fit for JSON. */
  readonly groups: readonly Readonly<Record<string, unknown>>[]
}

/** The options of a group and how often each of its parameters was updated. */
interface LoadedGroup<Options> {
  readonly options: Options
  readonly steps: readonly number[]
}

/**
 * Checks `given` against the groups of an optimizer. @throws ValueError when they are not of the same kind
 */
export function readGroups<Options extends object>(
  name: string,
  own: readonly (Options & { readonly parameters: readonly Parameter[] })[],
  given: OptimizerState['groups'],
  check: (options: Options) => void,
): LoadedGroup<Options>[] {
  const fail = (problem: string): never => {
    throw new ValueError(`${name}.loadStateDict: ${problem}`)
  }
  if (given.length !== own.length) fail(`${given.length} groups for ${own.length}`)
  return own.map(({ parameters, ...expected }, g) => {
    const { steps, ...options } = given[g]!
    const [names, wanted] = [options, expected].map((record) => Object.keys(record).toSorted().join())
    if (names !== wanted) fail(`options of group ${g} differ: ${names}; expected ${wanted}`)
    check(options as unknown as Options)
    if (!isStepCounts(steps) || steps.length !== parameters.length) {
      return fail(`group ${g} has no step counts for its ${parameters.length} parameters`)
    }
    return { options: options as unknown as Options, steps }
  })
}

/** @throws ValueError when names differ; ShapeError when shapes differ */
export function checkTensors(
  name: string,
  expected: ReadonlyMap<string, State>,
  tensors: OptimizerState['tensors'],
): void {
  const quote = (names: readonly string[]): string => names.map((each) => `"${each}"`).join(', ')
  const missing = [...expected.keys()].filter((key) => !Object.hasOwn(tensors, key))
  const unexpected = Object.keys(tensors).filter((key) => !expected.has(key))
  const problems = [
    ...(missing.length > 0 ? [`missing ${quote(missing)}`] : []),
    ...(unexpected.length > 0 ? [`unexpected ${quote(unexpected)}`] : []),
  ]
  if (problems.length > 0) throw new ValueError(`${name}.loadStateDict: ${problems.join('; ')}`)
  for (const [key, state] of expected) {
    const [given, own] = [tensors[key]!.shape.join(), state.shape.join()]
    if (given === own) continue
    throw new ShapeError(`${name}.loadStateDict: "${key}" has shape [${given}], expected [${own}]`)
  }
}

function isStepCounts(x: unknown): x is readonly number[] {
  return Array.isArray(x) && x.every((count) => Number.isSafeInteger(count) && count >= 0)
}
