import { remapBody } from './body.ts'
import {
  type Access,
  accesses,
  type Chain,
  type Kernel,
  type MapKernel,
  type ReduceKernel,
} from './kernels.ts'
import type { UnplacedSlot } from './lower.ts'

/** Fewer rows than this would not keep many threads busy. */
const MIN_ROWS = 32
/** What is shared by the kernels of a chain, in bytes, at the least: less stays in a cache anyway. */
const MIN_SHARED = 262_144
/** How far a row of anything reaches at the least, in elements: threads should not meet in a cache line. */
const MIN_STRIDE = 16
/** How many kernels are looked at for one that goes on with a chain. */
const WINDOW = 24

/**
 * Finds kernels that go through the same rows one after the other (the four of a softmax, the statistics and
 * the result of a batch normalisation) and moves them together. Kernels in between that need nothing of the
 * chain move before it, others after it.
 */
export function planChains(
  kernels: readonly Kernel[],
  slots: readonly UnplacedSlot[],
): { readonly kernels: readonly Kernel[]; readonly chains: readonly Chain[] } {
  const done: Kernel[] = []
  const chains: Chain[] = []
  let rest = kernels
  while (rest.length > 0) {
    const found = longestChain(rest, slots)
    if (found) {
      const { before, linked, after, rows, rowBytes } = found
      // Among them there may be chains too: the updates of other parameters.
      const earlier = planChains(before, slots)
      for (const chain of earlier.chains) chains.push({ ...chain, first: done.length + chain.first })
      chains.push({ first: done.length + before.length, count: linked.length, rows, rowBytes })
      done.push(...earlier.kernels, ...linked)
      rest = after
    } else {
      done.push(rest[0]!)
      rest = rest.slice(1)
    }
  }
  return { kernels: done, chains }
}

interface Found {
  readonly before: readonly Kernel[]
  readonly linked: readonly Kernel[]
  readonly after: readonly Kernel[]
  readonly rows: number
  readonly rowBytes: number
}

/** The chain of most kernels that begins with the first one. */
function longestChain(kernels: readonly Kernel[], slots: readonly UnplacedSlot[]): Found | undefined {
  const head = kernels[0]!
  if (!isRowWise(head)) return undefined
  let longest: Found | undefined
  head.shape.forEach((extent, axis) => {
    if (extent < MIN_ROWS) return
    const found = chainAlong(kernels, axis, slots)
    if (found && found.linked.length > (longest?.linked.length ?? 1)) longest = found
  })
  return longest
}

function chainAlong(
  kernels: readonly Kernel[],
  headAxis: number,
  slots: readonly UnplacedSlot[],
): Found | undefined {
  const rows = (kernels[0] as RowWise).shape[headAxis]!
  const growing = new GrowingChain(rows, slots)
  const before: Kernel[] = []
  const linked: Kernel[] = []
  const after: Kernel[] = []
  const later = new Set<number>()
  const near = kernels.slice(0, WINDOW)
  for (const [position, kernel] of near.entries()) {
    const touched = accesses(kernel).map(({ slot }) => slot)
    const waits = touched.some((slot) => later.has(slot))
    const axes = waits || !isRowWise(kernel) ? [] : position === 0 ? [headAxis] : kernel.shape.keys()
    const ahead = near.slice(position + 1)
    const axis = [...axes].find((each) => growing.add(kernel as RowWise, each, ahead))
    if (axis !== undefined) {
      linked.push(withFirstAxis(kernel as RowWise, axis))
    } else if (waits || touched.some((slot) => growing.writes(slot))) {
      after.push(kernel)
      later.add(kernel.store.slot)
    } else {
      before.push(kernel)
    }
  }
  if (linked.length < 2 || growing.sharedBytes < MIN_SHARED) return undefined
  return { before, linked, after: [...after, ...kernels.slice(WINDOW)], rows, rowBytes: growing.rowBytes }
}

type RowWise = MapKernel | ReduceKernel

function isRowWise(kernel: Kernel): kernel is RowWise {
  return kernel.kind === 'map' || kernel.kind === 'reduce'
}

/** An access with the extents of the axes that its strides are for. */
type Space = readonly [Access, readonly number[]]

function readsOf(kernel: RowWise): Space[] {
  if (kernel.kind === 'map') return kernel.body.loads.map((load) => [load, kernel.shape])
  const all = [...kernel.shape, ...kernel.reduced]
  const prologue = kernel.prologue.loads.map((load): Space => [load, all])
  return [...prologue, ...kernel.epilogue.loads.map((load): Space => [load, kernel.shape])]
}

/** What the kernels of a chain read and write. */
class GrowingChain {
  readonly #rows: number
  readonly #slots: readonly UnplacedSlot[]
  /** How far the next row is, by slot; how far it was written. */
  readonly #read = new Map<number, number>()
  readonly #written = new Map<number, number>()
  readonly #shared = new Set<number>()

  constructor(rows: number, slots: readonly UnplacedSlot[]) {
    this.#rows = rows
    this.#slots = slots
  }

