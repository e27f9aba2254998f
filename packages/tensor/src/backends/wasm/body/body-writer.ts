import type { BinaryOp, UnaryOp } from '../../../graph/scalar.ts'
import {
  block,
  br_if,
  type Code,
  i32,
  i32x4,
  local,
  type Local,
  type Locals,
  select,
  selectLanes,
  type Target,
  v128,
  when,
} from '../assembler/index.ts'
import type { MathLibrary } from '../math/library.ts'
import { Constants } from './constants.ts'
import { mathNameOf, operationSteps } from './elementwise.ts'
import {
  byteShift,
  castLanes,
  elementAddress,
  finishLanes,
  loadLane,
  loadLanes,
  loadSplat,
  splatArgument,
} from './lanes.ts'
import type { BodySpec, InstructionSpec, LaneType, LoadSpec } from './spec.ts'

/** How often an instruction's result changes: never in one call, from row to row, from vector to vector. */
type Level = 'call' | 'row' | 'vector'
/** What a function of the math library counts for in the size of a body. */
const MATH_SIZE = 5
/** Vectors that are computed together, unless that would make too much code. */
const TOGETHER = 4
const MOST_CODE = 24
const levels: readonly Level[] = ['call', 'row', 'vector']

/** Where a body is computed: along a row of elements, four at a time. */
export interface Row {
  readonly args: Local
  /** Position along each axis; that of the inner axis is the first lane's. */
  readonly coordinates: readonly (Local | undefined)[]
  /** The axis along the row, −1 if a row is a single element. */
  readonly innerAxis: number
  /** For each load, the address of its element at inner position 0. */
  readonly pointers: readonly Local[]
  /** What the instruction `accumulator` gives, and how often that changes. */
  readonly accumulator?: { readonly lanes: Local; readonly level: Level }
}

/**
 * Which vector of a row: `4 · ahead` elements past the inner coordinate; `end` if lanes from there on do not
 * exist.
 */
export interface VectorPosition {
  readonly ahead: number
  readonly end?: Local
}

/** Makes the functions that `body` calls part of the module. */
export function requireMath(math: MathLibrary, body: BodySpec): void {
  for (const instruction of body.instructions) {
    if (!isOperation(instruction)) continue
    const name = mathNameOf(instruction.op, body.instructions[instruction.args[0]].dtype)
    if (name !== undefined) math.require(name)
  }
}

type Operation = Extract<InstructionSpec, { op: UnaryOp | BinaryOp }>
const others: ReadonlySet<string> = new Set(['load', 'value', 'index', 'accumulator', 'cast', 'where'])

function isOperation(instruction: InstructionSpec): instruction is Operation {
  return !others.has(instruction.op)
}

/**
 * Writes a body as vector code: each instruction becomes one local of four lanes. What does not change along
 * a row, or not at all, is computed once: `perCall` must run first, `perRow` at the start of each row,
 * `perVector` for each vector, or `together` for several.
 */
