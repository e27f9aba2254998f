// GFLOP/s of matrix products and convolutions on the WebAssembly backend, one kernel at a time.
// Run: npm run bench -- kernels [threads] [part of a name] [winograd | direct]
import { createWasmBackend } from '../packages/tensor/src/backends/wasm/index.ts'
import { bringImageKernels } from '../packages/tensor/src/image-kernels.ts'
import type { ConvolutionMode } from '../packages/tensor/src/graph/geometry.ts'
import type {
  Body,
  ConvolutionKernel,
  Kernel,
  MatmulKernel,
  Slot,
} from '../packages/tensor/src/schedule/kernels.ts'

const threads = Number(process.argv[2] ?? 1)
if (!Number.isInteger(threads) || threads < 1) {
  throw new RangeError(`kernels: threads must be an integer of at least 1: ${process.argv[2]}`)
}
const wanted = process.argv[3] ?? ''
const algorithm = process.argv[4]
if (algorithm !== undefined && algorithm !== 'winograd' && algorithm !== 'direct') {
  throw new RangeError(`kernels: the algorithm must be winograd or direct: ${algorithm}`)
}
bringImageKernels()
const backend = createWasmBackend({ threads, convolutionAlgorithm: algorithm })
const bare: Body = { loads: [], instructions: [{ op: 'accumulator', dtype: 'float32' }] }

/** Milliseconds of the fastest of several runs, after warming up. */
async function time(kernel: Kernel, sizes: readonly number[]): Promise<number> {
  const slots = sizes.map((elements, index): Slot => ({
    kind: index === 2 ? 'output' : 'input',
    bytes: 64 * Math.ceil(elements / 16),
  }))
  const buffers = slots.map(({ bytes }) => backend.allocate(bytes))
  for (const [index, buffer] of buffers.slice(0, 2).entries()) {
    const values = Float32Array.from({ length: buffer.bytes / 4 }, (_, k) => Math.sin(k + index))
    backend.upload(buffer, new Uint8Array(values.buffer))
  }
  const executable = backend.compile({ slots, kernels: [kernel], arenaBytes: 0, values: 0 })
  const once = async (): Promise<number> => {
    const start = performance.now()
    await backend.run(executable, buffers, [])
    return performance.now() - start
  }
  const start = performance.now()
  while (performance.now() - start < 300) await once()
  let best = Number.POSITIVE_INFINITY
  for (let run = 0; run < 20; run++) best = Math.min(best, await once())
  for (const buffer of buffers) backend.free(buffer)
  return best
}

function report(name: string, operations: number, milliseconds: number): void {
  const rate = (operations / milliseconds / 1e6).toFixed(1)
  console.log(`${name.padEnd(44)} ${milliseconds.toFixed(3).padStart(9)} ms ${rate.padStart(7)} GFLOP/s`)
}

async function matmul(name: string, [m, k, n]: readonly [number, number, number], transposed = ''): Promise<void> {
  const label = `matmul ${name} ${m}×${k}·${k}×${n} ${transposed}`
  if (!label.includes(wanted)) return
  const kernel: MatmulKernel = {
    kind: 'matmul', label, batch: [], m, n, k, epilogue: bare,
    left: { slot: 0, dtype: 'float32', offset: 0, strides: transposed.includes('left') ? [1, m] : [k, 1] },
    right: { slot: 1, dtype: 'float32', offset: 0, strides: transposed.includes('right') ? [1, k] : [n, 1] },
    store: { slot: 2, dtype: 'float32', offset: 0, strides: [n, 1] },
  }
  report(label, 2 * m * n * k, await time(kernel, [m * k, k * n, m * n]))
}

interface Layer {
  readonly batch: number
  readonly channels: readonly [number, number]
  readonly size: number
  readonly kernel: number
  readonly padding?: number
  readonly stride?: number
  readonly groups?: number
}

async function convolution(mode: ConvolutionMode, layer: Layer): Promise<void> {
  const { batch, channels, size, kernel: taps, padding = 0, stride = 1, groups = 1 } = layer
  const [inputs, outputs] = channels
  const result = Math.floor((size + 2 * padding - taps) / stride) + 1
  const label =
    `${mode} ${batch}·${inputs}·${size}×${size} → ${outputs}, ${taps}×${taps}` +
    `${stride > 1 ? ` stride ${stride}` : ''}${groups > 1 ? ` groups ${groups}` : ''}`
  if (!label.includes(wanted)) return
  const access = (slot: number) => ({ slot, dtype: 'float32', offset: 0, strides: [] }) as const
  const kernel: ConvolutionKernel = {
    kind: 'convolution', label, mode, epilogue: bare, left: access(0), right: access(1), store: access(2),
    geometry: {
      batch, groups, inputChannels: inputs, outputChannels: outputs, inputHeight: size, inputWidth: size,
      kernelHeight: taps, kernelWidth: taps, outputHeight: result, outputWidth: result, strideHeight: stride,
      strideWidth: stride, dilationHeight: 1, dilationWidth: 1, paddingTop: padding, paddingLeft: padding,
    },
  }
  const weight = outputs * (inputs / groups) * taps * taps
  const [input, output] = [batch * inputs * size * size, batch * outputs * result * result]
  const sizes = {
    forward: [input, weight, output],
    inputGradient: [output, weight, input],
    weightGradient: [input, output, weight],
  }[mode]
  report(label, 2 * batch * result * result * weight, await time(kernel, sizes))
}

