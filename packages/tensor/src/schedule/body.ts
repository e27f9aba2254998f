import { promote } from '../dtype.ts'
import { isLeaf, isView, isVirtual } from '../graph/kinds.ts'
import type { Node } from '../graph/node.ts'
import type { Body, Instruction, Load } from './kernels.ts'
import { applyView, denseView, type View } from './view.ts'

/** What a body needs to know of the plan it is part of. */
export interface BodyContext {
  /** Whether the node's result lies in memory. */
  stored(node: Node): boolean
  slotOf(node: Node): number
  /** Position of a run-time number of the graph: a constant's, a padding's. */
  valueOf(node: Node): number
  /** Position of a number that is fixed by the plan. */
  fixedValue(value: number): number
  /** Strides cannot express a view of `node`: it must be stored. */
  force(node: Node): void
}

/** View nodes still to be applied, the one nearest to the base first. */
type Path = { readonly view: Node; readonly next: Path } | undefined

/** Writes the straight-line program that computes one node from what is stored. */
export class BodyBuilder {
  readonly #context: BodyContext
  readonly #accumulator: Node | undefined
  readonly #loads: Load[] = []
  readonly #instructions: Instruction[] = []
  readonly #memo = new Map<Node, Map<Path, number>>()
  readonly #paths = new Map<Node, Map<Path, Path>>()

  constructor(context: BodyContext, accumulator?: Node) {
    this.#context = context
    this.#accumulator = accumulator
  }

  /** The body that computes `root`, over the shape of `root`, even though `root` itself counts as stored. */
  build(root: Node): Body {
    this.#emit(root, undefined, true)
    return this.#body()
  }

  /** The body that reads `operand` as its only consumer sees it, computing what can be computed in place. */
  buildOperand(operand: Node): Body {
    this.#emit(operand, undefined, false)
    return this.#body()
  }

  #body(): Body {
    const last = this.#instructions.length - 1
    const result = this.#instructions[last]!
    if (result.op === 'load' && result.dtype === 'float16') {
      // Half floats are copied through a conversion.
      this.#push({ op: 'cast', dtype: 'float32', args: [last] })
      this.#push({ op: 'cast', dtype: 'float16', args: [last + 1] })
    }
    return { loads: this.#loads, instructions: this.#instructions }
  }

  #push(instruction: Instruction): number {
    return this.#instructions.push(instruction) - 1
  }

  #emit(node: Node, path: Path, compute: boolean): number {
    const known = this.#memo.get(node)?.get(path)
    if (known !== undefined) return known
    const at = this.#emitNew(node, path, compute)
    let byPath = this.#memo.get(node)
    if (!byPath) this.#memo.set(node, (byPath = new Map()))
    byPath.set(path, at)
    return at
  }

  #emitNew(node: Node, path: Path, compute: boolean): number {
    if (node === this.#accumulator) return this.#push({ op: 'accumulator', dtype: node.dtype })
    if (!compute && this.#context.stored(node)) return this.#emitLoad(node, path)
    const { op, dtype } = node
    if (op.kind === 'constant') return this.#push({ op: 'value', dtype, value: this.#context.valueOf(node) })
    if (op.kind === 'index') return this.#emitIndex(node, op.axis, path)
    if (isLeaf(node)) return this.#emitLoad(node, path)
    if (isView(node)) return this.#emitThrough(node, path)
    const args = node.inputs.map((input) => this.#emit(input, path, false))
    if (op.kind === 'unary') return this.#push({ op: op.name, dtype, args: [args[0]!] })
    if (op.kind === 'binary') return this.#push({ op: op.name, dtype, args: [args[0]!, args[1]!] })
    if (op.kind === 'where') return this.#push({ op: 'where', dtype, args: [args[0]!, args[1]!, args[2]!] })
    return this.#push({ op: 'cast', dtype, args: [args[0]!] })
  }

  /** Goes down a chain of views, however long, to what lies below it. */
  #emitThrough(view: Node, path: Path): number {
    let node = view
    let through = path
    do {
      through = this.#extend(node, through)
      node = node.inputs[0]!
    } while (isView(node) && !this.#context.stored(node))
    return this.#emit(node, through, false)
  }

  /** The same view under the same path is the same path, so that what is read twice is loaded once. */
  #extend(view: Node, next: Path): Path {
    let byNext = this.#paths.get(view)
    if (!byNext) this.#paths.set(view, (byNext = new Map()))
    let path = byNext.get(next)
    if (!path) byNext.set(next, (path = { view, next }))
    return path
  }

  #resolve(base: Node, path: Path): View {
    return resolveView(denseView(base.shape), path, this.#context) ?? denseView(base.shape)
  }

  #emitLoad(node: Node, path: Path): number {
    const view = this.#resolve(node, path)
    const load: Load = {
      slot: this.#context.slotOf(node),
      dtype: node.dtype,
      offset: view.offset,
      strides: view.strides,
    }
    const bounded = view.pad && view.bounds.length > 0
    const guard = bounded ? { bounds: view.bounds, fill: this.#context.valueOf(view.pad) } : {}
    this.#loads.push({ ...load, ...guard })
    return this.#push({ op: 'load', dtype: node.dtype, load: this.#loads.length - 1 })
  }

  /** An index is a read from a memory that holds 0, 1, 2 …: its address is its value. */
  #emitIndex(node: Node, axis: number, path: Path): number {
    const own = denseView(node.shape)
    const strides = own.strides.map((_, each) => (each === axis ? 1 : 0))
    const start: View = { ...own, strides }
    const view = resolveView(start, path, this.#context) ?? start
    let sum: number | undefined
    const value = (number: number): number =>
      this.#push({ op: 'value', dtype: 'int32', value: this.#context.fixedValue(number) })
    view.strides.forEach((stride, each) => {
      if (stride === 0 || view.shape[each] === 1) return
      let term = this.#push({ op: 'index', dtype: 'int32', axis: each })
      if (stride !== 1) term = this.#push({ op: 'mul', dtype: 'int32', args: [term, value(stride)] })
      sum = sum === undefined ? term : this.#push({ op: 'add', dtype: 'int32', args: [sum, term] })
    })
    if (sum === undefined) return value(view.offset)
    return view.offset === 0
      ? sum
      : this.#push({ op: 'add', dtype: 'int32', args: [sum, value(view.offset)] })
  }
}

