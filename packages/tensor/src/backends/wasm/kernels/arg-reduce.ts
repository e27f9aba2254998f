import type { ArgReduceKernel } from '../../../schedule/kernels.ts'
import {
  block,
  br_if,
  type Code,
  f32,
  forRange,
  i32,
  increase,
  local,
  type Local,
  type ModuleBuilder,
  when,
} from '../assembler/index.ts'
import { ArgumentList } from '../body/argument-list.ts'
import { Odometer } from '../body/odometer.ts'
import { loadScalar, scalarType } from '../body/scalar.ts'
import { type LaneType, laneType } from '../body/spec.ts'
import type { Lowering } from '../launch.ts'
import { collapse, collapseStrides } from './collapse.ts'
import { grainFor, product } from './cost.ts'
import { bytesPerElement } from '../../../dtype.ts'

/** What the code depends on; numbers are positions in the argument block. */
interface ArgReduceSpec {
  readonly op: 'argmax' | 'argmin'
  readonly dtype: LaneType
  readonly outer: readonly number[]
  readonly size: number
  readonly step: number
  readonly load: { readonly base: number; readonly strides: readonly number[] }
  readonly store: { readonly base: number; readonly strides: readonly number[] }
}

/** Position of the greatest or least element along the last axis of the load: one unit is one result. */
export function lowerArgReduce(kernel: ArgReduceKernel): Lowering {
  const { op, size, load, store } = kernel
  const outerLoad = { strides: load.strides.slice(0, -1) }
  const collapsed = collapse(kernel.shape, [outerLoad, store], new Set())
  const args = new ArgumentList()
  const dtype = laneType(load.dtype)
  const bytes = bytesPerElement(dtype)
  const spec: ArgReduceSpec = {
    op,
    dtype,
    outer: collapsed.shape.map((extent) => args.int(extent)),
    size: args.int(size),
    step: args.int(load.strides.at(-1)! * bytes),
    load: {
      base: args.address(load),
      strides: collapseStrides(outerLoad.strides, collapsed).map((stride) => args.int(stride * bytes)),
    },
    store: {
      base: args.address(store),
      strides: collapseStrides(store.strides, collapsed).map((stride) => args.int(stride * 4)),
    },
  }
  const launch = {
    module: {
      key: `argReduce ${JSON.stringify(spec)}`,
      write: (builder: ModuleBuilder) => writeArgReduce(builder, spec),
    },
    entry: 'argReduce',
    args: args.words,
    units: product(kernel.shape),
    grain: grainFor(4 * size),
  }
  return { launches: [launch], scratchBytes: 0, threadScratchBytes: 0 }
}

function writeArgReduce(builder: ModuleBuilder, spec: ArgReduceSpec): void {
  const { dtype, op } = spec
  const type = scalarType(dtype)
  builder.func({ name: 'argReduce', params: ['i32', 'i32', 'i32', 'i32'] }, (locals, args, begin, end) => {
    const [unit, j, best, source, target, pointer] = locals.many('i32', 6)
    const [value, candidate] = locals.many(type, 2)
    const argument = (position: number): Code => i32.load(args, 4 * position)
    const odometer = new Odometer(locals, args, spec.outer, [
      { pointer: source, strides: spec.load.strides },
      { pointer: target, strides: spec.store.strides },
    ])
    const beats = op === 'argmax' ? { f32: f32.gt, i32: i32.gt_s } : { f32: f32.lt, i32: i32.lt_s }
    const isNaN = (x: Local): Code => (type === 'f32' ? f32.ne(x, x) : i32.const(0))
    return [
      local.set(source, argument(spec.load.base)),
      local.set(target, argument(spec.store.base)),
      odometer.seek(begin),
      forRange(unit, begin, end, 1, [
        local.set(best, i32.const(0)),
        local.set(pointer, source),
        local.set(value, loadScalar(dtype, pointer)),
        block((leave) => [
          // Nothing comes before the first NaN.
          br_if(leave, isNaN(value)),
          forRange(j, 1, argument(spec.size), 1, [
            increase(pointer, argument(spec.step)),
            local.set(candidate, loadScalar(dtype, pointer)),
            when(i32.or(beats[type](candidate, value), isNaN(candidate)), [
              local.set(value, candidate),
              local.set(best, j),
              br_if(leave, isNaN(candidate)),
            ]),
          ]),
        ]),
        i32.store(target, best),
        odometer.step(),
      ]),
    ]
  })
}
