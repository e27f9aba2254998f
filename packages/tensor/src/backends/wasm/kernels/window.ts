import { BackendError } from '../../../errors.ts'
import type { WindowGeometry } from '../../../graph/geometry.ts'
import type { WindowKernel } from '../../../schedule/kernels.ts'
import type { ModuleBuilder } from '../assembler/index.ts'
import { ArgumentList } from '../body/argument-list.ts'
import { laneType } from '../body/spec.ts'
import type { Lowering } from '../launch.ts'
import { grainFor } from './cost.ts'
import { type PoolForm, writeMaxGradient, writePool } from './pool-rows.ts'
import { writeSpread } from './spread.ts'
import { arePairs, writePairs } from './window-pairs.ts'
import { windowSizes } from './window-sizes.ts'

/** So many planes keep threads busy. */
const MANY_PLANES = 32

/** Pooling (one unit is a row of results, or a plane), or a gradient of it (one unit is a plane). */
export function lowerWindow(kernel: WindowKernel): Lowering {
  const { mode, geometry, load, gradient, store } = gathered(kernel)
  const dtype = laneType(load.dtype)
  const isGradient = mode === 'spread' || mode === 'maxGradient'
  if (dtype === 'float16' || dtype === 'bool' || (mode === 'maxGradient' && dtype !== 'float32'))
    throw new BackendError(`wasm: ${mode} pooling is not defined on ${dtype}`)
  const args = new ArgumentList()
  args.address(load)
  args.address(store)
  for (const name of windowSizes) args.int(geometry[name])
  if (gradient) args.address(gradient)
  const { planes, outputHeight, outputWidth, kernelHeight, kernelWidth } = geometry
  const form = formOf(geometry)
  const rowCost = outputWidth * kernelHeight * kernelWidth
  const pairs =
    mode !== 'argmax' && dtype === 'float32' && arePairs(geometry) && (isGradient || planes >= MANY_PLANES)
  const byPlane = isGradient || pairs
  const launch = {
    module: {
      key: `window ${mode} ${dtype} ${pairs} ${mode === 'spread' ? '' : `${form.stride} ${form.columns}`}`,
      write: (builder: ModuleBuilder) => {
        if (pairs) writePairs(builder, mode)
        else if (mode !== 'spread' && mode !== 'maxGradient') writePool(builder, mode, dtype, form)
        else if (mode === 'spread') writeSpread(builder, dtype)
        else writeMaxGradient(builder, form)
      },
    },
    entry: byPlane ? mode : 'pool',
    args: args.words,
    units: byPlane ? planes : planes * outputHeight,
    grain: grainFor(byPlane ? (pairs ? 1 : 3) * rowCost * outputHeight : rowCost),
  }
  return { launches: [launch], scratchBytes: 0, threadScratchBytes: 0 }
}

/**
 * A spread by steps of one pixel as the sum that it is of windows over the gradient: each element adds up the same
 * numbers in the same order.
 */
function gathered(kernel: WindowKernel): WindowKernel {
  const g = kernel.geometry
  if (kernel.mode !== 'spread' || g.strideHeight !== 1 || g.strideWidth !== 1) return kernel
  return {
    ...kernel,
    mode: 'sum',
    geometry: {
      ...g,
      inputHeight: g.outputHeight,
      inputWidth: g.outputWidth,
      outputHeight: g.inputHeight,
      outputWidth: g.inputWidth,
      paddingTop: g.dilationHeight * (g.kernelHeight - 1) - g.paddingTop,
      paddingLeft: g.dilationWidth * (g.kernelWidth - 1) - g.paddingLeft,
    },
  }
}

/** Vectors at the edge are read as far beyond the plane as a window reaches: not for windows of any size. */
const WIDEST = 256

function formOf({ kernelWidth, strideWidth, dilationWidth }: WindowGeometry): PoolForm {
  const near = kernelWidth * dilationWidth <= WIDEST
  return {
    stride: near && (strideWidth === 1 || strideWidth === 2) ? strideWidth : 0,
    columns: near && dilationWidth === 1 && kernelWidth <= 3 && strideWidth <= 2 ? kernelWidth : 0,
  }
}
