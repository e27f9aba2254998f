// What the engine adds to the kernels of a training step: building the graph, finding its plan, binding
// memory; and what the first step of a deep network costs. Run: npm run bench -- overhead
import { setImmediate } from 'node:timers/promises'
import { Linear, LSTM, type Module, ReLU, Sequential, softmaxCrossEntropy } from '@badak/layers'
import { Adam, SGD } from '@badak/optimizers'
import { type Backend, compile, configure, shutdown, tensor, type Tensor } from '@badak/tensor'
import { createModel } from '../apps/mnist/src/models.ts'
import { createWasmBackend } from '../packages/tensor/src/backends/wasm/index.ts'
import { linearize } from '../packages/tensor/src/schedule/linearize.ts'
import { median } from './side-by-side/timing.ts'
import { product } from './side-by-side/work.ts'
import { ResNet18 } from './workloads/resnet-model.ts'

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
    // As in a program that waits for anything: finalizers run only here.
    await setImmediate()
  }
  const settled = (values: number[]): number => median(values.slice(values.length >> 1))
  return { total: settled(totals), outside: settled(outsides) }
}

type Loss = (x: Tensor, t: Tensor) => Tensor

const onesOf = (shape: readonly number[]): Tensor =>
  tensor(new Float32Array(product(shape)).fill(0.5), { shape })
const labels = (count: number): Tensor => tensor(new Int32Array(count), { shape: [count] })

async function measure(
  name: string,
  model: Module,
  lossOf: Loss,
  [x, t]: readonly [Tensor, Tensor],
  optimizer: SGD | Adam,
): Promise<void> {
  const building: number[] = []
  let nodes = 0
  const step = (x: Tensor, t: Tensor): Tensor => {
    const start = performance.now()
    const loss = lossOf(x, t)
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

/** The first steps of a deep network: all plans are made, and all kernels written and compiled. */
async function measureFirst(): Promise<void> {
  const model = new ResNet18({
    batch: 32,
    size: 32,
    classes: 10,
    widths: [64, 128, 256, 512],
    stem: 'small',
  })
  const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9, weightDecay: 5e-4 })
  const [x, t] = [onesOf([32, 3, 32, 32]), labels(32)]
  for (const which of ['first', 'second']) {
    inKernels = 0
    const start = performance.now()
    softmaxCrossEntropy(model.forward(x), t).backward()
    await optimizer.step()
    const total = performance.now() - start
    console.log(
      `ResNet-18, ${which} step: ${total.toFixed(0)} ms, ${(total - inKernels).toFixed(1)} ms of it outside of the ` +
        `${kernels} kernels`,
    )
  }
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
const classify =
  (model: Sequential): Loss =>
  (x, t) =>
    softmaxCrossEntropy(model.forward(x), t)
const small = perceptron(784, 50, 10)
const sgd = { lr: 0.1 }
await measure(
  '784-50-10, SGD',
  small,
  classify(small),
  [onesOf([100, 784]), labels(100)],
  new SGD(small.parameters(), sgd),
)
const deep = perceptron(32, 32, 32, 32, 32, 10)
await measure(
  'five layers of 32, Adam',
  deep,
  classify(deep),
  [onesOf([32, 32]), labels(32)],
  new Adam(deep.parameters()),
)
const convolutional = createModel('simple')
await measure(
  'SimpleConvNet, Adam',
  convolutional,
  classify(convolutional),
  [onesOf([100, 1, 28, 28]), labels(100)],
  new Adam(convolutional.parameters()),
)
const recurrent = new LSTM(32, 32)
await measure(
  'LSTM of 32, 32 steps, SGD',
  recurrent,
  (x) => recurrent.forward(x)[0].square().mean(),
  [onesOf([32, 8, 32]), labels(1)],
  new SGD(recurrent.parameters(), sgd),
)
await measureFirst()
shutdown()
real.dispose()