/**
 * Applies a path to a view; where strides cannot express a step, what lies under it is forced into memory.
 */
function resolveView(start: View, path: Path, context: BodyContext): View | undefined {
  let view = start
  for (let step = path; step; step = step.next) {
    const next = applyView(view, step.view)
    if (!next) {
      context.force(step.view.inputs[0]!)
      return undefined
    }
    view = next
  }
  return view
}

/** How a kernel that needs its operand in memory reads it: the stored node below, and the view on it. */
export function operandView(operand: Node, context: BodyContext): { node: Node; view: View } {
  let path: Path
  let node = operand
  while (isView(node) && !context.stored(node)) {
    path = { view: node, next: path }
    node = node.inputs[0]!
  }
  const view = resolveView(denseView(node.shape), path, context)
  if (view && view.bounds.length > 0) context.force(operand)
  if (isVirtual(node) && !context.stored(node)) context.force(node)
  return { node, view: view ?? denseView(operand.shape) }
}

/**
 * The same body over other axes: `axes[k]` is the old axis that the new axis k goes along, undefined for
 * none. Old axes that are not named have size 1.
 */
export function remapBody(body: Body, axes: readonly (number | undefined)[]): Body {
  const loads = body.loads.map((load) => {
    const strides = axes.map((axis) => (axis === undefined ? 0 : load.strides[axis]!))
    return load.bounds ? { ...load, strides, bounds: remapBounds(load.bounds, axes) } : { ...load, strides }
  })
  const instructions = body.instructions.map((instruction): Instruction => {
    if (instruction.op === 'index') return { ...instruction, axis: axes.indexOf(instruction.axis) }
    if (instruction.op !== 'load' || axes.length > 0) return instruction
    const { bounds, fill } = body.loads[instruction.load]!
    // A single position that lies outside: there is no axis left to say so.
    const outside = bounds?.some(({ low, high }) => low > 0 || high <= 0) ?? false
    return outside
      ? { op: 'value', dtype: promote(instruction.dtype, instruction.dtype), value: fill! }
      : instruction
  })
  return { loads, instructions }
}

/**
 * Bounds along other axes. On an axis that is gone the position is 0: inside, or outside whatever the others
 * say.
 */
function remapBounds(
  bounds: NonNullable<Load['bounds']>,
  axes: readonly (number | undefined)[],
): NonNullable<Load['bounds']> {
  const gone = bounds.filter(({ axis }) => !axes.includes(axis))
  if (axes.length > 0 && gone.some(({ low, high }) => low > 0 || high <= 0))
    return [{ axis: 0, low: 0, high: 0 }]
  return bounds
    .filter((bound) => !gone.includes(bound))
    .map((bound) => ({ ...bound, axis: axes.indexOf(bound.axis) }))
}
