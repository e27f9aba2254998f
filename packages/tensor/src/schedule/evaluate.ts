import type { Backend, DeviceBuffer, Fault } from '../backends/backend.ts'
import { type TypedArray, bytesPerElement, viewOf } from '../dtype.ts'
import { BackendError, DTypeError, GraphError, IndexError } from '../errors.ts'
import { buildCopy, isTracing, settle } from '../graph/build.ts'
import { cellOf } from '../graph/cells.ts'
import { isLeaf } from '../graph/kinds.ts'
import type { Node } from '../graph/node.ts'
import { Storage } from '../graph/storage.ts'
import { breathe } from './breath.ts'
import { currentBackend, fusing } from './current-backend.ts'
import { type Linear, linearize } from './linearize.ts'
import {
  nothingPending,
  type Pending,
  type PendingAssignment,
  restorePending,
  takePending,
} from './pending.ts'
import { type Plan, planFor } from './plan.ts'
import { sizeOf } from '../shape.ts'

/**
 * What a run leaves behind: memory for each root, and, where the backend works on its own, when it is done.
 */
export interface Ran {
  readonly buffers: readonly DeviceBuffer[]
  readonly done: PromiseLike<void> | undefined
}

/** The last run that a backend was still busy with. */
let inFlight: Promise<void> | undefined
/** Why a run that nobody waited for failed. */
let failure: { readonly error: unknown } | undefined

/**
 * Evaluates `nodes` and everything pending in one plan. Afterwards the nodes are values in memory that have
 * forgotten their inputs, and cells hold what was assigned to them.
 */
export function evaluateNodes(nodes: readonly Node[]): void | PromiseLike<void> {
  if (isTracing()) return refuseReading(nodes)
  throwFailure()
  if (nodes.length === 0 && nothingPending()) return inFlight && completionOf(inFlight)
  const pending = takePending()
  let graph: Linear
  const work = collectRoots(nodes, pending)
  try {
    graph = linearize(work.roots, checkLeaf)
  } catch (error) {
    keepWhatIsSound(pending)
    throw error
  }
  if (work.roots.length === 0) return inFlight && completionOf(inFlight)
  const backend = currentBackend()
  let ran: Ran
  try {
    ran = runPlan(planFor(graph, backend, fusing()), graph, backend)
  } catch (error) {
    for (const { cancel } of pending.assignments.values()) cancel()
    throw error
  }
  work.roots.forEach((root, position) => {
    const buffer = ran.buffers[position]!
    const assignment = work.assigned.get(root)
    const storage = new Storage(backend, buffer, assignment === undefined)
    if (assignment) assignment.commit(storage)
    else if (!isLeaf(root)) settle(root, storage)
  })
  return ran.done
}

/**
 * While a function is being compiled its results do not exist yet; `step()` is carried out at the end of each
 * replay.
 */
function refuseReading(nodes: readonly Node[]): void {
  if (nodes.length > 0)
    throw new GraphError('compile: no value can be read inside of a compiled function: return the tensor')
}

/** Carries out everything pending: assignments, losses, kept tensors. */
export function commit(): void | PromiseLike<void> {
  return evaluateNodes([])
}

/** Values of at most this many bytes move to the host for good when they are read: losses, counts. */
const SMALL = 256

/** The values of `node`, evaluated if need be. The array is the caller's own. */
export async function readNode(node: Node): Promise<TypedArray> {
  if (isTracing()) refuseReading([node])
  if (node.op.kind === 'host' && !node.storage) return node.op.data.slice()
  // What has no values of its own is read through a copy.
  const copied = isLeaf(node) && !node.storage
  const target = copied ? buildCopy(node, false) : node
  if (!target.storage) await evaluateNodes([target])
  else await inFlight
  await breathe()
  throwFailure()
  // Another reader of the same small tensor may have come first.
  if (target.op.kind === 'host' && !target.storage) return target.op.data.slice()
  const storage = target.storage!
  const count = sizeOf(node.shape)
  const bytes = await storage.backend.download(storage.buffer('data'), count * bytesPerElement(node.dtype))
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice()
  const data = viewOf(node.dtype, aligned.buffer, aligned.byteOffset, count)
  if (copied) storage.release('dispose', 'a copy')
  else if (bytes.length <= SMALL && node.op.kind === 'stored' && !cellOf(node))
    moveToHost(node, data.slice(), storage)
  return data
}

/** Device memory is given back at once, not when a collector finds the time. */
function moveToHost(node: Node, data: TypedArray, storage: Storage): void {
  node.op = { kind: 'host', data }
  node.storage = undefined
  storage.release('dispose', 'moved to the host')
}

/** A run that failed while nobody waited is reported by the next call that could have noticed. */
function throwFailure(): void {
  if (!failure) return
  const { error } = failure
  failure = undefined
  throw error
}

/** What a plan is to leave behind. */
export interface Work {
  readonly roots: readonly Node[]
  /** The root that each cell takes over. */
  readonly assigned: ReadonlyMap<Node, PendingAssignment>
}

/**
 * Each root once; a value that goes to a cell and is wanted elsewhere too is copied, since a cell owns its
 * memory.
 */
