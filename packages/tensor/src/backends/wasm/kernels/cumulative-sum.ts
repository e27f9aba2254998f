import type { CumulativeSumKernel } from '../../../schedule/kernels.ts'
import { f32, f64, forRange, i32, increase, local, type ModuleBuilder } from '../assembler/index.ts'
import { ArgumentList } from '../body/argument-list.ts'
import type { Lowering } from '../launch.ts'
import { grainFor } from './cost.ts'

/** What the code depends on; numbers are positions in the argument block. */
interface CumulativeSumSpec {
  readonly float: boolean
  readonly load: number
  readonly store: number
  readonly size: number
  readonly inner: number
}

/**
 * Running sums along the middle of three axes: one unit is one line along that axis. Floats add up in double.
 */
export function lowerCumulativeSum(kernel: CumulativeSumKernel): Lowering {
  const args = new ArgumentList()
  const spec: CumulativeSumSpec = {
    float: kernel.store.dtype === 'float32',
    load: args.address(kernel.load),
    store: args.address(kernel.store),
    size: args.int(kernel.size),
    inner: args.int(kernel.inner),
  }
  return {
    launches: [
      {
        module: { key: `cumulativeSum ${spec.float}`, write: (builder) => writeCumulativeSum(builder, spec) },
        entry: 'cumulativeSum',
        args: args.words,
        units: kernel.outer * kernel.inner,
        grain: grainFor(4 * kernel.size),
      },
    ],
    scratchBytes: 0,
    threadScratchBytes: 0,
  }
}

function writeCumulativeSum(builder: ModuleBuilder, spec: CumulativeSumSpec): void {
  builder.func(
    { name: 'cumulativeSum', params: ['i32', 'i32', 'i32', 'i32'] },
    (locals, args, begin, end) => {
      const [unit, at, from, to, stride, size, inner] = locals.many('i32', 7)
      const sum = spec.float ? locals.f64() : locals.i32()
      const start = spec.float ? f64.const(0) : i32.const(0)
      const step = spec.float
        ? [local.set(sum, f64.add(sum, f64.promote_f32(f32.load(from)))), f32.store(to, f32.demote_f64(sum))]
        : [local.set(sum, i32.add(sum, i32.load(from))), i32.store(to, sum)]
      return [
        local.set(size, i32.load(args, 4 * spec.size)),
        local.set(inner, i32.load(args, 4 * spec.inner)),
        local.set(stride, i32.shl(inner, 2)),
        forRange(unit, begin, end, 1, [
          // Line u starts at element ⌊u / inner⌋ · size · inner + u mod inner.
          local.set(from, i32.mul(i32.mul(i32.div_u(unit, inner), size), inner)),
          local.set(from, i32.shl(i32.add(from, i32.rem_u(unit, inner)), 2)),
          local.set(to, i32.add(i32.load(args, 4 * spec.store), from)),
          local.set(from, i32.add(i32.load(args, 4 * spec.load), from)),
          local.set(sum, start),
          forRange(at, 0, size, 1, [step, increase(from, stride), increase(to, stride)]),
        ]),
      ]
    },
  )
}
