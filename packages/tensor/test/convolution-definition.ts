import type { ConvolutionGeometry, ConvolutionMode } from '../src/graph/geometry.ts'
import type { Body, ConvolutionKernel } from '../src/schedule/kernels.ts'
import { type Runner, uniform } from './wasm-contract-runner.ts'

export const bare: Body = { loads: [], instructions: [{ op: 'accumulator', dtype: 'float32' }] }

export interface Case {
  readonly batch?: number
  readonly groups?: number
  readonly channels: readonly [input: number, output: number]
  readonly size: readonly [number, number]
  readonly kernel: readonly [number, number]
  readonly stride?: readonly [number, number]
  readonly dilation?: readonly [number, number]
  /** Top, left, bottom, right. */
  readonly padding?: readonly [number, number, number, number]
}

/** Shapes that are hard to get right. */
export const cases: Record<string, Case> = {
  'MNIST, first layer': { channels: [1, 30], size: [28, 28], kernel: [5, 5] },
  '3×3, padded': { channels: [16, 16], size: [14, 14], kernel: [3, 3], padding: [1, 1, 1, 1] },
  'many images to a block': {
    batch: 37,
    channels: [3, 7],
    size: [4, 4],
    kernel: [3, 3],
    padding: [1, 1, 1, 1],
  },
  'odd everything': { batch: 3, channels: [3, 13], size: [11, 9], kernel: [3, 2], padding: [1, 0, 2, 1] },
  'full padding': { channels: [2, 3], size: [6, 7], kernel: [3, 3], padding: [2, 2, 2, 2] },
  'more padding than kernel': { channels: [2, 3], size: [5, 6], kernel: [2, 3], padding: [4, 5, 3, 4] },
  '1×1': { channels: [10, 12], size: [7, 7], kernel: [1, 1] },
  '1×1, padded': { channels: [3, 5], size: [5, 6], kernel: [1, 1], padding: [1, 0, 2, 1] },
  '1×1, sums of some images': { batch: 35, channels: [3, 13], size: [13, 11], kernel: [1, 1] },
  '1×1, many channels': { channels: [131, 67], size: [12, 11], kernel: [1, 1] },
  '1×1, stride 2': { channels: [6, 5], size: [9, 8], kernel: [1, 1], stride: [2, 2] },
  'stride 2': { channels: [4, 9], size: [15, 16], kernel: [3, 3], stride: [2, 2], padding: [1, 1, 1, 1] },
  'stride 3 × 1': { channels: [3, 4], size: [16, 11], kernel: [4, 3], stride: [3, 1], padding: [0, 2, 1, 0] },
  'stride larger than kernel': { channels: [2, 3], size: [17, 19], kernel: [2, 2], stride: [3, 4] },
  'stride 2, wide': {
    channels: [5, 6],
    size: [9, 37],
    kernel: [3, 3],
    stride: [2, 2],
    padding: [1, 1, 0, 1],
  },
  'stride and a dilation that share a factor': {
    channels: [3, 5],
    size: [15, 20],
    kernel: [3, 3],
    stride: [2, 4],
    dilation: [2, 2],
    padding: [1, 2, 3, 0],
  },
  'an image lower than the stride': { channels: [3, 4], size: [2, 21], kernel: [2, 3], stride: [3, 2] },
  'many phases': { channels: [3, 4], size: [23, 25], kernel: [5, 6], stride: [5, 4], padding: [2, 1, 2, 3] },
  'depthwise 5×5': {
    batch: 2,
    groups: 3,
    channels: [3, 3],
    size: [9, 13],
    kernel: [5, 5],
    padding: [2, 2, 2, 2],
  },
  'depthwise 5×5, small': {
    batch: 3,
    groups: 5,
    channels: [5, 5],
    size: [7, 7],
    kernel: [5, 5],
    padding: [2, 2, 2, 2],
  },
  'depthwise 5×5, not padded': { groups: 3, channels: [3, 3], size: [8, 10], kernel: [5, 5] },
  'depthwise 5×5, no four rows': {
    groups: 3,
    channels: [3, 3],
    size: [3, 9],
    kernel: [5, 5],
    padding: [2, 2, 2, 2],
  },
  'depthwise 7×7': { groups: 3, channels: [3, 3], size: [11, 22], kernel: [7, 7], padding: [3, 3, 3, 3] },
  'depthwise 5×5, stride 2': {
    batch: 2,
    groups: 3,
    channels: [3, 3],
    size: [15, 23],
    kernel: [5, 5],
    stride: [2, 2],
    padding: [2, 2, 2, 2],
  },
  'depthwise 5×5, stride 2, padding before and after': {
    groups: 3,
    channels: [3, 3],
    size: [16, 26],
    kernel: [5, 5],
    stride: [2, 2],
    padding: [1, 1, 2, 2],
  },
  'depthwise 7×7, stride 2': {
    groups: 2,
    channels: [2, 2],
    size: [17, 29],
    kernel: [7, 7],
    stride: [2, 2],
    padding: [3, 2, 3, 3],
  },
  'depthwise 7×7, stride 2, not padded': {
    groups: 2,
    channels: [2, 2],
    size: [18, 21],
    kernel: [7, 7],
    stride: [2, 2],
  },
  'depthwise, stride 2, even, not padded': {
    groups: 3,
    channels: [3, 3],
    size: [12, 16],
    kernel: [3, 3],
    stride: [2, 2],
  },
  'depthwise, stride 2, odd, much padding': {
    groups: 3,
    channels: [3, 3],
    size: [9, 11],
    kernel: [3, 3],
    stride: [2, 2],
    padding: [2, 3, 2, 2],
  },
  'depthwise, stride 2, eight rows': {
    groups: 3,
    channels: [3, 3],
    size: [8, 8],
    kernel: [3, 3],
    stride: [2, 2],
    padding: [1, 1, 1, 1],
  },
  dilation: { channels: [3, 5], size: [13, 14], kernel: [3, 3], dilation: [2, 3], padding: [2, 3, 2, 3] },
  'stride and dilation': {
    channels: [3, 5],
    size: [17, 18],
    kernel: [3, 3],
    stride: [2, 3],
    dilation: [3, 2],
    padding: [3, 1, 2, 4],
  },
  groups: { groups: 3, channels: [6, 12], size: [8, 8], kernel: [3, 3], padding: [1, 1, 1, 1] },
  depthwise: { groups: 5, channels: [5, 5], size: [9, 10], kernel: [3, 3], padding: [1, 1, 1, 1] },
  'depthwise, tiles of a row that overlap': {
    groups: 3,
    channels: [3, 3],
    size: [7, 57],
    kernel: [3, 3],
    padding: [1, 1, 1, 1],
  },
  'depthwise, two tiles to a row, blocks of rows': {
    batch: 1,
    groups: 2,
    channels: [2, 4],
    size: [43, 53],
    kernel: [5, 5],
    padding: [2, 2, 2, 2],
  },
  'depthwise, stride 2': {
    groups: 3,
    channels: [3, 3],
    size: [16, 57],
    kernel: [3, 3],
    stride: [2, 2],
    padding: [1, 1, 1, 1],
  },
  'depthwise, four pixels wide': {
    batch: 3,
    groups: 2,
    channels: [2, 2],
    size: [3, 4],
    kernel: [3, 3],
    padding: [1, 1, 1, 1],
  },
  'depthwise, padded apart': {
    groups: 3,
    channels: [3, 3],
    size: [7, 13],
    kernel: [3, 3],
    padding: [2, 0, 0, 2],
  },
  'depthwise, more padding than kernel': {
    groups: 2,
    channels: [2, 2],
    size: [2, 3],
    kernel: [3, 3],
    padding: [4, 5, 3, 6],
  },
  'depthwise, no padding, stride 2': {
    groups: 3,
    channels: [3, 3],
    size: [12, 21],
    kernel: [3, 3],
    stride: [2, 2],
  },
  'depthwise, padded apart, stride 2': {
    batch: 5,
    groups: 2,
    channels: [2, 2],
    size: [9, 12],
    kernel: [3, 3],
    stride: [2, 2],
    padding: [0, 2, 1, 0],
  },
  'one pixel of output': { channels: [5, 7], size: [4, 4], kernel: [4, 4] },
  'three pixels wide': { channels: [5, 7], size: [6, 5], kernel: [3, 3] },
  'one dimension': { channels: [4, 6], size: [1, 50], kernel: [1, 5], padding: [0, 2, 0, 2], stride: [1, 2] },
  'one column': { channels: [4, 6], size: [50, 1], kernel: [5, 1], padding: [2, 0, 2, 0] },
  'one image, blocks of rows': {
    batch: 1,
    channels: [3, 8],
    size: [60, 61],
    kernel: [3, 3],
    padding: [1, 1, 1, 1],
  },
  'an image larger than a copy': {
    batch: 1,
    channels: [64, 7],
    size: [50, 48],
    kernel: [3, 3],
    padding: [1, 1, 1, 1],
  },
  'one image, many channels, stride 2': {
    batch: 1,
    channels: [37, 51],
    size: [13, 14],
    kernel: [3, 3],
    stride: [2, 2],
    padding: [1, 1, 1, 1],
  },
  'one channel each': { batch: 1, channels: [1, 1], size: [5, 5], kernel: [1, 1] },
}

