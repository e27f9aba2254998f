import { bytesPerElement, type DType } from '../dtype.ts'
import { isLeaf, isVirtual } from '../graph/kinds.ts'
import type { Node } from '../graph/node.ts'
import { BodyBuilder, type BodyContext, operandView, remapBody } from './body.ts'
import type { Fusion } from './fuse.ts'
import type { Access, Body, Kernel } from './kernels.ts'
import type { Linear } from './linearize.ts'
import { isDense } from './view.ts'
import { sizeOf, stridesOf } from '../shape.ts'

/** A slot before temporaries have been laid out. */
export interface UnplacedSlot {
  readonly kind: 'input' | 'output' | 'temporary'
  readonly bytes: number
}

/** Kernels over slots; or, in `forced`, the nodes that must be stored before this can work. */
export interface Lowered {
  readonly kernels: readonly Kernel[]
  readonly slots: readonly UnplacedSlot[]
  /** The output slot of each root. */
  readonly outputs: readonly number[]
  /** Numbers that follow those of the graph. */
  readonly fixedValues: readonly number[]
  readonly forced: ReadonlySet<Node>
}

/** Size of a slot: whole cache lines, so that kernels may work in whole vectors. */
function slotBytes(shape: readonly number[], dtype: DType): number {
  return Math.max(Math.ceil((sizeOf(shape) * bytesPerElement(dtype)) / 64) * 64, 64)
}

/** Writes the kernels for a fused graph. */
export function lower(graph: Linear, fusion: Fusion): Lowered {
  return new Lowering(graph, fusion).run()
}

class Lowering implements BodyContext {
  readonly #graph: Linear
  readonly #fusion: Fusion
  readonly #slots: UnplacedSlot[] = []
  readonly #inputs = new Map<Node, number>()
  readonly #results = new Map<Node, number>()
  readonly #kernels: Kernel[] = []
  readonly #fixed: number[] = []
  readonly #values = new Map<Node, number>()
  readonly #forced = new Set<Node>()

  constructor(graph: Linear, fusion: Fusion) {
    this.#graph = graph
    this.#fusion = fusion
    for (const node of graph.inputs) this.#inputs.set(node, this.#slot('input', node))
    for (const node of graph.nodes) {
      const constant = isVirtual(node) && node.op.kind === 'constant'
      if (constant || (node.op.kind === 'pad' && !isLeaf(node))) this.#values.set(node, this.#values.size)
    }
  }

  run(): Lowered {
    const roots = new Set(this.#graph.roots)
    for (const node of this.#graph.nodes) {
      if (!this.#fusion.anchors.has(node)) continue
      this.#results.set(node, this.#slot(roots.has(node) ? 'output' : 'temporary', node))
      if (sizeOf(node.shape) > 0) this.#lowerAnchor(node)
    }
    const outputs = this.#graph.roots.map((root) => this.#results.get(root)!)
    return {
      kernels: this.#kernels,
      slots: this.#slots,
      outputs,
      fixedValues: this.#fixed,
      forced: this.#forced,
    }
  }

  stored(node: Node): boolean {
    return this.#fusion.anchors.has(node) && (!isLeaf(node) || isVirtual(node))
  }

  slotOf(node: Node): number {
    return this.#inputs.get(node) ?? this.#results.get(node)!
  }

  valueOf(node: Node): number {
    return this.#values.get(node)!
  }

  fixedValue(value: number): number {
    return this.#values.size + this.#fixed.push(value) - 1
  }

  force(node: Node): void {
    this.#forced.add(node)
  }

  #slot(kind: UnplacedSlot['kind'], node: Node): number {
    return this.#slots.push({ kind, bytes: slotBytes(node.shape, node.dtype) }) - 1
  }

  #lowerAnchor(node: Node): void {
    const source = this.#fusion.epilogues.get(node)
    if (source) this.#lowerWork(source, node)
    else if (isLeaf(node)) this.#lowerMap(node)
    else this.#lowerWork(node, node)
  }