await matmul('square', [256, 256, 256])
await matmul('square', [1024, 1024, 1024])
await matmul('layer forward', [100, 4320, 100], 'right')
await matmul('layer input gradient', [100, 100, 4320])
await matmul('layer weight gradient', [100, 100, 4320], 'left')
await matmul('small', [100, 50, 10], 'right')
await matmul('small', [64, 64, 64])
await matmul('small', [128, 128, 128])
await matmul('recurrent input gradient', [32, 1024, 256])
await matmul('tall', [16384, 64, 64])
await matmul('deep', [64, 16384, 64])
await matmul('row', [1, 1024, 1024])
await matmul('row', [1, 1024, 1024], 'right')
await matmul('column', [1024, 1024, 1])
await matmul('column', [1024, 1024, 1], 'left')

const layers: readonly Layer[] = [
  { batch: 100, channels: [1, 30], size: 28, kernel: 5 },
  { batch: 100, channels: [1, 16], size: 28, kernel: 3, padding: 1 },
  { batch: 100, channels: [16, 16], size: 28, kernel: 3, padding: 1 },
  { batch: 100, channels: [16, 32], size: 14, kernel: 3, padding: 1 },
  { batch: 100, channels: [32, 32], size: 14, kernel: 3, padding: 2 },
  { batch: 100, channels: [32, 64], size: 8, kernel: 3, padding: 1 },
  { batch: 100, channels: [64, 64], size: 8, kernel: 3, padding: 1 },
  { batch: 8, channels: [64, 64], size: 56, kernel: 3, padding: 1 },
  { batch: 8, channels: [64, 128], size: 56, kernel: 3, padding: 1, stride: 2 },
  // ResNet-18 for 32×32 images
  { batch: 32, channels: [3, 64], size: 32, kernel: 3, padding: 1 },
  { batch: 32, channels: [64, 64], size: 32, kernel: 3, padding: 1 },
  { batch: 32, channels: [64, 128], size: 32, kernel: 3, padding: 1, stride: 2 },
  { batch: 32, channels: [128, 128], size: 16, kernel: 3, padding: 1 },
  { batch: 32, channels: [128, 256], size: 16, kernel: 3, padding: 1, stride: 2 },
  { batch: 32, channels: [256, 256], size: 8, kernel: 3, padding: 1 },
  { batch: 32, channels: [256, 512], size: 8, kernel: 3, padding: 1, stride: 2 },
  { batch: 32, channels: [512, 512], size: 4, kernel: 3, padding: 1 },
  // ResNet-18 for 224×224 images
  { batch: 1, channels: [3, 64], size: 224, kernel: 7, padding: 3, stride: 2 },
  { batch: 2, channels: [3, 64], size: 224, kernel: 7, padding: 3, stride: 2 },
  { batch: 1, channels: [64, 64], size: 56, kernel: 3, padding: 1 },
  { batch: 1, channels: [64, 128], size: 56, kernel: 3, padding: 1, stride: 2 },
  { batch: 1, channels: [128, 128], size: 28, kernel: 3, padding: 1 },
  { batch: 1, channels: [128, 256], size: 28, kernel: 3, padding: 1, stride: 2 },
  { batch: 1, channels: [256, 256], size: 14, kernel: 3, padding: 1 },
  { batch: 1, channels: [256, 512], size: 14, kernel: 3, padding: 1, stride: 2 },
  { batch: 1, channels: [512, 512], size: 7, kernel: 3, padding: 1 },
  // 1×1, depthwise and grouped
  { batch: 8, channels: [64, 256], size: 56, kernel: 1 },
  { batch: 32, channels: [512, 512], size: 7, kernel: 1 },
  { batch: 32, channels: [256, 512], size: 8, kernel: 1, stride: 2 },
  { batch: 1, channels: [64, 128], size: 56, kernel: 1, stride: 2 },
  { batch: 8, channels: [64, 64], size: 56, kernel: 3, padding: 1, groups: 64 },
  { batch: 8, channels: [64, 64], size: 56, kernel: 3, padding: 1, stride: 2, groups: 64 },
  { batch: 8, channels: [64, 64], size: 28, kernel: 5, padding: 2, groups: 64 },
  { batch: 8, channels: [512, 512], size: 7, kernel: 3, padding: 1, groups: 512 },
  { batch: 8, channels: [128, 128], size: 28, kernel: 3, padding: 1, groups: 32 },
]
for (const layer of layers) {
  for (const mode of ['forward', 'inputGradient', 'weightGradient'] as const) await convolution(mode, layer)
}
backend.dispose()
