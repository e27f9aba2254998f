import { isLeaf, isVirtual } from '../graph/kinds.ts'
import type { Node, Op } from '../graph/node.ts'

/**
 * A pending graph in the order in which it can be computed, with what two graphs must share to share a plan.
 */
export interface Linear {
  /** Inputs come before those who use them; leaves included. */
  readonly nodes: readonly Node[]
  readonly roots: readonly Node[]
  /** Equal keys mean equal plans. */
  readonly key: Int32Array
  /** Of the key. */
  readonly hash: number
  /** Leaves in memory, in the order of the plan's input slots. */
  readonly inputs: readonly Node[]
  /** Numbers in the graph (constants, padding values), in the order of the plan's values. */
  readonly values: readonly number[]
}

/**
 * Puts everything that `roots` need in order. `check` sees each leaf first, so that a stale one is refused.
 */
export function linearize(roots: readonly Node[], check: (leaf: Node) => void): Linear {
  const nodes = order(roots)
  const inputs: Node[] = []
  const values: number[] = []
  const key = new KeyWriter()
  key.number(nodes.length)
  for (const node of nodes) {
    const { op } = node
    if (isVirtual(node)) {
      if (op.kind === 'constant') values.push(op.value)
      key.name(op.kind)
      if (op.kind === 'index') key.number(op.axis)
    } else if (isLeaf(node)) {
      check(node)
      inputs.push(node)
      key.name('input')
    } else if (op.kind === 'unary' || op.kind === 'binary') {
      // The name says the kind, too; shape and type follow from those of the inputs.
      key.name(op.name)
      for (const input of node.inputs) key.number(input.place)
      continue
    } else {
      if (op.kind === 'pad') values.push(op.value)
      key.name(op.kind)
      writeAttributes(key, op)
      key.number(node.inputs.length)
      for (const input of node.inputs) key.number(input.place)
    }
    key.name(node.dtype)
    key.numbers(node.shape)
  }
  for (const root of roots) key.number(root.place)
  return { nodes, roots, ...key.finish(), inputs, values }
}

let visits = 0

/** Depth first with a stack of its own: a graph may be deeper than the call stack. */
function order(roots: readonly Node[]): Node[] {
  const visit = ++visits
  const nodes: Node[] = []
  const stack: Node[] = [...roots].reverse()
  while (stack.length > 0) {
    const node = stack[stack.length - 1]!
    const entered = node.visit === visit
    if (entered && node.place >= 0) {
      stack.pop()
    } else if (entered || isLeaf(node)) {
      stack.pop()
      node.visit = visit
      node.place = nodes.push(node) - 1
    } else {
      node.visit = visit
      node.place = -1
      for (let k = node.inputs.length - 1; k >= 0; k--) {
        const input = node.inputs[k]!
        if (input.visit !== visit || input.place < 0) stack.push(input)
      }
    }
  }
  return nodes
}

/** Names as numbers, in the order in which they are first met. */
const codes = new Map<string, number>()

/** What is written to before its length is known: one for all keys, which are made one at a time. */
let draft = new Int32Array(4096)

/** The latest key: a loop asks for the same one again and again. */
let last = { key: new Int32Array(), hash: 0 }

export function equalKeys(a: Int32Array, b: Int32Array): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let k = 0; k < a.length; k++) if (a[k] !== b[k]) return false
  return true
}

/** Writes the structure of a graph as integers: each step of a training loop asks for its plan by one. */
class KeyWriter {
  #length = 0

  number(value: number): void {
    if (this.#length === draft.length) {
      const longer = new Int32Array(2 * draft.length)
      longer.set(draft)
      draft = longer
    }
    draft[this.#length++] = value
  }

  numbers(values: readonly number[]): void {
    this.number(values.length)
    for (const value of values) this.number(value)
  }

  name(name: string): void {
    let code = codes.get(name)
    if (code === undefined) codes.set(name, (code = codes.size))
    this.number(code)
  }

  /** The key and its hash; the same array as the time before if nothing has changed. */
  finish(): { readonly key: Int32Array; readonly hash: number } {
    const written = draft.subarray(0, this.#length)
    if (!equalKeys(written, last.key)) last = { key: written.slice(), hash: hashOf(written) }
    return last
  }
}

/** FNV-1a, a word at a time. */
function hashOf(key: Int32Array): number {
  let hash = 0x811c9dc5
  for (let k = 0; k < key.length; k++) hash = Math.imul(hash ^ key[k]!, 0x01000193)
  return hash
}

/** What an operation is beside its kind, without the numbers that may change from run to run. */
function writeAttributes(key: KeyWriter, op: Op): void {
  switch (op.kind) {
    case 'reduce':
      key.name(op.name)
      return key.numbers(op.axes)
    case 'argReduce':
      key.name(op.name)
      return key.number(op.axis)
    case 'permute':
      return key.numbers(op.axes)
    case 'slice':
      key.numbers(op.start)
      return key.numbers(op.step)
    case 'pad':
      return key.numbers(op.before)
    case 'concat':
    case 'gather':
    case 'cumulativeSum':
      return key.number(op.axis)
    case 'scatterAdd':
      key.number(op.axis)
      return key.number(op.size)
    case 'convolution':
    case 'window':
      key.name(op.mode)
      return key.numbers(Object.values(op.geometry))
    case 'argSort':
      return key.number(Number(op.descending))
    case 'random':
      return key.name(op.form)
    default:
  }
}
