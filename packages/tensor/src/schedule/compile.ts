import type { Backend } from '../backends/backend.ts'
import { GraphError } from '../errors.ts'
import { build, buildCopy, buildStored, whileTracing } from '../graph/build.ts'
import { type CellRecord, cellOf } from '../graph/cells.ts'
import { wrap } from '../graph/handle.ts'
import { isLeaf } from '../graph/kinds.ts'
import type { Node } from '../graph/node.ts'
import { Storage } from '../graph/storage.ts'
import type { Tensor } from '../tensor.ts'
import { currentBackend, debugging, fusing } from './current-backend.ts'
import { collectRoots, commit, evaluateNodes, runPlan } from './evaluate.ts'
import { type Linear, linearize } from './linearize.ts'
import { takePending } from './pending.ts'
import { type Plan, planFor } from './plan.ts'

/** What a compiled function may return. */
export type CompiledResult = Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>> | void

/** One trace: the graph of a call with placeholders for its arguments. */
interface Trace {
  readonly graph: Linear
  readonly plan: Plan
  readonly backend: Backend
  /** The cell that takes over a root, by the root's position. */
  readonly cells: readonly (CellRecord | undefined)[]
  /** The root of each tensor that the function returned. */
  readonly outputs: readonly number[]
  /** Puts fresh tensors in the place of those that the function returned. */
  readonly rebuild: (results: readonly Tensor[]) => CompiledResult
}

/**
 * Traces `fn` once for each set of argument shapes and types, and replays the plan afterwards, without
 * building the graph again. `backward()` and `optimizer.step()` may happen inside; learning rates, step
 * counts and random numbers are new in each replay. Anything else that `fn` does in JavaScript happens during
 * the trace alone.
 *
 * @throws GraphError when `fn` reads a value (`item`, `data`), returns a promise, or leaves gradients unused
 * @example
 * const step = compile((x: Tensor, t: Tensor) => {
 *   const loss = softmaxCrossEntropy(model.forward(x), t)
 *   loss.backward()
 *   optimizer.step()
 *   return loss
 * })
 */
export function compile<A extends readonly Tensor[], R extends CompiledResult>(
  fn: (...args: A) => R,
): (...args: A) => R {
  const traces = new Map<string, Trace>()
  return (...args) => {
    if (debugging()) return fn(...args)
    const nodes = args.map((arg) => arg.node)
    const backend = currentBackend()
    const key = `${backend.name};${nodes.map(({ dtype, shape }) => `${dtype}[${shape.join()}]`).join(';')}`
    const pendingArguments = nodes.filter((node) => !node.storage && node.op.kind !== 'host')
    void evaluateNodes(pendingArguments)
    let trace = traces.get(key)
    if (!trace || trace.backend !== backend) traces.set(key, (trace = record(fn, nodes, backend)))
    return replay(trace, nodes) as R
  }
}

function record<A extends readonly Tensor[]>(
  fn: (...args: A) => CompiledResult,
  nodes: readonly Node[],
  backend: Backend,
): Trace {
  void commit()
  const placeholders = nodes.map(({ shape, dtype }, position) =>
    build({ kind: 'placeholder', position }, [], shape, dtype),
  )
  let result: CompiledResult
  try {
    result = whileTracing(() => fn(...(placeholders.map(wrap) as unknown as A)))
  } catch (error) {
    for (const { cancel } of takePending().assignments.values()) cancel()
    throw error
  }
  const pending = takePending()
  for (const { cancel } of pending.assignments.values()) cancel()
  if ([...pending.kept].some((node) => node.shape.length > 0)) {
    throw new GraphError(
      'compile: a gradient or kept tensor is left over: call optimizer.step() inside, or return it',
    )
  }
  const { tensors, rebuild } = flatten(result)
  // Leaves have memory of their own already, which is not the caller's: they are copied.
  const returned = tensors.map(({ node }) => (isLeaf(node) ? buildCopy(node, true) : node))
  const { roots, assigned } = collectRoots(returned, { ...pending, kept: new Set() })
  const graph = linearize(roots, () => {})
  return {
    graph,
    plan: planFor(graph, backend, fusing()),
    backend,
    cells: roots.map((root) => assigned.get(root)?.cell),
    outputs: returned.map((node) => roots.indexOf(node)),
    rebuild,
  }
}

function flatten(result: CompiledResult): { tensors: readonly Tensor[]; rebuild: Trace['rebuild'] } {
  if (result === undefined) return { tensors: [], rebuild: () => undefined }
  if (result instanceof Promise)
    throw new GraphError('compile: the function returned a promise: nothing can be awaited inside')
  if (Array.isArray(result)) return { tensors: result as readonly Tensor[], rebuild: (tensors) => tensors }
  if ('node' in result) return { tensors: [result as Tensor], rebuild: ([tensor]) => tensor! }
  const entries = Object.entries(result as Record<string, Tensor>)
  return {
    tensors: entries.map(([, tensor]) => tensor),
    rebuild: (tensors) => Object.fromEntries(entries.map(([name], k) => [name, tensors[k]!])),
  }
}

/** Runs a trace on other arguments and on what the cells hold now. */
function replay(trace: Trace, args: readonly Node[]): CompiledResult {
  const inputs = trace.graph.inputs.map((leaf) => {
    if (leaf.op.kind === 'placeholder') return args[leaf.op.position]!
    return cellOf(leaf)?.node ?? leaf
  })
  const { backend } = trace
  const { buffers } = runPlan(trace.plan, { ...trace.graph, inputs }, backend)
  const storages = buffers.map((buffer, root) => new Storage(backend, buffer, !trace.cells[root]))
  trace.cells.forEach((cell, root) => cell?.replace(storages[root]!))
  const results = trace.outputs.map((root) => {
    const { shape, dtype } = trace.graph.roots[root]!
    return wrap(buildStored(storages[root]!, shape, dtype, false))
  })
  return trace.rebuild(results)
}
