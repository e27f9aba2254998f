import { isLeaf, isVirtual } from '../graph/kinds.ts'
import type { Node, Op } from '../graph/node.ts'

/** A pending graph in the order in which it can be computed, with what two graphs must share to share a plan. */
export interface Linear {
  /** Inputs come before those who use them; leaves included. */
  readonly nodes: readonly Node[]
  readonly roots: readonly Node[]
  /** Equal keys mean equal plans. */
  readonly key: string
  /** Leaves in memory, in the order of the plan's input slots. */
  readonly inputs: readonly Node[]
  /** Numbers in the graph (constants, padding values), in the order of the plan's values. */
  readonly values: readonly number[]
}

/** Puts everything that `roots` need in order. `check` sees each leaf first, so that a stale one is refused. */
export function linearize(roots: readonly Node[], check: (leaf: Node) => void): Linear {
  const nodes = order(roots)
  const numbers = new Map<Node, number>()
  const inputs: Node[] = []
  const values: number[] = []
  const parts: string[] = []
  for (const node of nodes) {
    numbers.set(node, numbers.size)
    const type = `${node.dtype}[${node.shape.join()}]`
    if (isVirtual(node)) {
      if (node.op.kind === 'constant') values.push(node.op.value)
      parts.push(node.op.kind === 'index' ? `index${node.op.axis}${type}` : `constant${type}`)
    } else if (isLeaf(node)) {
      check(node)
      inputs.push(node)
      parts.push(`input${type}`)
    } else {
      if (node.op.kind === 'pad') values.push(node.op.value)
      const operands = node.inputs.map((input) => numbers.get(input)!)
      parts.push(`${signature(node.op)}(${operands.join()})${type}`)
    }
  }
  const key = `${parts.join(';')}>${roots.map((root) => numbers.get(root)!).join()}`
  return { nodes, roots, key, inputs, values }
}

/** Depth first with a stack of its own: a graph may be deeper than the call stack. */
function order(roots: readonly Node[]): Node[] {
  const nodes: Node[] = []
  const entered = new Set<Node>()
  const done = new Set<Node>()
  const stack: Node[] = [...roots].reverse()
  while (stack.length > 0) {
    const node = stack[stack.length - 1]!
    if (done.has(node)) {
      stack.pop()
    } else if (entered.has(node) || isLeaf(node)) {
      stack.pop()
      done.add(node)
      nodes.push(node)
    } else {
      entered.add(node)
      for (let k = node.inputs.length - 1; k >= 0; k--) {
        const input = node.inputs[k]!
        if (!done.has(input)) stack.push(input)
      }
    }
  }
  return nodes
}

/** What an operation is, without the numbers that may change from run to run. */
function signature(op: Op): string {
  switch (op.kind) {
    case 'unary':
    case 'binary':
      return op.name
    case 'reduce':
      return `${op.name}/${op.axes.join()}`
    case 'argReduce':
      return `${op.name}/${op.axis}`
    case 'permute':
      return `permute/${op.axes.join()}`
    case 'slice':
      return `slice/${op.start.join()}/${op.step.join()}`
    case 'pad':
      return `pad/${op.before.join()}`
    case 'concat':
    case 'gather':
    case 'cumulativeSum':
      return `${op.kind}/${op.axis}`
    case 'scatterAdd':
      return `scatterAdd/${op.axis}/${op.size}`
    case 'convolution':
    case 'window':
      return `${op.kind}/${op.mode}/${Object.values(op.geometry).join()}`
    case 'argSort':
      return `argSort/${op.descending}`
    case 'random':
      return `random/${op.form}`
    default:
      return op.kind
  }
}
