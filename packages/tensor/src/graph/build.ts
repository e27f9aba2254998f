import type { DType } from '../dtype.ts'
import { GraphError } from '../errors.ts'
import { Node, type Op } from './node.ts'
import type { Storage } from './storage.ts'

/** A chain longer than this was hardly meant: every loop that never reads a value ends here. */
const MAX_DEPTH = 20_000

const STORED: Op = { kind: 'stored' }
const NONE: readonly Node[] = []

let nextId = 0
let tracking = true
let tracing = false

/** Called with each new node; `debug: 'eager'` evaluates it there and then. */
let observer: ((node: Node) => void) | undefined

export function observeNodes(observe: ((node: Node) => void) | undefined): void {
  observer = observe
}

/** A node for `op` on `inputs`. Shapes and types have been checked by the caller. */
export function build(op: Op, inputs: readonly Node[], shape: readonly number[], dtype: DType): Node {
  let depth = 0
  let tracked = false
  for (const input of inputs) {
    if (input.depth > depth) depth = input.depth
    if (input.tracked) tracked = true
  }
  if (depth >= MAX_DEPTH) {
    throw new GraphError(
      `${op.kind}: ${depth} operations are pending on each other and nothing has been evaluated: ` +
        'evaluate once per step (optimizer.step(), await evaluate(x) or await x.data())',
    )
  }
  const passes = tracked && tracking && !(op.kind === 'identity' && op.stop) && !stopsGradients(op, dtype)
  // A copy, which no literal of the caller's makes: what `Node` says of literals holds for lists of nodes, too.
  const own = inputs.length === 0 ? NONE : inputs.slice()
  const node = new Node(nextId++, op, own, shape, dtype, passes, depth + 1)
  observer?.(node)
  return node
}

/** Integers and booleans carry no gradient. */
function stopsGradients(op: Op, dtype: DType): boolean {
  return (
    op.kind === 'argReduce' ||
    op.kind === 'argSort' ||
    dtype === 'int32' ||
    dtype === 'uint8' ||
    dtype === 'bool'
  )
}

/** A leaf that lives in memory. */
export function buildStored(
  storage: Storage,
  shape: readonly number[],
  dtype: DType,
  tracked: boolean,
): Node {
  const node = new Node(nextId++, STORED, NONE, shape, dtype, tracked, 0)
  node.storage = storage
  return node
}

/** The same values as a node of their own; a gradient passes unless `stop` is set. */
export function buildCopy(x: Node, stop: boolean): Node {
  return build({ kind: 'identity', stop }, [x], x.shape, x.dtype)
}

/**
 * A copy of `x`'s values at which gradients start: the first value of a Parameter, or an argument of `grad`,
 * through which those of an enclosing `grad` pass on (`stop: false`).
 */
export function buildTracked(x: Node, stop = true): Node {
  return Object.assign(buildCopy(x, stop), { tracked: true })
}

/** Runs `body` so that no node made in it carries gradients. */
export function withoutTracking<T>(body: () => T): T {
  return withTracking(false, body)
}

/** Runs `body` so that nodes made in it carry gradients, or don't. */
export function withTracking<T>(enabled: boolean, body: () => T): T {
  const before = tracking
  tracking = enabled
  try {
    return body()
  } finally {
    tracking = before
  }
}

/** Whether a function is being compiled: what it builds now will run again later. */
export function isTracing(): boolean {
  return tracing
}

/** Runs `body` as the one trace of a compiled function. */
export function whileTracing<T>(body: () => T): T {
  tracing = true
  try {
    return body()
  } finally {
    tracing = false
  }
}

/** Makes `node` a value in memory that no longer knows where it came from. */
export function settle(node: Node, storage: Storage): void {
  node.op = STORED
  node.inputs = NONE
  node.depth = 0
  node.storage = storage
}
