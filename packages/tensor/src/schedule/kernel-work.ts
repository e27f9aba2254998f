import { bytesPerElement } from '../dtype.ts'
import type { ConvolutionGeometry, WindowGeometry } from '../graph/geometry.ts'
import type { Access, Body, Instruction, Kernel, Load, Program } from './kernels.ts'

/** What a kernel has to do at the least, whatever way a backend finds to do it. */
export interface KernelWork {
  /** Arithmetic operations; a multiplication and an addition are two, an `exp` is one. */
  readonly flops: number
  /** Bytes read and written if each element that is touched comes from memory once. */
  readonly bytes: number
}

/**
 * Operations and bytes of one kernel, by its description. Taps of a window or a convolution that fall on
 * padding count, as is usual; moving, converting and comparing indices do not.
 */
export function kernelWork(kernel: Kernel, { slots }: Program): KernelWork {
  const touched = (access: Access | Load, shape: readonly number[]): number => {
    const bounds = 'bounds' in access ? access.bounds : undefined
    const elements = shape.reduce((all, extent, axis) => {
      if (access.strides[axis] === 0) return all
      const bound = bounds?.find((each) => each.axis === axis)
      return all * (bound ? Math.max(0, Math.min(bound.high, extent) - Math.max(bound.low, 0)) : extent)
    }, 1)
    // Windows overlap: a slot is read once all the same.
    return Math.min(elements * bytesPerElement(access.dtype), slots[access.slot]!.bytes)
  }
  const { flops, reads, space } = works[kernel.kind](kernel as never)
  const read = reads.reduce((sum, [access, shape]) => sum + touched(access, shape), 0)
  return { flops, bytes: read + touched(kernel.store, space) }
}

interface Description {
  readonly flops: number
  /** What is read, and over which iteration space. */
  readonly reads: readonly (readonly [Access | Load, readonly number[]])[]
  /** The space over which the result is stored. */
  readonly space: readonly number[]
}

const works: { readonly [K in Kernel['kind']]: (kernel: Extract<Kernel, { kind: K }>) => Description } = {
  map: ({ body, shape }) => ({
    flops: operations(body) * product(shape),
    reads: loads(body, shape),
    space: shape,
  }),

  reduce: ({ prologue, epilogue, shape, reduced }) => ({
    flops:
      (operations(prologue) + 1) * product(shape) * product(reduced) + operations(epilogue) * product(shape),
    reads: [...loads(prologue, [...shape, ...reduced]), ...loads(epilogue, shape)],
    space: shape,
  }),

  argReduce: ({ load, shape, size }) => ({
    flops: product(shape) * size,
    reads: [[load, [...shape, size]]],
    space: shape,
  }),

  matmul: ({ batch, m, n, k, left, right, epilogue }) => {
    const space = [...batch, m, n]
    return {
      flops: (2 * k + operations(epilogue)) * product(space),
      reads: [[left, [...batch, m, k]], [right, [...batch, k, n]], ...loads(epilogue, space)],
      space,
    }
  },

  convolution: ({ mode, geometry, left, right, epilogue }) => {
    const { input, weight, output, taps } = convolutionSizes(geometry)
    const [first, second, space] = {
      forward: [input, weight, output],
      inputGradient: [output, weight, input],
      weightGradient: [input, output, weight],
    }[mode] as [number[], number[], number[]]
    return {
      flops: 2 * product(output) * taps + operations(epilogue) * product(space),
      reads: [[dense(left), first], [dense(right), second], ...loads(epilogue, space)],
      space,
    }
  },

  window: ({ mode, geometry, load, gradient }) => {
    const { input, output, taps } = windowSizes(geometry)
    const second: Description['reads'] = gradient ? [[dense(gradient), output]] : []
    const read = mode === 'spread' ? output : input
    const space = mode === 'spread' || gradient ? input : output
    return { flops: product(output) * taps, reads: [[dense(load), read], ...second], space }
  },

  gather: ({ shape, source, index }) => ({
    flops: 0,
    reads: [
      [source, shape],
      [index, shape],
    ],
    space: shape,
  }),

  scatterAdd: ({ shape, axis, size, updates, index }) => ({
    flops: product(shape),
    reads: [
      [updates, shape],
      [index, shape],
    ],
    space: shape.map((extent, a) => (a === axis ? size : extent)),
  }),

  cumulativeSum: ({ outer, size, inner, load }) => {
    const space = [outer * size * inner]
    return { flops: product(space), reads: [[dense(load), space]], space }
  },

  argSort: ({ rows, size, load }) => ({
    flops: 0,
    reads: [[dense(load), [rows * size]]],
    space: [rows * size],
  }),

  random: ({ count, key }) => ({ flops: 0, reads: [[dense(key), [4]]], space: [count] }),
}

function convolutionSizes(
  g: ConvolutionGeometry,
): Record<'input' | 'weight' | 'output', number[]> & { taps: number } {
  const weight = [g.outputChannels, g.inputChannels / g.groups, g.kernelHeight, g.kernelWidth]
  return {
    input: [g.batch, g.inputChannels, g.inputHeight, g.inputWidth],
    weight,
    output: [g.batch, g.outputChannels, g.outputHeight, g.outputWidth],
    taps: product(weight.slice(1)),
  }
}

function windowSizes(g: WindowGeometry): { input: number[]; output: number[]; taps: number } {
  return {
    input: [g.planes, g.inputHeight, g.inputWidth],
    output: [g.planes, g.outputHeight, g.outputWidth],
    taps: g.kernelHeight * g.kernelWidth,
  }
}

const silent: ReadonlySet<Instruction['op']> = new Set(['load', 'value', 'index', 'accumulator', 'cast'])

/** Arithmetic operations on one element. */
function operations({ instructions }: Body): number {
  return instructions.filter(({ op }) => !silent.has(op)).length
}

function loads(body: Body, shape: readonly number[]): [Load, readonly number[]][] {
  return body.loads.map((load) => [load, shape])
}

/** What is read densely may come without strides. */
function dense({ slot, dtype, offset }: Access): Access {
  return { slot, dtype, offset, strides: [] }
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all * size, 1)
}
