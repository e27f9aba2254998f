import type { ReduceOp } from '../../../graph/scalar.ts'
import type { Access, Body, Load, MapKernel, ReduceKernel } from '../../../schedule/kernels.ts'
import { bytesPerElement } from '../../../dtype.ts'
import type { ModuleBuilder } from '../assembler/index.ts'
import { ArgumentList, type PlacedAccess } from '../body/argument-list.ts'
import { type BodySpec, specOfAccess, specOfBody } from '../body/spec.ts'
import { int, type Launch } from '../launch.ts'
import { alignUp } from '../memory/allocator.ts'
import { collapse, collapseStrides, fixedAxes } from './collapse.ts'
import { costOf, grainFor, product } from './cost.ts'
import { SEGMENT } from './reduce-plan.ts'
import { type RowChainSpec, type StageSpec, writeRowChain } from './row-chain-module.ts'

/** A row shorter than this is not worth a function of its own. */
const LEAST = 16
/** Enough chunks for many threads to end together. */
const CHUNKS = 32

/** A kernel of a chain: of each row a Map makes another row, a Reduce a number. */
interface Stage {
  readonly op?: ReduceOp
  readonly body: Body
  readonly epilogue: Body
  readonly store: PlacedAccess
}

/** The stages of a chain over `[…outer, inner]`. */
interface RowChain {
  readonly outer: readonly number[]
  readonly inner: number
  readonly stages: readonly Stage[]
}

/**
 * A chain whose kernels all go along the last axis, as the four of a softmax do, in one function: a row after
 * the other, which so stays in level 1, and with fewer loops along it, as what a Map makes is summed up at once.
 * undefined if the kernels are of another kind. Slots that `isOwn` have one row, in the memory of the thread.
 */
export function lowerRowChain(
  kernels: readonly (MapKernel | ReduceKernel)[],
  isOwn: (slot: number) => boolean,
): { readonly launch: Launch; readonly threadBytes: number } | undefined {
  const chain = rowChainOf(kernels)
  if (!chain) return undefined
  const { outer, inner, stages } = chain
  const { owned, threadBytes } = placeOwn(chain, isOwn)
  const args = new ArgumentList()
  const spec = specOf(chain, owned, args)
  const units = product(outer)
  const cost = stages.reduce((sum, { body }) => sum + costOf(body), 0)
  const launch = {
    module: {
      key: `rows ${JSON.stringify(spec)}`,
      write: (builder: ModuleBuilder): void => writeRowChain(builder, spec),
    },
    entry: 'rows',
    args: args.words,
    units,
    // Many rows to a chunk, as `arrange.ts` says.
    grain: Math.max(grainFor(inner * cost), Math.floor(units / CHUNKS)),
  }
  return { launch, threadBytes }
}

function rowChainOf(kernels: readonly (MapKernel | ReduceKernel)[]): RowChain | undefined {
  const spaces = kernels.map(spaceOf)
  const shape = spaces[0]?.shape
  if (!shape || spaces.some((space) => space?.shape.join() !== shape.join())) return undefined
  const inner = shape.at(-1)!
  if (inner < LEAST || inner > 2 * SEGMENT) return undefined
  const chain = collapseStages(
    shape,
    spaces.map((space) => space!.stage),
  )
  const { stages } = chain
  return goAlong(stages) && stayInRows(stages) ? chain : undefined
}

/** Where in the scratch of a thread what only the chain touches has its one row. */
function placeOwn({ inner, stages }: RowChain, isOwn: (slot: number) => boolean) {
  const owned = new Map<number, number>()
  let threadBytes = 0
  for (const { op, store } of stages) {
    if (!isOwn(store.slot)) continue
    owned.set(store.slot, threadBytes)
    // Whole vectors are read past the last element.
    threadBytes += alignUp((op ? 1 : inner) * bytesPerElement(store.dtype)) + 64
  }
  return { owned, threadBytes }
}