export function collectRoots(nodes: readonly Node[], { assignments, kept }: Pending): Work {
  const roots = new Set<Node>()
  for (const node of [...nodes, ...kept]) if (!node.storage) roots.add(node)
  const assigned = new Map<Node, PendingAssignment>()
  for (const assignment of assignments.values()) {
    const { node } = assignment
    const shared = roots.has(node) || isLeaf(node)
    const own = shared ? buildCopy(node, true) : node
    roots.add(own)
    assigned.set(own, assignment)
  }
  return { roots: [...roots], assigned }
}

/** Refuses a leaf whose memory is gone. */
export function checkLeaf(leaf: Node): void {
  leaf.storage?.buffer('evaluate')
}

/** After a stale graph was refused: what does not depend on it stays pending. */
function keepWhatIsSound({ assignments, kept }: Pending): void {
  const sound = (node: Node): boolean => {
    try {
      linearize([node], checkLeaf)
      return true
    } catch {
      return false
    }
  }
  for (const assignment of assignments.values()) if (!sound(assignment.node)) assignment.cancel()
  restorePending({
    assignments: new Map([...assignments].filter(([, { node }]) => sound(node))),
    kept: new Set([...kept].filter(sound)),
  })
}

/** Binds memory to a plan and runs it. */
export function runPlan(plan: Plan, graph: Linear, backend: Backend): Ran {
  const { program } = plan.executable
  const buffers: (DeviceBuffer | undefined)[] = program.slots.map(() => undefined)
  const staged: DeviceBuffer[] = []
  const produced: DeviceBuffer[] = []
  try {
    graph.inputs.forEach((leaf, slot) => (buffers[slot] = bindLeaf(leaf, backend, staged)))
    for (const slot of plan.outputs) {
      buffers[slot] = backend.allocate(program.slots[slot]!.bytes)
      produced.push(buffers[slot])
    }
    const values = plan.fixedValues.length > 0 ? [...graph.values, ...plan.fixedValues] : graph.values
    const fault = backend.run(plan.executable, buffers, values)
    const done = fault instanceof Promise ? follow(fault, plan) : throwFault(fault, plan)
    return { buffers: produced, done: done ?? undefined }
  } catch (error) {
    for (const buffer of produced) backend.free(buffer)
    throw error
  } finally {
    for (const buffer of staged) backend.free(buffer)
  }
}

function throwFault(fault: Fault | undefined, plan: Plan): void {
  if (!fault) return
  const kernel = plan.executable.program.kernels[fault.kernel]!
  const size = 'size' in kernel ? kernel.size : 0
  throw new IndexError(`${kernel.label}: an index is outside of [0, ${size})`)
}

function follow(fault: Promise<Fault | undefined>, plan: Plan): PromiseLike<void> {
  const done = fault.then((found) => throwFault(found, plan))
  const quiet = done.catch((error: unknown) => {
    failure = { error }
  })
  inFlight = quiet
  void quiet.then(() => {
    if (inFlight === quiet) inFlight = undefined
  })
  return completionOf(quiet)
}

/**
 * Rejects for whoever waits, and only then: a failure that nobody waited for is left to the next call, not to
 * the host's handler of unhandled rejections.
 */
function completionOf(run: Promise<void>): PromiseLike<void> {
  // oxlint-disable-next-line unicorn/no-thenable -- being asked is what makes the difference
  return { then: (resolve, reject) => run.then(throwFailure).then(resolve, reject) }
}

/** Host values that have been used once: the second use moves them to the device for good. */
const used = new WeakSet<Node>()

function bindLeaf(leaf: Node, backend: Backend, staged: DeviceBuffer[]): DeviceBuffer {
  const { op, storage } = leaf
  if (!backend.dtypes.has(leaf.dtype)) {
    throw new DTypeError(
      `${backend.name}: ${leaf.dtype} is computed on the reference backend only: configure({ backend: 'reference' })`,
    )
  }
  if (storage) {
    if (storage.backend !== backend) moveTo(backend, leaf, storage)
    return leaf.storage!.buffer('evaluate')
  }
  if (op.kind !== 'host' && op.kind !== 'live') throw new BackendError(`evaluate: ${op.kind} has no memory`)
  const data = op.kind === 'host' ? op.data : op.read()
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  const buffer = backend.allocate(Math.max(bytes.length, 64))
  if (bytes.length > 0) backend.upload(buffer, bytes)
  if (op.kind === 'host' && used.has(leaf)) leaf.storage = new Storage(backend, buffer)
  else staged.push(buffer)
  // What is read anew at each run never moves.
  if (op.kind === 'host') used.add(leaf)
  return buffer
}

/** Carries a value over after `configure` has changed the backend. */
function moveTo(backend: Backend, leaf: Node, storage: Storage): void {
  const length = sizeOf(leaf.shape) * bytesPerElement(leaf.dtype)
  const bytes = storage.backend.download(storage.buffer('evaluate'), length)
  if (bytes instanceof Promise) {
    throw new BackendError(
      `evaluate: a tensor is in the memory of ${storage.backend.name}, which can only be read in its own time, and the ` +
        `backend is now ${backend.name}: read it with data() and make it anew`,
    )
  }
  const buffer = backend.allocate(Math.max(length, 64))
  if (length > 0) backend.upload(buffer, bytes)
  leaf.storage = new Storage(backend, buffer)
}