  /** `work` with `result` stored: the same node, or the end of its epilogue. */
  #lowerWork(work: Node, result: Node): void {
    const { op } = work
    const label = work === result ? describe(work) : `${describe(work)} → ${describe(result)}`
    switch (op.kind) {
      case 'concat':
        return this.#lowerConcat(work, op.axis, label)
      case 'reduce':
        return this.#lowerReduce(work, result, label)
      case 'matmul':
        return this.#lowerMatmul(work, result, label)
      case 'convolution':
        return this.#lowerConvolution(work, result, label)
      case 'argReduce':
        return this.#lowerArgReduce(work, op.name, op.axis, label)
      case 'gather':
      case 'scatterAdd':
        return this.#lowerIndexed(work, label)
      case 'window':
      case 'cumulativeSum':
      case 'argSort':
      case 'random':
        return this.#lowerDense(work, label)
      default:
        this.#lowerMap(work)
    }
  }

  /** Kernels of dense operands, mostly one, and a dense result. */
  #lowerDense(work: Node, label: string): void {
    const { op, shape } = work
    const load = this.#dense(work.inputs[0]!)
    const ends = { label, load, store: this.#store(work) }
    if (op.kind === 'window') {
      const gradient = work.inputs[1] && { gradient: this.#dense(work.inputs[1]) }
      this.#push({ kind: 'window', mode: op.mode, geometry: op.geometry, ...ends, ...gradient })
    } else if (op.kind === 'cumulativeSum') {
      const [outer, size, inner] = around(shape, op.axis)
      this.#push({ kind: 'cumulativeSum', outer, size, inner, ...ends })
    } else if (op.kind === 'argSort') {
      const size = shape[shape.length - 1] ?? 1
      this.#push({ kind: 'argSort', descending: op.descending, rows: sizeOf(shape) / size, size, ...ends })
    } else if (op.kind === 'random') {
      this.#push({ kind: 'random', form: op.form, count: sizeOf(shape), key: load, label, store: ends.store })
    }
  }

  #push(kernel: Kernel): void {
    this.#kernels.push(kernel)
  }

  /** A dense store of `node`, in the axes of `like`. */
  #store(node: Node, like: Node = node): Access {
    return { slot: this.#results.get(node)!, dtype: node.dtype, offset: 0, strides: stridesOf(like.shape) }
  }

  #lowerMap(node: Node): void {
    const body = new BodyBuilder(this).build(node)
    this.#push({ kind: 'map', label: describe(node), shape: node.shape, body, store: this.#store(node) })
  }

  /** One Map for each operand, into its part of the result. */
  #lowerConcat(node: Node, axis: number, label: string): void {
    const store = this.#store(node)
    let position = 0
    for (const input of node.inputs) {
      const body = new BodyBuilder(this).buildOperand(input)
      const offset = position * store.strides[axis]!
      position += input.shape[axis]!
      if (sizeOf(input.shape) > 0)
        this.#push({ kind: 'map', label, shape: input.shape, body, store: { ...store, offset } })
    }
  }

  #lowerReduce(work: Node, result: Node, label: string): void {
    if (work.op.kind !== 'reduce') return
    const { axes, name } = work.op
    const input = work.inputs[0]!
    const kept = input.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis))
    const prologue = remapBody(new BodyBuilder(this).buildOperand(input), [...kept, ...axes])
    const strides = stridesOf(work.shape)
    this.#push({
      kind: 'reduce',
      op: name,
      label,
      shape: kept.map((axis) => input.shape[axis]!),
      reduced: axes.map((axis) => input.shape[axis]!),
      prologue,
      epilogue: this.#epilogue(work, result, kept),
      store: { ...this.#store(result), strides: kept.map((axis) => strides[axis]!) },
    })
  }

  #lowerConvolution(work: Node, result: Node, label: string): void {
    if (work.op.kind !== 'convolution') return
    const { mode, geometry } = work.op
    const [left, right] = [this.#dense(work.inputs[0]!), this.#dense(work.inputs[1]!)]
    const epilogue = this.#epilogue(work, result, [...work.shape.keys()])
    const store = this.#store(result, work)
    this.#push({ kind: 'convolution', label, mode, geometry, left, right, epilogue, store })
  }

  #lowerMatmul(work: Node, result: Node, label: string): void {
    const [left, right] = [work.inputs[0]!, work.inputs[1]!]
    const rank = work.shape.length
    this.#push({
      kind: 'matmul',
      label,
      batch: work.shape.slice(0, rank - 2),
      m: work.shape[rank - 2]!,
      n: work.shape[rank - 1]!,
      k: left.shape[rank - 1]!,
      left: this.#access(left),
      right: this.#access(right),
      epilogue: this.#epilogue(
        work,
        result,
        work.shape.map((_, axis) => axis),
      ),
      store: this.#store(result, work),
    })
  }

  #lowerArgReduce(work: Node, op: 'argmax' | 'argmin', axis: number, label: string): void {
    const input = work.inputs[0]!
    const access = this.#access(input)
    const kept = input.shape.map((_, each) => each).filter((each) => each !== axis)
    const strides = stridesOf(work.shape)
    this.#push({
      kind: 'argReduce',
      op,
      label,
      shape: kept.map((each) => input.shape[each]!),
      size: input.shape[axis]!,
      load: { ...access, strides: [...kept, axis].map((each) => access.strides[each]!) },
      store: { ...this.#store(work), strides: kept.map((each) => strides[each]!) },
    })
  }

  #lowerIndexed(work: Node, label: string): void {
    const { op } = work
    const [first, second] = [work.inputs[0]!, work.inputs[1]!]
    const index = this.#access(second)
    const store = this.#store(work)
    if (op.kind === 'gather') {
      const { axis } = op
      const size = first.shape[axis]!
      this.#push({
        kind: 'gather',
        label,
        shape: work.shape,
        axis,
        size,
        source: this.#access(first),
        index,
        store,
      })
    } else if (op.kind === 'scatterAdd') {
      const { axis, size } = op
      const updates = this.#access(first)
      this.#push({ kind: 'scatterAdd', label, shape: first.shape, axis, size, updates, index, store })
    }
  }

  /** What happens to the accumulator before it is stored, over the axes `kept` of the work. */
  #epilogue(work: Node, result: Node, kept: readonly number[]): Body {
    if (work === result) return { loads: [], instructions: [{ op: 'accumulator', dtype: work.dtype }] }
    const body = new BodyBuilder(this, work).build(result)
    const real = result.shape.map((_, axis) => axis).filter((axis) => result.shape[axis] !== 1)
    return remapBody(
      body,
      kept.map((axis) => (work.shape[axis] === 1 ? undefined : real.shift())),
    )
  }

  #access(operand: Node): Access {
    const { node, view } = operandView(operand, this)
    return { slot: this.slotOf(node), dtype: operand.dtype, offset: view.offset, strides: view.strides }
  }

  #dense(operand: Node): Access {
    const { node, view } = operandView(operand, this)
    if (!isDense(view)) this.force(operand)
    return {
      slot: this.slotOf(node),
      dtype: operand.dtype,
      offset: view.offset,
      strides: stridesOf(operand.shape),
    }
  }
}

/** Extents before, at and after an axis. */
function around(shape: readonly number[], axis: number): [number, number, number] {
  return [sizeOf(shape.slice(0, axis)), shape[axis]!, sizeOf(shape.slice(axis + 1))]
}

/** Short name of a node in errors and traces. */
export function describe(node: Node): string {
  const { op } = node
  const name = 'name' in op ? op.name : op.kind
  const detail = 'mode' in op ? ` ${op.mode}` : ''
  return `${name}${detail} [${node.shape.join()}]`
}
