import type { Node } from './node.ts'
import type { Storage } from './storage.ts'

/** What autograd and compiled functions need to know of a Parameter or State. */
export interface CellRecord {
  readonly name: string
  /** The node of the present value. */
  readonly node: Node
  /** Adds to the gradient; does nothing for a cell that takes none. */
  addGradient(gradient: Node): void
  /** Puts an evaluated value, memory that is the cell's own to release, in the place of the present one. */
  replace(storage: Storage): void
}

/** Remembers that `node` is, or was, the value of `cell`. */
export function registerCellNode(node: Node, cell: CellRecord): void {
  node.cell = cell
}

/** The Parameter or State whose value `node` is or was. */
export function cellOf(node: Node): CellRecord | undefined {
  return node.cell
}