  writes(slot: number): boolean {
    return this.#written.has(slot)
  }

  /** Bytes of the slots that more than one kernel touches. */
  get sharedBytes(): number {
    return [...this.#shared].reduce((sum, slot) => sum + this.#slots[slot]!.bytes, 0)
  }

  get rowBytes(): number {
    const moving = [...this.#read].filter(([, stride]) => stride !== 0).map(([slot]) => slot)
    const touched = new Set([...moving, ...this.#written.keys()])
    return [...touched].reduce((sum, slot) => sum + this.#slots[slot]!.bytes / this.#rows, 0)
  }

  /**
   * Whether the chain can go on with `kernel`, whose rows are along `axis`; if so, it does. `ahead` come
   * later.
   */
  add(kernel: RowWise, axis: number, ahead: readonly Kernel[]): boolean {
    const { store } = kernel
    const reads = readsOf(kernel)
    if (kernel.shape[axis] !== this.#rows || this.#touches(store.slot)) return false
    if (!staysInRow([store, kernel.shape], axis, store.strides[axis]!, this.#rows)) return false
    if (kernel.kind === 'reduce' && !runsAlongRows(kernel)) return false
    if (![[store, kernel.shape] as const, ...reads].every((space) => isRow(space, axis))) return false
    const fits = reads.every((space) => {
      const stride = this.#written.get(space[0].slot)
      return stride === undefined || staysInRow(space, axis, stride, this.#rows)
    })
    const known = reads.filter(
      ([{ slot, strides }]) => strides[axis] !== 0 && strides[axis] === this.#strideOf(slot),
    )
    const isStranger = known.length === 0 && this.#written.size > 0
    if (!fits || (isStranger && !this.#meet(reads, ahead))) return false
    for (const [{ slot }] of known) this.#shared.add(slot)
    for (const [{ slot, strides }] of reads) this.#read.set(slot, strides[axis]!)
    this.#written.set(store.slot, store.strides[axis]!)
    return true
  }

  /**
   * Whether something large is read now and later, as what flows back is, for the sum of it and for its
   * product.
   */
  #meet(reads: readonly Space[], ahead: readonly Kernel[]): boolean {
    const large = reads.filter(([{ slot }]) => this.#slots[slot]!.bytes >= MIN_SHARED)
    return large.some(([{ slot }]) =>
      ahead.some((later) => accesses(later).some((each) => each.slot === slot)),
    )
  }

  #touches(slot: number): boolean {
    return this.#read.has(slot) || this.#written.has(slot)
  }

  #strideOf(slot: number): number | undefined {
    return this.#written.get(slot) ?? this.#read.get(slot)
  }
}

/** Whether neighbouring elements are in one row, or each row is one element. */
function isRow([{ strides }, shape]: Space, axis: number): boolean {
  const single = strides.every((stride, each) => each === axis || stride === 0 || shape[each] === 1)
  return single || Math.abs(strides[axis]!) >= MIN_STRIDE || strides[axis] === 0
}

/**
 * Whether an access in row i touches what lies in row i of a slot that has its rows `stride` apart, `rows` of
 * them before they begin again: all other axes go from block to block of rows, or move inside of a row.
 */
function staysInRow([{ offset, strides }, shape]: Space, axis: number, stride: number, rows: number): boolean {
  if (offset !== 0 || stride <= 0 || strides[axis] !== stride) return false
  let reach = 0
  for (const [each, step] of strides.entries()) {
    if (each === axis || step === 0 || shape[each] === 1 || step % (stride * rows) === 0) continue
    if (step < 0) return false
    reach += step * (shape[each]! - 1)
  }
  return reach < stride
}

/**
 * Whether a reduction goes through memory along its last axis, whatever the order of those that stay, so that
 * another order leaves its result as it is to the last bit.
 */
function runsAlongRows({ shape, reduced, prologue }: ReduceKernel): boolean {
  const along = (axis: number): boolean => prologue.loads.some(({ strides }) => strides[axis] === 1)
  const last = reduced.length - 1
  return along(shape.length + last) && (reduced[last]! >= MIN_STRIDE || !shape.some((_, axis) => along(axis)))
}

/** The same kernel with `axis` first, and another one after it. */
function withFirstAxis(kernel: RowWise, axis: number): RowWise {
  const kept = [axis, ...[...kernel.shape.keys()].filter((each) => each !== axis)]
  const moved = kept.length === 1 ? [axis, undefined] : kept
  const shape = moved.map((each) => (each === undefined ? 1 : kernel.shape[each]!))
  const strides = moved.map((each) => (each === undefined ? 0 : kernel.store.strides[each]!))
  const store = { ...kernel.store, strides }
  if (kernel.kind === 'map') return { ...kernel, shape, body: remapBody(kernel.body, moved), store }
  const reduced = kernel.reduced.map((_, each) => kernel.shape.length + each)
  const prologue = remapBody(kernel.prologue, [...moved, ...reduced])
  return { ...kernel, shape, prologue, epilogue: remapBody(kernel.epilogue, moved), store }
}