export function geometryOf(shape: Case): ConvolutionGeometry {
  const {
    batch = 2,
    groups = 1,
    channels,
    size,
    kernel,
    stride = [1, 1],
    dilation = [1, 1],
    padding = [0, 0, 0, 0],
  } = shape
  const output = (axis: 0 | 1): number =>
    Math.floor(
      (size[axis] + padding[axis] + padding[axis + 2]! - dilation[axis] * (kernel[axis] - 1) - 1) /
        stride[axis],
    ) + 1
  return {
    batch,
    groups,
    inputChannels: channels[0],
    outputChannels: channels[1],
    inputHeight: size[0],
    inputWidth: size[1],
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
    outputHeight: output(0),
    outputWidth: output(1),
    strideHeight: stride[0],
    strideWidth: stride[1],
    dilationHeight: dilation[0],
    dilationWidth: dilation[1],
    paddingTop: padding[0],
    paddingLeft: padding[1],
  }
}

function sizes(g: ConvolutionGeometry): {
  readonly input: number
  readonly weight: number
  readonly output: number
} {
  return {
    input: g.batch * g.inputChannels * g.inputHeight * g.inputWidth,
    weight: g.outputChannels * (g.inputChannels / g.groups) * g.kernelHeight * g.kernelWidth,
    output: g.batch * g.outputChannels * g.outputHeight * g.outputWidth,
  }
}

