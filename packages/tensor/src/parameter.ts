import { DTypeError, ShapeError } from './errors.ts'
import { buildStored, buildTracked, settle } from './graph/build.ts'
import { type CellRecord, registerCellNode } from './graph/cells.ts'
import { wrap } from './graph/handle.ts'
import type { Node } from './graph/node.ts'
import { Storage } from './graph/storage.ts'
import { add } from './ops/arithmetic.ts'
import { assignLater, keepNode, unkeepNode } from './schedule/pending.ts'
import { Tensor } from './tensor.ts'

/** Options of `Parameter` and `State`. */
export interface CellOptions {
  /** What errors call it; a Module sets it to the path of the field, such as `conv1.weight`. */
  name?: string
}

/** What a cell holds. Nodes with a cell's memory know the cell, so that it outlives them. */
interface Memory {
  held: Storage | undefined
}

/** One entry for each cell, where each of its values, new at every step, would be one. */
const backstop = new FinalizationRegistry<Memory>(({ held }) => held?.release('dispose', 'a cell'))

/**
 * A named place for a tensor whose value is replaced as training goes on. It is used like a tensor: an
 * operation on a cell works on its present value. Parameters and states are the only things in badak that
 * change.
 */
export abstract class Cell extends Tensor implements CellRecord {
  readonly #memory: Memory = { held: undefined }
  /** What errors call it. */
  name: string
  #version = 0
  #node: Node
  /** The value in memory; a newer one may be pending. */
  #settled: Node | undefined
  /** The first value, until there is one in memory. */
  #initial: Node | undefined
  /** Pending values that were replaced before they were computed. */
  readonly #superseded: Node[] = []
  #tracked: boolean

  constructor(value: Tensor, { name = 'an unnamed cell' }: CellOptions, tracked: boolean) {
    super(value.node)
    this.name = name
    this.#tracked = tracked
    this.#initial = value.node
    backstop.register(this, this.#memory)
    this.#node = this.#enter(value.node)
  }

  /** Raised by each assignment. */
  get version(): number {
    return this.#version
  }

  /** The node of the present value. @internal */
  override get node(): Node {
    return this.#node
  }

  /** The present value, as a tensor that later assignments make unusable. */
  get value(): Tensor {
    return wrap(this.#node)
  }

  /**
   * Replaces the value. Carried out by the next evaluation; operations built from now on see the new value.
   *
   * @throws ShapeError, DTypeError when the new value is not of the shape and type of the old
   */
  assign(value: Tensor): void {
    const { shape, dtype } = this
    if (value.shape.length !== shape.length || value.shape.some((size, axis) => size !== shape[axis])) {
      throw new ShapeError(
        `assign: ${this.name} has shape [${shape.join()}], the new value [${value.shape.join()}]`,
      )
    }
    if (value.dtype !== dtype) {
      throw new DTypeError(`assign: ${this.name} has type ${dtype}, the new value ${value.dtype}`)
    }
    this.#version++
    this.#node = this.#enter(value.node)
  }

  /** Puts an evaluated value in the place of the present one. @internal */
  replace(storage: Storage): void {
    this.#version++
    this.#commit(this.#node, storage)
  }

  /** Adds to the gradient. @internal */
  abstract addGradient(gradient: Node): void

  /** Whether gradients start at this cell. @internal */
  protected get tracked(): boolean {
    return this.#tracked
  }

  /** Operations from now on see the value with or without a gradient. @internal */
  protected set tracked(value: boolean) {
    this.#tracked = value
    this.#retrack()
  }

  /** Makes `value` the pending value; gives the node that operations see from now on. */
  #enter(value: Node): Node {
    const node = this.tracked ? buildTracked(value) : value
    if (this.tracked) registerCellNode(node, this)
    const current: Node | undefined = this.#node
    if (current && current !== this.#settled) this.#superseded.push(current)
    assignLater({
      cell: this,
      node: value,
      commit: (storage) => this.#commit(node, storage),
      cancel: () => this.#cancel(node),
    })
    return node
  }

  /** The cell goes on with the value it has, or is still to get, without the one that failed. */
  #cancel(pending: Node): void {
    if (this.#node !== pending) return
    if (this.#settled) this.#node = this.#settled
    else if (this.#superseded.length > 0) this.#node = this.#enter(this.#initial!)
  }

  #commit(pending: Node, storage: Storage): void {
    this.#settled?.storage?.release('assign', this.name)
    // Another one, if the value has moved to a new backend since.
    this.#memory.held?.release('assign', this.name)
    this.#memory.held = storage
    // A State's pending values are tensors of the caller's own, which can still be computed.
    for (const node of this.#superseded) {
      if (this.tracked && !node.storage) settle(node, Storage.replaced(storage.backend, this.name))
    }
    this.#superseded.length = 0
    this.#initial = undefined
    if (this.tracked && !pending.storage) settle(pending, storage)
    const stored = buildStored(storage, this.shape, this.dtype, this.tracked)
    registerCellNode(stored, this)
    this.#settled = stored
    if (this.#node === pending) this.#node = stored
  }

  #retrack(): void {
    const node = this.#node
    if (!node.storage) return
    const stored = buildStored(node.storage, this.shape, this.dtype, this.tracked)
    registerCellNode(stored, this)
    if (this.#settled === node) this.#settled = stored
    this.#node = stored
  }
}

/** A value that training changes: a weight, a bias. */
export class Parameter extends Cell {
  #gradient: Tensor | undefined

  constructor(value: Tensor, options: CellOptions = {}) {
    super(value, options, true)
  }

  /** Whether `backward()` computes a gradient for it; `false` freezes it. */
  get requiresGrad(): boolean {
    return this.tracked
  }

  set requiresGrad(value: boolean) {
    this.tracked = value
  }

  /**
   * The sum of the gradients of all `backward()` calls since the last `step()`, in the shape of the value.
   */
  get grad(): Tensor | undefined {
    return this.#gradient
  }

  set grad(value: Tensor | undefined) {
    if (this.#gradient) unkeepNode(this.#gradient.node)
    this.#gradient = value
    // A gradient is worth as much as the loss: reading the loss computes both in one pass.
    if (value) keepNode(value.node)
  }

  /** @internal */
  override addGradient(gradient: Node): void {
    if (!this.tracked) return
    const more = wrap(gradient)
    this.grad = this.#gradient ? add(this.#gradient, more) : more
  }
}

/**
 * A value that is carried from step to step and has no gradient: running statistics, moments of an optimizer.
 */
export class State extends Cell {
  constructor(value: Tensor, options: CellOptions = {}) {
    super(value, options, false)
  }

  /** @internal */
  override addGradient(): void {}
}
