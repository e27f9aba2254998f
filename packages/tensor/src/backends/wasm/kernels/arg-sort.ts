import { bytesPerElement } from '../../../dtype.ts'
import type { ArgSortKernel } from '../../../schedule/kernels.ts'
import {
  block,
  br_if,
  type Code,
  f32,
  forRange,
  type FunctionHandle,
  call,
  i32,
  increase,
  local,
  type Local,
  loop,
  memory,
  type ModuleBuilder,
  select,
  when,
} from '../assembler/index.ts'
import { ArgumentList } from '../body/argument-list.ts'
import { loadScalar, scalarType } from '../body/scalar.ts'
import { type LaneType, laneType } from '../body/spec.ts'
import type { Lowering } from '../launch.ts'
import { grainFor } from './cost.ts'

/** What the code depends on; numbers are positions in the argument block. */
interface ArgSortSpec {
  readonly dtype: LaneType
  readonly descending: boolean
  readonly load: number
  readonly store: number
  readonly size: number
}

/**
 * Stable merge sort from the bottom up; one unit is a row. Elements become integer keys once, then positions
 * are merged to and fro between the result and thread scratch, which holds the keys and the other copy of the
 * positions.
 */
export function lowerArgSort(kernel: ArgSortKernel): Lowering {
  const args = new ArgumentList()
  const dtype = laneType(kernel.load.dtype)
  const spec: ArgSortSpec = {
    dtype,
    descending: kernel.descending,
    load: args.address(kernel.load),
    store: args.address(kernel.store),
    size: args.int(kernel.size),
  }
  const work = kernel.size * Math.ceil(Math.log2(Math.max(2, kernel.size)))
  return {
    launches: [
      {
        module: {
          key: `argSort ${dtype} ${kernel.descending}`,
          write: (builder) => writeArgSort(builder, spec),
        },
        entry: 'argSort',
        args: args.words,
        units: kernel.rows,
        grain: grainFor(8 * work),
      },
    ],
    scratchBytes: 0,
    threadScratchBytes: 8 * kernel.size,
  }
}

function writeArgSort(builder: ModuleBuilder, spec: ArgSortSpec): void {
  const merge = writeMerge(builder, spec.descending)
  builder.func(
    { name: 'argSort', params: ['i32', 'i32', 'i32', 'i32'] },
    (locals, args, begin, end, scratch) => {
      const [row, i, size, source, keys, from, to, swap, width] = locals.many('i32', 9)
      const bytes = bytesPerElement(spec.dtype)
      const within = (base: Local, index: Local | Code): Code => i32.add(base, i32.shl(index, 2))
      const limit = (at: Code): Code => select(at, size, i32.lt_u(at, size))
      return [
        local.set(size, i32.load(args, 4 * spec.size)),
        local.set(keys, scratch),
        forRange(row, begin, end, 1, [
          local.set(source, i32.add(i32.load(args, 4 * spec.load), i32.mul(i32.mul(row, size), bytes))),
          local.set(from, i32.add(i32.load(args, 4 * spec.store), i32.shl(i32.mul(row, size), 2))),
          local.set(to, i32.add(keys, i32.shl(size, 2))),
          forRange(i, 0, size, 1, [
            i32.store(within(keys, i), keyOf(spec.dtype, i32.add(source, i32.mul(i, bytes)))),
            i32.store(within(from, i), i),
          ]),
          local.set(width, 1),
          block((sorted) =>
            loop((again) => [
              br_if(sorted, i32.ge_u(width, size)),
              forRange(
                i,
                0,
                size,
                i32.shl(width, 1),
                call(
                  merge,
                  keys,
                  from,
                  to,
                  i,
                  limit(i32.add(i, width)),
                  limit(i32.add(i, i32.shl(width, 1))),
                ),
              ),
              local.set(swap, from),
              local.set(from, to),
              local.set(to, swap),
              local.set(width, i32.shl(width, 1)),
              br_if(again, i32.const(1)),
            ]),
          ),
          // After an odd number of passes the positions are in scratch, and `to` is the result.
          when(i32.eq(from, i32.add(keys, i32.shl(size, 2))), memory.copy(to, from, i32.shl(size, 2))),
        ]),
      ]
    },
  )
}

/** An int32 that orders as the element does: −0 equals 0, NaN is the greatest. */
function keyOf(dtype: LaneType, address: Code): Code {
  const element = loadScalar(dtype, address)
  if (scalarType(dtype) === 'i32') return element
  // Adding 0 makes −0 positive. The patterns of negative floats fall as the floats rise, so all but the sign
  // is turned over.
  const bits = i32.reinterpret_f32(f32.add(element, 0))
  const key = i32.xor(bits, i32.shr_u(i32.shr_s(bits, 31), 1))
  return select(key, 0x7fffffff, f32.eq(element, element))
}

/** Merges positions [begin, middle) and [middle, end) of `from`, both in order by their keys, into `to`. */
function writeMerge(builder: ModuleBuilder, descending: boolean): FunctionHandle {
  return builder.func(
    { params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'] },
    (locals, keys, from, to, begin, middle, end) => {
      const [left, right, out, position] = locals.many('i32', 4)
      const positionAt = (index: Local): Code => i32.load(i32.add(from, i32.shl(index, 2)))
      const keyAt = (index: Local): Code => i32.load(i32.add(keys, i32.shl(positionAt(index), 2)))
      // Of equals the left one comes first: that is what makes the sort stable.
      const rightFirst = descending
        ? i32.gt_s(keyAt(right), keyAt(left))
        : i32.lt_s(keyAt(right), keyAt(left))
      const takeRight = [local.set(position, positionAt(right)), increase(right, 1)]
      const takeLeft = [local.set(position, positionAt(left)), increase(left, 1)]
      const compared = when(rightFirst, takeRight, takeLeft)
      return [
        local.set(left, begin),
        local.set(right, middle),
        forRange(out, begin, end, 1, [
          when(i32.ge_u(left, middle), takeRight, when(i32.ge_u(right, end), takeLeft, compared)),
          i32.store(i32.add(to, i32.shl(out, 2)), position),
        ]),
      ]
    },
  )
}
