import type { ConvolutionGeometry, ConvolutionMode } from '../../graph/geometry.ts'
import type { ConvolutionKernel } from '../../schedule/kernels.ts'
import { prepareBody } from './body.ts'
import { forEachIndex, type Memory } from './memory.ts'
import { sizeOf } from '../../shape.ts'

/** Visits each product that a convolution adds up: positions in the dense input, weight and output. */
type Visit = (input: number, weight: number, output: number) => void

/**
 * A convolution and its two gradients add up products over the same triples (input pixel, weight, output
 * pixel):
 *
 *     output        [o] += input [i] · weight[w]
 *     inputGradient [i] += output gradient[o] · weight[w]
 *     weightGradient[w] += input [i] · output gradient[o]
 */
export function runConvolution(kernel: ConvolutionKernel, memory: Memory): void {
  const { mode, geometry } = kernel
  const left = memory.elements(kernel.left)
  const right = memory.elements(kernel.right)
  const shape = resultShape[mode](geometry)
  const sums = new Float64Array(sizeOf(shape))
  const visit: Record<ConvolutionMode, Visit> = {
    forward: (i, w, o) => (sums[o] += left(i) * right(w)),
    inputGradient: (i, w, o) => (sums[i] += left(o) * right(w)),
    weightGradient: (i, w, o) => (sums[w] += left(i) * right(o)),
  }
  forEachProduct(geometry, visit[mode])
  const epilogue = prepareBody(kernel.epilogue, memory)
  const write = memory.writer(kernel.store)
  let position = 0
  forEachIndex(shape, (index) => write(index, epilogue(index, sums[position++])))
}

const resultShape: Record<ConvolutionMode, (g: ConvolutionGeometry) => number[]> = {
  forward: (g) => [g.batch, g.outputChannels, g.outputHeight, g.outputWidth],
  inputGradient: (g) => [g.batch, g.inputChannels, g.inputHeight, g.inputWidth],
  weightGradient: (g) => [g.outputChannels, g.inputChannels / g.groups, g.kernelHeight, g.kernelWidth],
}

function forEachProduct(g: ConvolutionGeometry, visit: Visit): void {
  const inputs = g.inputChannels / g.groups
  const outputs = g.outputChannels / g.groups
  forEachIndex([g.batch, g.groups, outputs, inputs], ([n, group, o, c]) => {
    const inputPlane = n * g.inputChannels + group * inputs + c
    const weightPlane = (group * outputs + o) * inputs + c
    const outputPlane = n * g.outputChannels + group * outputs + o
    forEachIndex([g.outputHeight, g.outputWidth, g.kernelHeight, g.kernelWidth], ([y, x, ky, kx]) => {
      const row = y * g.strideHeight - g.paddingTop + ky * g.dilationHeight
      const column = x * g.strideWidth - g.paddingLeft + kx * g.dilationWidth
      // What lies in the padding is 0 and adds nothing.
      if (row < 0 || row >= g.inputHeight || column < 0 || column >= g.inputWidth) return
      visit(
        (inputPlane * g.inputHeight + row) * g.inputWidth + column,
        (weightPlane * g.kernelHeight + ky) * g.kernelWidth + kx,
        (outputPlane * g.outputHeight + y) * g.outputWidth + x,
      )
    })
  })
}