function specOf(
  { outer, inner, stages }: RowChain,
  owned: ReadonlyMap<number, number>,
  args: ArgumentList,
): RowChainSpec {
  const own: number[] = []
  const placed = <A extends Access>(access: A): A => {
    const offset = owned.get(access.slot)
    if (offset === undefined) return access
    const strides = access.strides.map((stride, axis) => (axis < outer.length ? 0 : stride))
    return { ...access, strides, address: int(offset) }
  }
  const note = ({ slot }: Access, { base }: { readonly base: number }): void => {
    if (owned.has(slot)) own.push(base)
  }
  const bodySpec = (body: Body, innerAxis: number): BodySpec => {
    const spec = specOfBody({ ...body, loads: body.loads.map(placed) }, innerAxis, args)
    body.loads.forEach((load, k) => note(load, spec.loads[k]))
    return spec
  }
  const specs = stages.map(({ op, body, epilogue, store }): StageSpec => {
    const spec = {
      ...(op && { op }),
      body: bodySpec(body, outer.length),
      epilogue: bodySpec(epilogue, -1),
      store: specOfAccess(placed(store), op ? -1 : outer.length, args),
    }
    note(store, spec.store)
    return spec
  })
  let next = 0
  return {
    outer: outer.map((size) => args.int(size)),
    inner: args.int(inner),
    loops: loopsOf(stages).map((count) => specs.slice(next, (next += count))),
    own,
  }
}

/** A kernel as a stage over `[…outer, inner]`, without axes of size 1; undefined if it is no such thing. */
function spaceOf(kernel: MapKernel | ReduceKernel): { shape: readonly number[]; stage: Stage } | undefined {
  const bare: Body = { loads: [], instructions: [] }
  const { shape, store } = kernel
  if (kernel.kind === 'map') {
    if (fixedAxes(kernel.body).size > 0) return undefined
    return squeeze(shape, { body: kernel.body, epilogue: bare, store })
  }
  const { op, reduced, prologue, epilogue } = kernel
  if (reduced.length !== 1 || fixedAxes(prologue).size + fixedAxes(epilogue).size > 0) return undefined
  const withInner = <A extends Access>(access: A): A => ({ ...access, strides: [...access.strides, 0] })
  return squeeze([...shape, ...reduced], {
    op,
    body: prologue,
    epilogue: { ...epilogue, loads: epilogue.loads.map(withInner) },
    store: withInner(store),
  })
}

function squeeze(shape: readonly number[], stage: Stage): { shape: readonly number[]; stage: Stage } {
  const kept = [...shape.keys()].filter((axis) => shape[axis] !== 1 || axis === shape.length - 1)
  const move = (strides: readonly number[]): number[] => kept.map((axis) => strides[axis])
  return { shape: move(shape), stage: withStrides(stage, move) }
}

function withStrides(stage: Stage, change: (strides: readonly number[]) => readonly number[]): Stage {
  const changed = <A extends Access>(access: A): A => ({ ...access, strides: change(access.strides) })
  const inBody = (body: Body): Body => ({ ...body, loads: body.loads.map(changed) })
  return {
    ...stage,
    body: inBody(stage.body),
    epilogue: inBody(stage.epilogue),
    store: changed(stage.store),
  }
}

const loadsOf = ({ body, epilogue }: Stage): readonly Load[] => [...body.loads, ...epilogue.loads]

/** The stages with as few axes as possible. */
function collapseStages(shape: readonly number[], stages: readonly Stage[]): RowChain {
  const last = shape.length - 1
  const accesses = stages.flatMap((stage) => [...loadsOf(stage), stage.store])
  const collapsed = collapse(shape, accesses, new Set([last]), last)
  const list = stages.map((stage) => withStrides(stage, (strides) => collapseStrides(strides, collapsed)))
  return { outer: collapsed.shape.slice(0, -1), inner: shape[last], stages: list }
}

/** Whether rows are whole vectors, or one number for all elements. */
function goAlong(stages: readonly Stage[]): boolean {
  const step = ({ strides }: Access): number => strides.at(-1)!
  return stages.every(
    ({ op, body, store }) =>
      body.loads.every((load) => step(load) === 0 || step(load) === 1) && (op || step(store) === 1),
  )
}

/** Whether each row reads of others' results only what they have made of the same row, at the same place. */
function stayInRows(stages: readonly Stage[]): boolean {
  const written = new Map<number, Access>()
  for (const stage of stages) {
    for (const { slot, offset, strides } of loadsOf(stage)) {
      const store = written.get(slot)
      if (store && (store.offset !== offset || store.strides.join() !== strides.join())) return false
    }
    written.set(stage.store.slot, stage.store)
  }
  return true
}

/** How many stages each loop along the row does: those that wait for none of its sums. */
function loopsOf(stages: readonly Stage[]): readonly number[] {
  const counts: number[] = []
  let sums = new Set<number>()
  for (const stage of stages) {
    if (counts.length === 0 || stage.body.loads.some(({ slot }) => sums.has(slot))) {
      counts.push(0)
      sums = new Set()
    }
    counts[counts.length - 1]++
    if (stage.op) sums.add(stage.store.slot)
  }
  return counts
}
