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
} from '../assembler/index.ts'
import { ArgumentList } from '../body/argument-list.ts'
import { BodyWriter } from '../body/body-writer.ts'
import { type Cursor, Odometer } from '../body/odometer.ts'
import { storeVector } from '../body/row-writer.ts'
import { type AccessSpec, type BodySpec, specOfAccess, specOfBody } from '../body/spec.ts'
import type { Lowering } from '../launch.ts'
import { MathLibrary } from '../math/library.ts'
import { collapse, collapseStrides } from './collapse.ts'
import { grainFor, product } from './cost.ts'

/**
 * From so many neighbouring elements on, vectors run along them; else each lane finds a result of its own.
 */
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

/**
 * Position of the greatest or least element along the last axis of the load: one unit is one result, or
 * four.
 */
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
  const sizes = along ? shape : shape.with(last, Math.ceil(shape[last] / 4))
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
  const { along, outer } = spec
  builder.func({ name: 'argReduce', params: ['i32', 'i32', 'i32', 'i32'] }, (locals, args, begin, end) => {
    const [unit, i, k, start, source, target, stride, width, size] = locals.many('i32', 9)
    const argument = (position: number): Code => i32.load(args, 4 * position)
    const [load] = spec.body.loads
    const cursor = (pointer: Local, { strides }: AccessSpec): Cursor => ({
      pointer,
      strides: along ? strides.slice(0, outer.length) : [...strides.slice(0, outer.length - 1), spec.zero],
    })
    const odometer = new Odometer(locals, args, outer, [cursor(start, load), cursor(target, spec.store)])
    const axes = odometer.coordinates
    const body = new BodyWriter(locals, new MathLibrary(builder), spec.body, {
      args,
      coordinates: along ? [...axes, k] : [...axes.slice(0, -1), i],
      innerAxis: along ? axes.length : axes.length - 1,
      pointers: [source],
    })
    const read = [body.perRow(), body.perVector({ ahead: 0, end: along ? size : width })]
    const value = body.result()
    const { best, where, position, beats, takeWhere, merge } = contest(locals, builder.target, spec.op, body)
    const exists = i32x4.lt_s(position, i32x4.splat(size))
    const lanes = i32x4.add(i32x4.splat(k), i32x4.const([0, 1, 2, 3]))
    const search = [
      local.set(source, start),
      local.set(k, i32.const(0)),
      read,
      // The first element is the best until another one beats it.
      local.set(best, along ? shuffle32([0, 0, 0, 0], value, value) : value),
      local.set(where, i32x4.const([0, 0, 0, 0])),
      forRange(k, 0, size, along ? 4 : 1, [
        read,
        local.set(position, along ? lanes : i32x4.splat(k)),
        takeWhere(along ? v128.and(beats(value, best), exists) : beats(value, best)),
        along ? [] : increase(source, argument(spec.step)),
      ]),
    ]
    return [
      local.set(start, argument(load.base)),
      local.set(target, argument(spec.store.base)),
      along ? [] : local.set(stride, argument(spec.store.strides.at(-1)!)),
      local.set(width, argument(spec.width)),
      local.set(size, argument(spec.size)),
      body.perCall(),
      odometer.seek(begin),
      forRange(unit, begin, end, 1, [
        along ? [] : local.set(i, i32.shl(axes.at(-1)!, 2)),
        search,
        along
          ? [merge([2, 3, 0, 1]), merge([1, 0, 3, 2]), i32.store(target, i32x4.extract_lane(0, where))]
          : storeVector({ access: spec.store, pointer: target, inner: i, stride }, where, {
              ahead: 0,
              end: width,
            }),
        odometer.step(),
      ]),
    ]
  })
}

/** The best elements that have been seen, four side by side, and where they are. */
function contest(locals: Locals, target: Target, op: 'argmax' | 'argmin', body: BodyWriter) {
  const value = body.result()
  const [best, where, position, wins] = locals.many('v128', 4)
  // Nothing beats NaN, and NaN all else.
  const beats = (a: Local, b: Local): Code => {
    const [x, y] = op === 'argmax' ? [a, b] : [b, a]
    return body.dtype === 'float32' ? v128.andnot(f32x4.eq(b, b), f32x4.le(x, y)) : i32x4.gt_s(x, y)
  }
  const takeWhere = (condition: Code): Code => [
    local.set(wins, condition),
    local.set(best, selectLanes(target, value, best, wins)),
    local.set(where, selectLanes(target, position, where, wins)),
  ]
  /** Takes other lanes where they are better, or as good and come first. */
  const merge = (lanes: readonly [number, number, number, number]): Code => [
    local.set(value, shuffle32(lanes, best, best)),
    local.set(position, shuffle32(lanes, where, where)),
    takeWhere(v128.or(beats(value, best), v128.andnot(i32x4.lt_s(position, where), beats(best, value)))),
  ]
  return { best, where, position, beats, takeWhere, merge }
}