export class BodyWriter {
  readonly #body: BodySpec
  readonly #row: Row
  readonly #target: Target
  /** For each of the vectors that are computed together: the instructions' results. */
  readonly #results: readonly (readonly Local[])[]
  /** The same for the steps of operations and casts; the code of others depends on where the vector is. */
  readonly #operations: readonly (readonly (readonly Code[])[])[]
  readonly #constants: Constants
  readonly #levels: readonly Level[]
  /** For each load: the fill value, the least and the first too great inner position, the stride. */
  readonly #guards: readonly (
    | { readonly fill: Local; readonly low: Local; readonly high: Local }
    | undefined
  )[]
  readonly #strides: readonly (Local | undefined)[]
  readonly #address: Local

  constructor(locals: Locals, math: MathLibrary, body: BodySpec, row: Row) {
    this.#body = body
    this.#row = row
    this.#target = math.target
    this.#constants = new Constants(locals)
    this.#levels = levelsOf(body, row)
    const shared = body.instructions.map(() => locals.v128())
    const own = (result: Local, k: number): Local => (this.#levels[k] === 'vector' ? locals.v128() : result)
    this.#results = Array.from({ length: this.count }, (_, ahead) => (ahead === 0 ? shared : shared.map(own)))
    this.#guards = body.loads.map(({ bounds }) =>
      bounds.length === 0 ? undefined : { fill: locals.v128(), low: locals.i32(), high: locals.i32() },
    )
    this.#strides = body.loads.map((load) => (isLaneByLane(load, row.innerAxis) ? locals.i32() : undefined))
    this.#address = locals.i32()
    this.#operations = this.#results.map((results) =>
      body.instructions.map((_, k) => this.#operation(k, results, math, locals)),
    )
  }

  /** The lanes of the last instruction; those of the vector `ahead` of the first if computed together. */
  result(ahead = 0): Local {
    return this.#results[ahead].at(-1)!
  }

  get dtype(): LaneType {
    return this.#body.instructions.at(-1)!.dtype
  }

  /** How many vectors are best computed together. */
  get count(): number {
    const { instructions } = this.#body
    const sizes = instructions.map((instruction, k): number => {
      if (this.#levels[k] !== 'vector') return 0
      if (!isOperation(instruction)) return 1
      return mathNameOf(instruction.op, instructions[instruction.args[0]].dtype) === undefined ? 1 : MATH_SIZE
    })
    return sizes.reduce((sum, each) => sum + each, 0) <= MOST_CODE ? TOGETHER : 1
  }

  perCall(): Code {
    const { args, innerAxis } = this.#row
    const strides = this.#strides.map((stride, k) =>
      stride ? local.set(stride, i32.load(args, 4 * this.#body.loads[k].strides[innerAxis])) : [],
    )
    const fills = this.#guards.map((guard, k) => {
      const { dtype, fill } = this.#body.loads[k]
      return guard ? local.set(guard.fill, splatArgument(dtype, args, fill)) : []
    })
    return [this.#constants.set, strides, fills, this.#at('call', { ahead: 0 })]
  }

  perRow(): Code {
    return [this.#guards.map((_, k) => this.#setGuard(k)), this.#at('row', { ahead: 0 })]
  }

  perVector(position: VectorPosition): Code {
    return this.#at('vector', position)
  }

  /**
   * The next `count` vectors, step by step for all of them: the steps of one wait for each other, those of
   * different ones don't, and what a step needs of constants is at hand for all.
   */
  together(): Code {
    return this.#body.instructions.map((_, k) => {
      if (this.#levels[k] !== 'vector') return []
      const steps = this.#results.map((_, ahead) => this.#steps(k, { ahead }, ahead))
      return steps[0].map((_, step) => steps.map((each) => each[step]))
    })
  }

  #at(level: Level, position: VectorPosition): Code {
    return this.#levels.map((each, k) => (each === level ? this.#steps(k, position, 0) : []))
  }

  #operation(k: number, results: readonly Local[], math: MathLibrary, locals: Locals): readonly Code[] {
    const instruction = this.#body.instructions[k]
    if (!isOperation(instruction) && instruction.op !== 'cast') return []
    const from = this.#body.instructions[instruction.args[0]].dtype
    const args = instruction.args.map((arg) => results[arg])
    const steps = isOperation(instruction)
      ? operationSteps(math, instruction.op, from, args, locals)
      : [castLanes(from, instruction.dtype, args[0])]
    return this.#levels[k] === 'vector' ? steps.map((step) => this.#constants.keep(step)) : steps
  }

  /** Code that sets an instruction's result, in statements. */
  #steps(k: number, position: VectorPosition, vector: number): readonly Code[] {
    const instruction = this.#body.instructions[k]
    const results = this.#results[vector]
    const steps =
      isOperation(instruction) || instruction.op === 'cast'
        ? this.#operations[vector][k]
        : [this.#emit(instruction, results, results[k], position)]
    return [...steps.slice(0, -1), local.set(results[k], steps.at(-1)!)]
  }

  #emit(
    instruction: Exclude<InstructionSpec, Operation | { op: 'cast' }>,
    results: readonly Local[],
    result: Local,
    position: VectorPosition,
  ): Code {
    switch (instruction.op) {
      case 'load':
        return this.#load(instruction.load, result, position)
      case 'value':
        return splatArgument(instruction.dtype, this.#row.args, instruction.position)
      case 'index':
        return this.#index(instruction.axis, position)
      case 'accumulator':
        return local.get(this.#row.accumulator!.lanes)
      case 'where': {
        const [condition, yes, no] = instruction.args.map((k) => results[k]) as [Local, Local, Local]
        return selectLanes(this.#target, yes, no, condition)
      }
    }
  }

  #index(axis: number, { ahead }: VectorPosition): Code {
    const lanes = i32x4.splat(this.#row.coordinates[axis]!)
    if (axis !== this.#row.innerAxis) return lanes
    return i32x4.add(lanes, i32x4.const([0, 1, 2, 3].map((lane) => 4 * ahead + lane)))
  }

  #load(k: number, result: Local, position: VectorPosition): Code {
    const load = this.#body.loads[k]
    const guard = this.#guards[k]
    if (guard === undefined) return this.#loadInside(k, position)
    if (!isLaneByLane(load, this.#row.innerAxis)) {
      return [
        local.set(result, guard.fill),
        when(guard.high, local.set(result, loadSplat(load.dtype, this.#row.pointers[k]))),
        local.get(result),
      ]
    }
    const first = this.#innerPosition(position)
    const wholeInside = i32.and(i32.ge_s(first, guard.low), i32.le_s(i32.add(first, 4), guard.high))
    return [
      when(
        wholeInside,
        local.set(result, this.#loadInside(k, position)),
        this.#loadEdge(k, result, position),
      ),
      local.get(result),
    ]
  }

  /** A load that is known to touch only what exists, but for the lanes past the end of a row. */
  #loadInside(k: number, position: VectorPosition): Code {
    const { dtype, inner } = this.#body.loads[k]
    const pointer = this.#row.pointers[k]
    const stride = this.#strides[k]
    if (inner === 'dense') {
      // Lanes past the end of a row are read (memory goes on for a while) and then ignored.
      const address = elementAddress(dtype, pointer, this.#row.coordinates[this.#row.innerAxis]!)
      return loadLanes(dtype, address, (4 * position.ahead) << byteShift[dtype])
    }
    if (stride === undefined) return loadSplat(dtype, pointer)
    return this.#loadStrided(dtype, pointer, stride, position)
  }

  #loadStrided(dtype: LaneType, pointer: Local, stride: Local, position: VectorPosition): Code {
    const { end } = position
    const first = this.#innerPosition(position)
    const address = this.#address
    // Operands are evaluated from the outside in, so the first lane must be the outermost.
    const lanes = [3, 2, 1, 0].reduce<Code>(
      (vector, lane) => {
        // Past the end the address stands still: the next one might lie outside of memory.
        const step = end ? select(stride, 0, i32.lt_s(i32.add(first, lane), end)) : stride
        const next = lane === 0 ? local.get(address) : local.tee(address, i32.add(address, step))
        return loadLane(dtype, lane, next, vector)
      },
      i32x4.const([0, 0, 0, 0]),
    )
    return [local.set(address, i32.add(pointer, i32.mul(first, stride))), finishLanes(dtype, lanes)]
  }

  /** A vector that lies partly or wholly outside of the bounds: lane by lane. */
  #loadEdge(k: number, result: Local, position: VectorPosition): Code {
    const { dtype } = this.#body.loads[k]
    const { fill, low, high } = this.#guards[k]!
    const stride = this.#strides[k]!
    const pointer = this.#row.pointers[k]
    const first = this.#innerPosition(position)
    const laneCode = [0, 1, 2, 3].map((lane) => {
      const at = lane === 0 ? first : i32.add(first, lane)
      const inside = i32.and(i32.ge_s(at, low), i32.lt_s(at, high))
      const address = i32.add(pointer, i32.mul(at, stride))
      const one = finishLanes(dtype, loadLane(dtype, lane, address, i32x4.const([0, 0, 0, 0])))
      const mask = i32x4.const([0, 1, 2, 3].map((each) => (each === lane ? -1 : 0)))
      return when(inside, local.set(result, v128.bitselect(one, result, mask)))
    })
    return [local.set(result, fill), laneCode]
  }

  /** Inner position of the vector's first lane. */
  #innerPosition({ ahead }: VectorPosition): Code {
    const inner = this.#row.coordinates[this.#row.innerAxis]!
    return ahead === 0 ? local.get(inner) : i32.add(inner, 4 * ahead)
  }

  /** The inner positions at which a guarded load reads: none if another axis is out of bounds. */
  #setGuard(k: number): Code {
    const guard = this.#guards[k]
    if (guard === undefined) return []
    const { args, innerAxis, coordinates } = this.#row
    const { bounds } = this.#body.loads[k]
    const inner = bounds.find(({ axis }) => axis === innerAxis)
    const outer = bounds.filter(({ axis }) => axis !== innerAxis)
    return block((leave) => [
      local.set(guard.low, i32.const(0)),
      local.set(guard.high, i32.const(0)),
      outer.map(({ axis, low, high }) => {
        const at = coordinates[axis]!
        return br_if(
          leave,
          i32.or(i32.lt_s(at, i32.load(args, 4 * low)), i32.ge_s(at, i32.load(args, 4 * high))),
        )
      }),
      inner ? local.set(guard.low, i32.load(args, 4 * inner.low)) : [],
      local.set(guard.high, inner ? i32.load(args, 4 * inner.high) : i32.const(0x7fffffff)),
    ])
  }
}

/** Whether the lanes of a load differ: it moves along the row, or is bounded along it. */
function isLaneByLane({ inner, bounds }: LoadSpec, innerAxis: number): boolean {
  if (innerAxis < 0) return false
  if (inner === 'strided') return true
  return inner === 'dense' ? bounds.length > 0 : bounds.some(({ axis }) => axis === innerAxis)
}

function levelsOf(body: BodySpec, row: Row): readonly Level[] {
  const found: Level[] = []
  for (const instruction of body.instructions) {
    found.push(
      levels[Math.max(...dependencies(instruction, body, row, found).map((level) => levels.indexOf(level)))],
    )
  }
  return found
}

function dependencies(
  instruction: InstructionSpec,
  body: BodySpec,
  row: Row,
  found: readonly Level[],
): Level[] {
  switch (instruction.op) {
    case 'load': {
      const load = body.loads[instruction.load]
      return [load.inner === 'dense' || isLaneByLane(load, row.innerAxis) ? 'vector' : 'row']
    }
    case 'value':
      return ['call']
    case 'index':
      return [instruction.axis === row.innerAxis ? 'vector' : 'row']
    case 'accumulator':
      return [row.accumulator!.level]
    default:
      return instruction.args.map((k) => found[k])
  }
}
