import { BackendError } from '../../../errors.ts'
import type { WindowKernel } from '../../../schedule/kernels.ts'
import type { ModuleBuilder } from '../assembler/index.ts'
import { ArgumentList } from '../body/argument-list.ts'
import { laneType } from '../body/spec.ts'
import type { Lowering } from '../launch.ts'
import { grainFor } from './cost.ts'
import { writePool } from './pool-rows.ts'
import { writeSpread } from './spread.ts'
import { windowSizes } from './window-sizes.ts'

/** Pooling (one unit is a row of results), or its transpose (one unit is a plane). */
export function lowerWindow({ mode, geometry, load, store }: WindowKernel): Lowering {
  const dtype = laneType(load.dtype)
  if (dtype === 'float16' || dtype === 'bool')
    throw new BackendError(`wasm: ${mode} pooling is not defined on ${dtype}`)
  const args = new ArgumentList()
  args.address(load)
  args.address(store)
  for (const name of windowSizes) args.int(geometry[name])
  const { planes, outputHeight, outputWidth, kernelHeight, kernelWidth, strideWidth } = geometry
  const stride = strideWidth <= 2 ? strideWidth : 0
  const rowCost = outputWidth * kernelHeight * kernelWidth
  const entry = mode === 'spread' ? 'spread' : 'pool'
  const launch = {
    module: {
      key: `window ${mode} ${dtype} ${mode === 'spread' ? '' : stride}`,
      write: (builder: ModuleBuilder) =>
        mode === 'spread' ? writeSpread(builder, dtype) : writePool(builder, mode, dtype, stride),
    },
    entry,
    args: args.words,
    units: mode === 'spread' ? planes : planes * outputHeight,
    grain: grainFor(mode === 'spread' ? 3 * rowCost * outputHeight : rowCost),
  }
  return { launches: [launch], scratchBytes: 0, threadScratchBytes: 0 }
}
