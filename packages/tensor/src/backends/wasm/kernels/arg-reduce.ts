import { bytesPerElement } from '../../../dtype.ts'
import type { ArgReduceKernel, Body } from '../../../schedule/kernels.ts'
import {
  type Code,
  f32x4,
  forRange,
  i32,
  i32x4,
  increase,
  local,
  type Local,
  type Locals,
  type ModuleBuilder,
  selectLanes,
  shuffle32,
  type Target,
  v128,
  when,
  whileTrue,
} from '../assembler/index.ts'
import { ArgumentList } from '../body/argument-list.ts'
import { BodyWriter, type VectorPosition } from '../body/body-writer.ts'
import { type Cursor, Odometer } from '../body/odometer.ts'
import { storeVector } from '../body/row-writer.ts'
import { type AccessSpec, type BodySpec, specOfAccess, specOfBody } from '../body/spec.ts'
import type { Lowering } from '../launch.ts'
import { MathLibrary } from '../math/library.ts'
import { collapse, collapseStrides } from './collapse.ts'
import { grainFor, product } from './cost.ts'

/** From so many neighbouring elements on, vectors run along them; else each lane finds a result of its own. */
const LONG = 64

/** What the code depends on; numbers are positions in the argument block. */
interface ArgReduceSpec {
  readonly op: 'argmax' | 'argmin'
  readonly along: boolean
  /** Sizes that units count through: all axes, or all but the last and blocks of four of that. */
  readonly outer: readonly number[]
  readonly width: number
  readonly size: number
  readonly step: number
  readonly zero: number
  readonly body: BodySpec
  readonly store: AccessSpec
}

/** Position of the greatest or least element along the last axis of the load: one unit is one result, or four. */
export function lowerArgReduce(kernel: ArgReduceKernel): Lowering {
  const { op, size, load, store } = kernel
  const step = load.strides.at(-1)!
  const collapsed = collapse(kernel.shape, [{ strides: load.strides.slice(0, -1) }, store], new Set())
  const { shape } = collapsed
  const along = shape.length === 0 || (step === 1 && size >= LONG)
  const last = shape.length - 1
  const strides = [...collapseStrides(load.strides.slice(0, -1), collapsed), step]
  const isFloat = load.dtype === 'float32' || load.dtype === 'float16'
  const body: Body = {
    loads: [{ ...load, strides }],
    instructions: [
      { op: 'load', dtype: load.dtype, load: 0 },
      { op: 'cast', dtype: isFloat ? 'float32' : 'int32', args: [0] },
    ],
  }
  const sizes = along ? shape : shape.with(last, Math.ceil(shape[last]! / 4))
  const args = new ArgumentList()
  const spec: ArgReduceSpec = {
    op,
    along,
    outer: sizes.map((extent) => args.int(extent)),
    width: args.int(shape[last] ?? 1),
    size: args.int(size),
    step: args.int(step * bytesPerElement(load.dtype)),
    zero: args.int(0),
    body: specOfBody(body, along ? last + 1 : last, args),
    store: specOfAccess({ ...store, strides: collapseStrides(store.strides, collapsed) }, last, args),
  }
  const launch = {
    module: {
      key: `argReduce ${JSON.stringify(spec)}`,
      write: (builder: ModuleBuilder) => writeArgReduce(builder, spec),
    },
    entry: 'argReduce',
    args: args.words,
    units: product(sizes),
    grain: grainFor(along ? 2 * size : 8 * size),
  }
  return { launches: [launch], scratchBytes: 0, threadScratchBytes: 0 }
}

function writeArgReduce(builder: ModuleBuilder, spec: ArgReduceSpec): void {
  builder.func({ name: 'argReduce', params: ['i32', 'i32', 'i32', 'i32'] }, (locals, args, begin, end) => {
    const [unit, i, j, start, source, target, stride, width] = locals.many('i32', 8)
    const argument = (position: number): Code => i32.load(args, 4 * position)
    const [load] = spec.body.loads
    const cursor = (pointer: Local, { strides }: AccessSpec): Cursor => {
      const { length } = spec.outer
      return { pointer, strides: spec.along ? strides.slice(0, length) : [...strides.slice(0, length - 1), spec.zero] }
    }
    const odometer = new Odometer(locals, args, spec.outer, [cursor(start, load), cursor(target, spec.store)])
    const axes = odometer.coordinates
    const body = new BodyWriter(locals, new MathLibrary(builder), spec.body, {
      args,
      coordinates: spec.along ? [...axes, j] : [...axes.slice(0, -1), i],
      innerAxis: spec.along ? axes.length : axes.length - 1,
      pointers: [source],
    })
    const search = new Search(locals, builder.target, spec.op, body)
    const store = { access: spec.store, pointer: target, inner: i, stride }
    const oneResult = (): Code => [
      search.along(j, argument(spec.size)),
      i32.store(target, i32x4.extract_lane(0, search.where)),
    ]
    const fourResults = (): Code => [
      local.set(i, i32.shl(axes.at(-1)!, 2)),
      search.across(j, argument(spec.size), increase(source, argument(spec.step)), { ahead: 0, end: width }),
      storeVector(store, search.where, { ahead: 0, end: width }),
    ]
    return [
      local.set(start, argument(load.base)),
      local.set(target, argument(spec.store.base)),
      spec.along ? [] : local.set(stride, argument(spec.store.strides.at(-1)!)),
      local.set(width, argument(spec.width)),
      body.perCall(),
      odometer.seek(begin),
      forRange(unit, begin, end, 1, [
        local.set(source, start),
        spec.along ? oneResult() : fourResults(),
        odometer.step(),
      ]),
    ]
  })
}

