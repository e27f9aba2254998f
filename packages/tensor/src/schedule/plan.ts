import type { Backend, Executable } from '../backends/backend.ts'
import { GraphError } from '../errors.ts'
import type { Node } from '../graph/node.ts'
import { planChains } from './chain.ts'
import { planFusion } from './fuse.ts'
import { planGroups } from './group.ts'
import type { Program } from './kernels.ts'
import { equalKeys, type Linear } from './linearize.ts'
import { describe, type Lowered, lower } from './lower.ts'
import { placeSlots } from './memory.ts'

/** A graph, ready to run again and again with other inputs and other numbers. */
export interface Plan {
  readonly executable: Executable
  /** The output slot of each root; the input slots come first, in the order of `Linear.inputs`. */
  readonly outputs: readonly number[]
  /** Numbers that follow those of the graph. */
  readonly fixedValues: readonly number[]
}

/** Past this many plans the one unused for longest is dropped. */
const MAX_PLANS = 256

interface CachedPlan {
  readonly key: Int32Array
  readonly fuse: boolean
  readonly plan: Plan
}

/**
 * Plans by backend and by a hash of the structure of the graph; of two graphs with equal hashes the later one
 * stays.
 */
const cache = new WeakMap<Backend, Map<number, CachedPlan>>()

/** The plan for a graph: the cached one, or a new one. */
export function planFor(graph: Linear, backend: Backend, fuse: boolean): Plan {
  let plans = cache.get(backend)
  if (!plans) cache.set(backend, (plans = new Map()))
  const { key } = graph
  const hash = fuse ? graph.hash : ~graph.hash
  const found = plans.get(hash)
  if (found && found.fuse === fuse && equalKeys(found.key, key)) {
    // What is used moves to the end of the queue of those that are dropped.
    plans.delete(hash)
    plans.set(hash, found)
    return found.plan
  }
  const plan = makePlan(graph, backend, fuse)
  if (found) backend.release(found.plan.executable)
  plans.delete(hash)
  plans.set(hash, { key, fuse, plan })
  if (plans.size > MAX_PLANS) {
    const [oldest] = plans.keys()
    backend.release(plans.get(oldest!)!.plan.executable)
    plans.delete(oldest!)
  }
  return plan
}

function makePlan(graph: Linear, backend: Backend, fuse: boolean): Plan {
  const { program, lowered } = makeProgram(graph, fuse)
  return { executable: backend.compile(program), outputs: lowered.outputs, fixedValues: lowered.fixedValues }
}

/** The kernels and the memory of a graph, not yet compiled. */
export function makeProgram(graph: Linear, fuse: boolean): { program: Program; lowered: Lowered } {
  const forced = new Set<Node>()
  for (;;) {
    const lowered = lower(graph, planFusion(graph, forced, fuse))
    if (lowered.forced.size === 0) {
      const { kernels, slots: unplaced } = lowered
      const ordered: Pick<Program, 'kernels' | 'chains' | 'groups'> = fuse
        ? planGroups(planChains(kernels, unplaced), unplaced)
        : { kernels }
      const { slots, arenaBytes } = placeSlots(unplaced, ordered.kernels, ordered.groups)
      const values = graph.values.length + lowered.fixedValues.length
      const program: Program = { ...ordered, slots, arenaBytes, values }
      return { program, lowered }
    }
    const before = forced.size
    for (const node of lowered.forced) forced.add(node)
    if (forced.size === before)
      throw new GraphError(`plan: cannot store ${describe([...lowered.forced][0]!)}`)
  }
}
