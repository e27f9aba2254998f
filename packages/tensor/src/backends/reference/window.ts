import type { WindowGeometry, WindowMode } from '../../graph/geometry.ts'
import type { WindowKernel } from '../../schedule/kernels.ts'
import { joinFunction } from './scalar-functions.ts'
import { forEachIndex, type Memory } from './memory.ts'

/**
 * Visits each element of each window: its position in its plane, in the whole input, and that of the window
 * in the output.
 */
type Visit = (within: number, input: number, output: number) => void

/** Pooling: each window of a plane as one element, or one of the gradients: each element into its window. */
export function runWindow(kernel: WindowKernel, memory: Memory): void {
  const read = memory.elements(kernel.load)
  const gradient = memory.elements(kernel.gradient ?? kernel.load)
  const results = prepare[kernel.mode](kernel.geometry, read, kernel.load.dtype, gradient)
  const write = memory.writer({ ...kernel.store, strides: [1] })
  results.forEach((result, position) => write([position], result))
}

type Prepare = (
  g: WindowGeometry,
  read: (position: number) => number,
  dtype: WindowKernel['load']['dtype'],
  gradient: (position: number) => number,
) => Float64Array

const prepare: Record<WindowMode, Prepare> = {
  max: (g, read) => {
    const results = outputs(g).fill(-Infinity)
    forEachElement(g, (_, input, output) => (results[output] = Math.max(results[output], read(input))))
    return results
  },
  argmax: (g, read) => {
    const best = outputs(g).fill(-Infinity)
    const results = outputs(g).fill(-1)
    forEachElement(g, (within, input, output) => {
      const value = read(input)
      const first = results[output] < 0
      const better = value > best[output] || (Number.isNaN(value) && !Number.isNaN(best[output]))
      if (!first && !better) return
      best[output] = value
      results[output] = within
    })
    return results
  },
  sum: (g, read, dtype) => {
    const results = outputs(g)
    const add = joinFunction('add', dtype)
    forEachElement(g, (_, input, output) => (results[output] = add(results[output], read(input))))
    return results
  },
  maxGradient: (g, read, dtype, gradient) => {
    const [input, output] = [g.inputHeight * g.inputWidth, g.outputHeight * g.outputWidth]
    const results = new Float64Array(g.planes * input)
    const add = joinFunction('add', dtype)
    prepare.argmax(g, read, dtype, gradient).forEach((within, window) => {
      const position = Math.floor(window / output) * input + within
      results[position] = add(results[position], gradient(window))
    })
    return results
  },
  spread: (g, read, dtype) => {
    const results = new Float64Array(g.planes * g.inputHeight * g.inputWidth)
    const add = joinFunction('add', dtype)
    forEachElement(g, (_, input, output) => (results[input] = add(results[input], read(output))))
    return results
  },
}

const outputs = (g: WindowGeometry): Float64Array =>
  new Float64Array(g.planes * g.outputHeight * g.outputWidth)

function forEachElement(g: WindowGeometry, visit: Visit): void {
  forEachIndex(
    [g.planes, g.outputHeight, g.outputWidth, g.kernelHeight, g.kernelWidth],
    ([plane, y, x, ky, kx]) => {
      const row = y * g.strideHeight - g.paddingTop + ky * g.dilationHeight
      const column = x * g.strideWidth - g.paddingLeft + kx * g.dilationWidth
      if (row < 0 || row >= g.inputHeight || column < 0 || column >= g.inputWidth) return
      const within = row * g.inputWidth + column
      visit(
        within,
        plane * g.inputHeight * g.inputWidth + within,
        (plane * g.outputHeight + y) * g.outputWidth + x,
      )
    },
  )
}
