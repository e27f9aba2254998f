import type { Backend, Executable } from '../backends/backend.ts'
import { GraphError } from '../errors.ts'
import type { Node } from '../graph/node.ts'
import { planFusion } from './fuse.ts'
import type { Program } from './kernels.ts'
import type { Linear } from './linearize.ts'
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

/** Plans by backend and by the structure of the graph. */
const cache = new WeakMap<Backend, Map<string, Plan>>()

/** The plan for a graph: the cached one, or a new one. */
export function planFor(graph: Linear, backend: Backend, fuse: boolean): Plan {
  let plans = cache.get(backend)
  if (!plans) cache.set(backend, (plans = new Map()))
  const key = fuse ? graph.key : `unfused;${graph.key}`
  let plan = plans.get(key)
  if (plan) plans.delete(key)
  else plan = makePlan(graph, backend, fuse)
  plans.set(key, plan)
  if (plans.size > MAX_PLANS) {
    const [oldest] = plans.keys()
    backend.release(plans.get(oldest!)!.executable)
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
      const { slots, arenaBytes } = placeSlots(lowered.slots, lowered.kernels)
      const values = graph.values.length + lowered.fixedValues.length
      return { program: { slots, kernels: lowered.kernels, arenaBytes, values }, lowered }
    }
    const before = forced.size
    for (const node of lowered.forced) forced.add(node)
    if (forced.size === before) throw new GraphError(`plan: cannot store ${describe([...lowered.forced][0]!)}`)
  }
}
