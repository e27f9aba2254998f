import type { CellRecord } from '../graph/cells.ts'
import type { Node } from '../graph/node.ts'
import type { Storage } from '../graph/storage.ts'

/** A value on its way into a cell. */
export interface PendingAssignment {
  readonly cell: CellRecord
  /** The value to be. */
  readonly node: Node
  /** Hands the evaluated value, memory that is the cell's own to release, to the cell. */
  commit(storage: Storage): void
  /** The value could not be computed: the cell keeps the one it has. */
  cancel(): void
}

/** What the next evaluation must carry out even if nobody asks for it by name. */
export interface Pending {
  readonly assignments: ReadonlyMap<CellRecord, PendingAssignment>
  readonly kept: ReadonlySet<Node>
}

let assignments = new Map<CellRecord, PendingAssignment>()
let kept = new Set<Node>()

/** The latest assignment to a cell replaces an earlier one. */
export function assignLater(assignment: PendingAssignment): void {
  assignments.set(assignment.cell, assignment)
}

/** Evaluates `node` with whatever is evaluated next: a loss, a gradient, what `keep` was called on. */
export function keepNode(node: Node): void {
  if (node.storage === undefined) kept.add(node)
}

/** No longer a root: a gradient that an optimizer has consumed. */
export function unkeepNode(node: Node): void {
  kept.delete(node)
}

export function nothingPending(): boolean {
  return assignments.size === 0 && kept.size === 0
}

/** Everything pending, in the order in which it was asked for; nothing is pending afterwards. */
export function takePending(): Pending {
  const taken = { assignments, kept }
  assignments = new Map()
  kept = new Set()
  return taken
}

/** Puts back what was taken and not carried out. */
export function restorePending(taken: Pending): void {
  assignments = new Map([...taken.assignments, ...assignments])
  kept = new Set([...taken.kept, ...kept])
}