/** The best elements that have been seen, in several vectors, and where they are. */
class Search {
  readonly #locals: Locals
  readonly #target: Target
  readonly #op: 'argmax' | 'argmin'
  readonly #body: BodyWriter
  readonly #best: readonly Local[]
  readonly #where: readonly Local[]
  readonly #wins: Local

  constructor(locals: Locals, target: Target, op: 'argmax' | 'argmin', body: BodyWriter) {
    this.#locals = locals
    this.#target = target
    this.#op = op
    this.#body = body
    this.#best = locals.many('v128', body.count)
    this.#where = locals.many('v128', body.count)
    this.#wins = locals.v128()
  }

  /** The positions found. */
  get where(): Local {
    return this.#where[0]
  }

  /** Searches `size` elements for one result, in lane 0: vectors run along them. */
  along(j: Local, size: Code): Code {
    const body = this.#body
    const [position, spare] = this.#locals.many('v128', 2)
    const next = (count: number): Code => i32.add(j, 4 * count)
    const at = (ahead: number): Code =>
      i32x4.add(i32x4.splat(j), i32x4.const([0, 1, 2, 3].map((lane) => 4 * ahead + lane)))
    const take = (ahead: number): Code => [
      local.set(position, at(ahead)),
      this.#take(ahead, body.result(ahead), position, this.#beats(body.result(ahead), this.#best[ahead])),
    ]
    const whileRoom = (count: number, code: Code): Code =>
      whileTrue(i32.le_u(next(count), size), [code, local.set(j, next(count))])
    const mergeLanes = (lanes: readonly [number, number, number, number]): Code => [
      local.set(spare, shuffle32(lanes, this.#best[0], this.#best[0])),
      local.set(position, shuffle32(lanes, this.where, this.where)),
      this.#merge(spare, position),
    ]
    return [
      local.set(j, i32.const(0)),
      body.perRow(),
      // The first element is the best so far, everywhere: what comes later must beat it.
      body.perVector({ ahead: 0 }),
      local.set(this.#best[0], shuffle32([0, 0, 0, 0], body.result(), body.result())),
      this.#best.slice(1).map((best) => local.set(best, this.#best[0])),
      this.#where.map((where) => local.set(where, i32x4.const([0, 0, 0, 0]))),
      whileRoom(body.count, [body.together(), this.#best.map((_, ahead) => take(ahead))]),
      whileRoom(1, [body.perVector({ ahead: 0 }), take(0)]),
      when(i32.lt_u(j, size), this.#takeRest(j, size, at(0), position)),
      this.#best.slice(1).map((best, k) => this.#merge(best, this.#where[k + 1])),
      mergeLanes([2, 3, 0, 1]),
      mergeLanes([1, 0, 3, 2]),
    ]
  }

  /** Fewer than four elements at the end of a row. */
  #takeRest(j: Local, size: Code, at: Code, position: Local): Code {
    const end = this.#locals.i32()
    const result = this.#body.result()
    return [
      local.set(end, size),
      this.#body.perVector({ ahead: 0, end }),
      local.set(position, at),
      this.#take(
        0,
        result,
        position,
        v128.and(this.#beats(result, this.#best[0]), i32x4.lt_s(position, i32x4.splat(end))),
      ),
    ]
  }

  /** Searches `size` elements for each of four results, in a lane each; `step` goes on to the next ones. */
  across(j: Local, size: Code, step: Code, position: VectorPosition): Code {
    const body = this.#body
    const at = this.#locals.v128()
    const read = [body.perRow(), body.perVector(position)]
    return [
      read,
      local.set(this.#best[0], body.result()),
      local.set(this.where, i32x4.const([0, 0, 0, 0])),
      forRange(j, 1, size, 1, [
        step,
        read,
        local.set(at, i32x4.splat(j)),
        this.#take(0, body.result(), at, this.#beats(body.result(), this.#best[0])),
      ]),
    ]
  }

  #take(k: number, value: Local, position: Local, wins: Code): Code {
    return [
      local.set(this.#wins, wins),
      local.set(this.#best[k], selectLanes(this.#target, value, this.#best[k], this.#wins)),
      local.set(this.#where[k], selectLanes(this.#target, position, this.#where[k], this.#wins)),
    ]
  }

  /** The better of two candidates, the first one of equals. */
  #merge(value: Local, position: Local): Code {
    const best = this.#best[0]
    const isFirst = i32x4.lt_s(position, this.where)
    const wins = v128.or(this.#beats(value, best), v128.andnot(isFirst, this.#beats(best, value)))
    return this.#take(0, value, position, wins)
  }

  /** Where `value` beats `best`; nothing beats NaN, and NaN all else. */
  #beats(value: Local, best: Local): Code {
    const isMax = this.#op === 'argmax'
    if (this.#body.dtype !== 'float32') return i32x4.gt_s(isMax ? value : best, isMax ? best : value)
    return v128.andnot(f32x4.eq(best, best), f32x4.le(isMax ? value : best, isMax ? best : value))
  }
}
