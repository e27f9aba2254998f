import type { Node } from './node.ts'

/** Whether the node's values are at hand and nothing needs to run for them. */
export function isLeaf(node: Node): boolean {
  if (node.storage !== undefined) return true
  const { kind } = node.op
  return (
    kind === 'host' ||
    kind === 'live' ||
    kind === 'constant' ||
    kind === 'index' ||
    kind === 'placeholder' ||
    kind === 'stored'
  )
}

/** A leaf without memory: what it holds follows from the position alone. */
export function isVirtual(node: Node): boolean {
  return node.storage === undefined && (node.op.kind === 'constant' || node.op.kind === 'index')
}

/** Whether the node only renames the positions of its input. */
export function isView(node: Node): boolean {
  if (node.storage !== undefined) return false
  const { kind } = node.op
  return (
    kind === 'reshape' ||
    kind === 'permute' ||
    kind === 'expand' ||
    kind === 'slice' ||
    kind === 'pad' ||
    kind === 'identity'
  )
}

/** Whether each element depends on the elements of the inputs at the same position alone. */
export function isElementwise(node: Node): boolean {
  if (node.storage !== undefined) return false
  const { kind } = node.op
  return kind === 'unary' || kind === 'binary' || kind === 'where' || kind === 'cast'
}
