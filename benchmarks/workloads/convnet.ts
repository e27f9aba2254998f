import type { Untyped } from '../side-by-side/libraries.ts'
import { numbers, work } from '../side-by-side/work.ts'
import { jaxStep, tfjsStep } from './training.ts'

type Layer =
  | {
      readonly kind: 'convolution'
      readonly channels: readonly [number, number]
      readonly kernel: number
      readonly padding: number
    }
  | { readonly kind: 'pool' | 'flatten' | 'dropout' | 'relu' }
  | { readonly kind: 'linear'; readonly sizes: readonly [number, number] }

const [pool, flatten, dropout, relu]: Layer[] = [
  { kind: 'pool' },
  { kind: 'flatten' },
  { kind: 'dropout' },
  { kind: 'relu' },
]
const convolution = (from: number, to: number, kernel: number, padding = 0): Layer[] => [
  { kind: 'convolution', channels: [from, to], kernel, padding },
  relu!,
]
const linear = (from: number, to: number): Layer => ({ kind: 'linear', sizes: [from, to] })

/** The networks of apps/mnist. */
const networks = {
  simple: [...convolution(1, 30, 5), pool!, flatten!, linear(30 * 144, 100), relu!, linear(100, 10)],
  deep: [
    ...convolution(1, 16, 3, 1),
    ...convolution(16, 16, 3, 1),
    pool!,
    ...convolution(16, 32, 3, 1),
    ...convolution(32, 32, 3, 2),
    pool!,
    ...convolution(32, 64, 3, 1),
    ...convolution(64, 64, 3, 1),
    pool!,
    flatten!,
    linear(64 * 16, 50),
    relu!,
    dropout!,
    linear(50, 10),
    dropout!,
  ],
} as const satisfies Record<string, readonly Layer[]>

const batch = 100
const input = [batch, 1, 28, 28]

function network(model: keyof typeof networks, name: string) {
  return { name, model, layers: networks[model] as readonly Layer[], batch, flops: flopsOf(networks[model]) }
}

/** Forward and both gradients; the images need none. */
function flopsOf(layers: readonly Layer[]): number {
  let size = 28
  let flops = 0
  let passes = 2
  for (const layer of layers) {
    if (layer.kind === 'pool') size /= 2
    else if (layer.kind === 'convolution') {
      size += 2 * layer.padding - layer.kernel + 1
      flops += passes * 2 * batch * size ** 2 * layer.channels[0] * layer.channels[1] * layer.kernel ** 2
      passes = 3
    } else if (layer.kind === 'linear') flops += passes * 2 * batch * layer.sizes[0] * layer.sizes[1]
  }
  return flops
}

/** A training step of a convolution network with Adam, on images that are there already. */
export const convnet = work({
  name: 'convnet',
  title: 'Training a convolution network',
  unit: 'steps/s',
  cases: [
    network('simple', 'SimpleConvNet, batch 100, Adam'),
    network('deep', 'DeepConvNet, batch 100, Adam'),
  ],
  torch: 'both layouts',
  sides: {
    badak: async ({ Adam, softmaxCrossEntropy, tensor }, { model: name }) => {
      const { createModel } = await import('../../apps/mnist/src/models.ts')
      const model = createModel(name)
      const optimizer = new Adam(model.parameters(), { lr: 1e-3 })
      const x = tensor(numbers(batch * 784), { shape: input })
      const t = tensor(Int32Array.from({ length: batch }, (_, k) => k % 10))
      return async () => {
        softmaxCrossEntropy(model.forward(x), t).backward()
        await optimizer.step()
      }
    },
    tfjs: (tf, { layers }) => {
      const shapes = layers.flatMap((layer) => {
        if (layer.kind === 'linear') return [layer.sizes, [layer.sizes[1]]]
        if (layer.kind !== 'convolution') return []
        return [[layer.kernel, layer.kernel, ...layer.channels], [layer.channels[1]]]
      })
      return tfjsStep(tf, { shapes, batch, input: [batch, 28, 28, 1], optimizer: 'adam' }, (x, parameters) =>
        forward(layers, x, parameters, {
          convolution: (y, w, b, padding) => tf.add(tf.conv2d(y, w, 1, padding), b),
          linear: (y, w, b) => tf.add(tf.matMul(y, w), b),
          pool: (y) => tf.maxPool(y, 2, 2, 'valid'),
          flatten: (y) => tf.reshape(y, [batch, -1]),
          relu: (y) => tf.relu(y),
          dropout: (y) => tf.dropout(y, 0.5),
        }),
      )
    },
    jax: (jax, { layers }) => {
      const { lax, nn, numpy: np, random } = jax
      const shapes = layers.flatMap((layer) => {
        if (layer.kind === 'linear') return [layer.sizes, [layer.sizes[1]]]
        if (layer.kind !== 'convolution') return []
        return [[layer.channels[1], layer.channels[0], layer.kernel, layer.kernel], [layer.channels[1]]]
      })
      return jaxStep(jax, { shapes, batch, input, optimizer: 'adam' }, (x, parameters) =>
        forward(layers, x, parameters, {
          convolution: (y, w, b, padding) =>
            lax
              .convGeneralDilated(
                y,
                w,
                [1, 1],
                [
                  [padding, padding],
                  [padding, padding],
                ],
              )
              .add(b.reshape([1, -1, 1, 1])),
          linear: (y, w, b) => np.matmul(y, w).add(b),
          // A window that overlaps nothing, as a maximum: the gradient of `reduceWindow` is not there.
          pool: (y) => {
            const [n, c, h, w] = y.shape
            return np.max(y.reshape([n, c, h / 2, 2, w / 2, 2]), [3, 5])
          },
          flatten: (y) => y.reshape([batch, -1]),
          relu: (y) => nn.relu(y),
          dropout: (y) => y.mul(random.bernoulli(random.key(1), 0.5, y.shape)).mul(2),
        }),
      )
    },
  },
})

interface Operations {
  readonly convolution: (y: Untyped, weight: Untyped, bias: Untyped, padding: number) => Untyped
  readonly linear: (y: Untyped, weight: Untyped, bias: Untyped) => Untyped
  readonly pool: (y: Untyped) => Untyped
  readonly flatten: (y: Untyped) => Untyped
  readonly relu: (y: Untyped) => Untyped
  readonly dropout: (y: Untyped) => Untyped
}

function forward(
  layers: readonly Layer[],
  x: Untyped,
  parameters: readonly Untyped[],
  operations: Operations,
): Untyped {
  let y = x
  let next = 0
  for (const layer of layers) {
    if (layer.kind === 'convolution') {
      y = operations.convolution(y, parameters[next++], parameters[next++], layer.padding)
    } else if (layer.kind === 'linear') y = operations.linear(y, parameters[next++], parameters[next++])
    else y = operations[layer.kind](y)
  }
  return y
}