/** Calls `visit` with the positions (output, input, weight) of every product in the definition. */
function eachProduct(
  g: ConvolutionGeometry,
  visit: (output: number, input: number, weight: number) => void,
): void {
  const [perGroup, outPerGroup] = [g.inputChannels / g.groups, g.outputChannels / g.groups]
  for (let n = 0; n < g.batch; n++)
    for (let o = 0; o < g.outputChannels; o++) {
      for (let y = 0; y < g.outputHeight; y++)
        for (let x = 0; x < g.outputWidth; x++) {
          const output = ((n * g.outputChannels + o) * g.outputHeight + y) * g.outputWidth + x
          for (let c = 0; c < perGroup; c++)
            for (let i = 0; i < g.kernelHeight; i++)
              for (let j = 0; j < g.kernelWidth; j++) {
                const row = y * g.strideHeight + i * g.dilationHeight - g.paddingTop
                const column = x * g.strideWidth + j * g.dilationWidth - g.paddingLeft
                if (row < 0 || row >= g.inputHeight || column < 0 || column >= g.inputWidth) continue
                const channel = Math.floor(o / outPerGroup) * perGroup + c
                const input = ((n * g.inputChannels + channel) * g.inputHeight + row) * g.inputWidth + column
                visit(output, input, ((o * perGroup + c) * g.kernelHeight + i) * g.kernelWidth + j)
              }
        }
    }
}

/** The definition of a convolution and its gradients: plain loops in doubles over the forward one. */
export function naive(
  mode: ConvolutionMode,
  g: ConvolutionGeometry,
  left: Float32Array,
  right: Float32Array,
): Float64Array {
  const { input, weight, output } = sizes(g)
  const result = new Float64Array(mode === 'forward' ? output : mode === 'inputGradient' ? input : weight)
  eachProduct(g, (o, i, w) => {
    if (mode === 'forward') result[o]! += left[i]! * right[w]!
    else if (mode === 'inputGradient') result[i]! += left[o]! * right[w]!
    else result[w]! += left[i]! * right[o]!
  })
  return result
}

/** A kernel on random numbers, between `offset` numbers that are NaN and one more. */
export function prepare(
  runner: Runner,
  mode: ConvolutionMode,
  g: ConvolutionGeometry,
  offset = 0,
): {
  readonly kernel: ConvolutionKernel
  readonly left: Float32Array
  readonly right: Float32Array
  readonly resultSize: number
} {
  const { input, weight, output } = sizes(g)
  const [leftSize, rightSize, resultSize] = {
    forward: [input, weight, output],
    inputGradient: [output, weight, input],
    weightGradient: [input, output, weight],
  }[mode] as [number, number, number]
  const [left, right] = [uniform(leftSize, 1), uniform(rightSize, 2)]
  const shifted = (values: Float32Array): Float32Array =>
    Float32Array.from([...new Float32Array(offset).fill(Number.NaN), ...values])
  const access = (slot: number) => ({ slot, dtype: 'float32', offset, strides: [] }) as const
  const kernel: ConvolutionKernel = {
    kind: 'convolution',
    label: 'test',
    mode,
    geometry: g,
    epilogue: bare,
    left: access(runner.slot(shifted(left))),
    right: access(runner.slot(shifted(right))),
    store: access(runner.slot(resultSize + offset + 1)),
  }
  return { kernel, left, right, resultSize }
}
