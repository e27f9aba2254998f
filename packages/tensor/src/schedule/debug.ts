import { viewOf } from '../dtype.ts'
import { GraphError, NumericError } from '../errors.ts'
import { isLeaf } from '../graph/kinds.ts'
import type { Node } from '../graph/node.ts'
import { Storage } from '../graph/storage.ts'
import { currentBackend } from './current-backend.ts'
import { checkLeaf, runPlan } from './evaluate.ts'
import { linearize } from './linearize.ts'
import { describe } from './lower.ts'
import { planFor } from './plan.ts'
import { sizeOf } from '../shape.ts'

/**
 * Evaluates one node as soon as it is built. The node keeps its inputs, so that `backward()` still finds its
 * way.
 *
 * @throws NumericError at the first operation that makes a NaN out of inputs that have none
 */
export function evaluateEagerly(node: Node): void {
  if (isLeaf(node)) return
  node.origin = callSite()
  const backend = currentBackend()
  const graph = linearize([node], checkLeaf)
  const { buffers } = runPlan(planFor(graph, backend, true), graph, backend)
  node.storage = new Storage(backend, buffers[0]!)
  node.depth = 0
  const position = firstNaN(node)
  if (position < 0 || node.inputs.some((input) => firstNaN(input) >= 0)) return
  throw new NumericError(
    `${describe(node)}: made the first NaN, at [${coordinates(position, node.shape).join()}], from inputs without one` +
      (node.origin ? `; created at ${node.origin}` : ''),
  )
}

/** Where the user's own code called the operation. */
function callSite(): string | undefined {
  // Files of this package in a stack trace. Worked out here, since no bundler could leave it out at the top.
  const own = new URL('..', import.meta.url).href
  const lines = (new Error('origin').stack ?? '').split('\n').slice(1)
  const line = lines.find((each) => !each.includes(own) && !each.includes(own.replace('file://', '')))
  return line?.trim().replace(/^at /, '')
}

/** Position of the first NaN among the values of a node, −1 if there is none. */
function firstNaN(node: Node): number {
  if (node.dtype !== 'float32' && node.dtype !== 'float64') return -1
  const { op, storage, shape, dtype } = node
  if (op.kind === 'constant') return Number.isNaN(op.value) ? 0 : -1
  if (op.kind === 'host') return op.data.findIndex(Number.isNaN)
  if (!storage) return -1
  const count = sizeOf(shape)
  const bytes = storage.backend.download(storage.buffer('debug'), count * (dtype === 'float32' ? 4 : 8))
  if (bytes instanceof Promise) throw new GraphError(`debug: ${storage.backend.name} cannot be read at once`)
  const aligned = bytes.slice()
  return viewOf(dtype, aligned.buffer, 0, count).findIndex(Number.isNaN)
}

function coordinates(position: number, shape: readonly number[]): number[] {
  let rest = position
  const result = shape.map(() => 0)
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    result[axis] = rest % shape[axis]!
    rest = Math.floor(rest / shape[axis]!)
  }
  return result
}
