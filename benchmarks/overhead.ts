// What the engine adds to the kernels of a training step: building the graph, finding its plan, binding
// memory. Run: npm run bench -- overhead
import { Linear, ReLU, Sequential, softmaxCrossEntropy } from '@badak/layers'
import { Adam, SGD } from '@badak/optimizers'
import { type Backend, compile, configure, shutdown, tensor, type Tensor } from '@badak/tensor'
import { createModel } from '../apps/mnist/src/models.ts'
import { createWasmBackend } from '../packages/tensor/src/backends/wasm/index.ts'
import { linearize } from '../packages/tensor/src/schedule/linearize.ts'
import { median } from './side-by-side/timing.ts'

const real: Backend = createWasmBackend({ threads: 1 })
let inKernels = 0
let kernels = 0
const backend: Backend = Object.create(real, {
  run: {
    value: (...[executable, buffers, values]: Parameters<Backend['run']>) => {
      kernels = executable.program.kernels.length
      const start = performance.now()
      const fault = real.run(executable, buffers, values)
      inKernels += performance.now() - start
      return fault
    },
  },
}) as Backend
for (const name of [
  'allocate',
  'free',
  'upload',
  'download',
  'compile',
  'release',
  'memory',
  'dispose',
] as const) {
  Object.defineProperty(backend, name, { value: real[name].bind(real) })
}
configure({ backend })

/** Milliseconds of `step` outside of the kernels. */
async function outside(step: () => unknown): Promise<{ total: number; outside: number }> {
  const totals: number[] = []
  const outsides: number[] = []
  const end = performance.now() + 2000
  // V8 compiles what runs once a step only after some hundred steps.
  while (performance.now() < end || totals.length < 500) {
    inKernels = 0
    const start = performance.now()
    await step()
    const total = performance.now() - start
    totals.push(total)
    outsides.push(total - inKernels)
  }
  const settled = (values: number[]): number => median(values.slice(values.length >> 1))
  return { total: settled(totals), outside: settled(outsides) }
}

async function measure(
  name: string,
  model: Sequential,
  input: number[],
  optimizer: SGD | Adam,
): Promise<void> {
  const x = tensor(new Float32Array(input.reduce((a, b) => a * b, 1)).fill(0.5), { shape: input })
  const t = tensor(new Int32Array(input[0]!), { shape: [input[0]!] })
  const building: number[] = []
  let nodes = 0
  const step = (x: Tensor, t: Tensor): Tensor => {
    const start = performance.now()
    const loss = softmaxCrossEntropy(model.forward(x), t)
    loss.backward()
    building.push(performance.now() - start)
    if (nodes === 0) {
      const roots = [loss, ...model.parameters().map(({ grad }) => grad!)].map(({ node }) => node)
      nodes = linearize(roots, () => {}).nodes.length
    }
    void optimizer.step()
    return loss
  }
  const plain = await outside(() => step(x, t))
  const build = median(building.slice(building.length >> 1))
  const compiled = compile(step)
  const replay = await outside(() => compiled(x, t))
  const format = (value: number): string => value.toFixed(3).padStart(9)
  console.log(
    `${name.padEnd(34)} ${String(nodes).padStart(5)} ${String(kernels).padStart(7)} ${format(plain.total)} ` +
      `${format(build)} ${format(plain.outside - build)} ${format(replay.total)} ${format(replay.outside)}`,
  )
}

const perceptron = (...sizes: number[]): Sequential =>
  new Sequential(
    ...sizes.slice(1).flatMap((size, k) => {
      const linear = new Linear(sizes[k]!, size)
      return k < sizes.length - 2 ? [linear, new ReLU()] : [linear]
    }),
  )

console.log(
  'ms                                 nodes kernels      step  building   the rest    replay  its rest',
)
const small = perceptron(784, 50, 10)
await measure('784-50-10, SGD', small, [100, 784], new SGD(small.parameters(), { lr: 0.1 }))
const deep = perceptron(32, 32, 32, 32, 32, 10)
await measure('five layers of 32, Adam', deep, [32, 32], new Adam(deep.parameters()))
const convolutional = createModel('simple')
await measure('SimpleConvNet, Adam', convolutional, [100, 1, 28, 28], new Adam(convolutional.parameters()))
shutdown()
real.dispose()
