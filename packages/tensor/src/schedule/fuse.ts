import { isElementwise, isLeaf, isView, isVirtual } from '../graph/kinds.ts'
import type { Node } from '../graph/node.ts'
import type { Linear } from './linearize.ts'
import { sizeOf } from '../shape.ts'

/** Past this many operations in one kernel a chain is cut. */
const MAX_FUSED = 64

/** Operations that cost less to repeat than their result costs to store and load. */
const cheap = new Set([
  'neg',
  'abs',
  'sign',
  'relu',
  'not',
  'add',
  'sub',
  'mul',
  'max',
  'min',
  'less',
  'lessEqual',
  'equal',
  'and',
  'or',
  'xor',
])

/** Which nodes become kernels, and which of those take over the output of another as their accumulator. */
export interface Fusion {
  /** Nodes whose result is stored. All other nodes are computed inside the kernels that use them. */
  readonly anchors: ReadonlySet<Node>
  /** Anchor → the Reduce, matmul or convolution that it is the epilogue of (which is then no anchor). */
  readonly epilogues: ReadonlyMap<Node, Node>
}

/** One way in which a result is used. */
interface Use {
  /** The kernels in which that happens. */
  readonly homes: readonly Node[]
  /** Whether the user computes in place; otherwise it needs the operand in memory. */
  readonly inline: boolean
  /** Whether an `expand` lies between, so that each element would be computed many times. */
  readonly expanded: boolean
  /** Whether the user goes through the result in the order in which it is produced. */
  readonly ordered: boolean
}

/**
 * The three fusion rules: elementwise and view producers inline into their consumer, be it a Map or the
 * prologue of a Reduce; elementwise work on all of a Reduce or Contract becomes its epilogue. There is no
 * search: one pass from the results back to the leaves decides.
 *
 * @param forced nodes that must be stored since a view of them cannot be expressed by strides
 * @param fuse `false` makes every node a kernel
 */
export function planFusion({ nodes, roots }: Linear, forced: ReadonlySet<Node>, fuse: boolean): Fusion {
  const anchors = new Set<Node>([...roots, ...forced])
  for (const node of nodes) if (mustStore(node, fuse)) anchors.add(node)
  for (const node of nodes) if (node.op.kind === 'pad' && !isLeaf(node)) storeUnderPad(node, anchors)

  const uses = new Map<Node, Use[]>()
  const homes = new Map<Node, readonly Node[]>()
  const ordered = new Map<Node, boolean>()
  const fused = new Map<Node, number>()
  for (let k = nodes.length - 1; k >= 0; k--) {
    const node = nodes[k]!
    const transparent = isLeaf(node) || isView(node)
    if (!anchors.has(node)) {
      if (transparent) continue
      const used = uses.get(node) ?? []
      if (canInline(node, used, fused)) {
        const union = [...new Set(used.flatMap((use) => use.homes))]
        homes.set(node, union)
        ordered.set(
          node,
          used.every((use) => use.ordered),
        )
        for (const home of union) fused.set(home, (fused.get(home) ?? 0) + 1)
      } else {
        anchors.add(node)
      }
    }
    if (!homes.has(node)) homes.set(node, [node])
    if (!isLeaf(node)) recordUses(node, anchors, uses, homes.get(node)!, ordered.get(node) ?? true)
  }
  return { anchors, epilogues: fuse ? planEpilogues(nodes, roots, forced, anchors, uses) : new Map() }
}

/** Kernels of their own kind are stored; with fusion off, everything is. */
function mustStore(node: Node, fuse: boolean): boolean {
  if (isLeaf(node)) return false
  return !fuse || !(isElementwise(node) || isView(node))
}

/** The value out of bounds replaces an element that is read, not the result of an expression. */
function storeUnderPad(pad: Node, anchors: Set<Node>): void {
  const base = findBase(pad.inputs[0]!, anchors).base
  if (isElementwise(base) || isVirtual(base)) anchors.add(base)
}

/** The first node below a chain of views that is not itself a view without memory. */
function findBase(
  from: Node,
  anchors: ReadonlySet<Node>,
): { base: Node; expanded: boolean; ordered: boolean } {
  let node = from
  let expanded = false
  let ordered = true
  while (isView(node) && !anchors.has(node)) {
    if (node.op.kind === 'expand') expanded ||= sizeOf(node.shape) !== sizeOf(node.inputs[0]!.shape)
    if (!keepsOrder(node)) ordered = false
    node = node.inputs[0]!
  }
  return { base: node, expanded, ordered }
}

/** Whether a view goes through its input from first to last. */
function keepsOrder(node: Node): boolean {
  return node.op.kind === 'reshape' || node.op.kind === 'identity'
}

function recordUses(
  node: Node,
  anchors: Set<Node>,
  uses: Map<Node, Use[]>,
  homes: readonly Node[],
  order: boolean,
): void {
  const inline = isElementwise(node) || isView(node) || node.op.kind === 'reduce' || node.op.kind === 'concat'
  const inOrder = isElementwise(node) || keepsOrder(node)
  for (const input of node.inputs) {
    const { base, expanded, ordered } = findBase(input, anchors)
    if (!inline && isVirtual(base)) anchors.add(base)
    const use: Use = { homes, inline, expanded, ordered: ordered && order && inOrder }
    const list = uses.get(base)
    if (list) list.push(use)
    else uses.set(base, [use])
  }
}

function canInline(node: Node, used: readonly Use[], fused: ReadonlyMap<Node, number>): boolean {
  const homes = new Set(used.flatMap((use) => use.homes))
  if (homes.size === 0 || used.some((use) => !use.inline)) return false
  for (const home of homes) if ((fused.get(home) ?? 0) >= MAX_FUSED) return false
  if (homes.size === 1 && !used.some((use) => use.expanded)) return true
  const { op } = node
  const light = op.kind === 'cast' || ((op.kind === 'unary' || op.kind === 'binary') && cheap.has(op.name))
  const full = node.inputs.filter((input) => {
    const { base, expanded } = findBase(input, nothing)
    return !expanded && !isVirtual(base)
  })
  return light && full.length <= 1
}

const nothing: ReadonlySet<Node> = new Set()

/**
 * An elementwise kernel that is the only user of a Reduce or Contract, in the same order, becomes its
 * epilogue.
 */
function planEpilogues(
  nodes: readonly Node[],
  roots: readonly Node[],
  forced: ReadonlySet<Node>,
  anchors: Set<Node>,
  uses: ReadonlyMap<Node, readonly Use[]>,
): Map<Node, Node> {
  const epilogues = new Map<Node, Node>()
  for (const node of nodes) {
    const { kind } = node.op
    if (isLeaf(node) || (kind !== 'reduce' && kind !== 'matmul' && kind !== 'convolution')) continue
    if (roots.includes(node) || forced.has(node)) continue
    const used = uses.get(node) ?? []
    const homes = new Set(used.flatMap((use) => use.homes))
    const [home] = homes
    if (home === undefined || homes.size !== 1 || epilogues.has(home)) continue
    if (!isElementwise(home) && !keepsOrder(home)) continue
    if (used.some((use) => !use.inline || !use.ordered || use.expanded) || !sameAxes(home.shape, node.shape))
      continue
    epilogues.set(home, node)
    anchors.delete(node)
  }
  return epilogues
}

/** Whether two shapes differ in axes of size 1 alone. */
function sameAxes(a: readonly number[], b: readonly number[]): boolean {
  const real = (shape: readonly number[]): string => shape.filter((extent) => extent !== 1).join()
  return real(a) === real(b)
}
