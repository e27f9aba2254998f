import { numbers, work } from '../side-by-side/work.ts'
import { jaxStep, tfjsStep } from './training.ts'

type Optimizer = 'sgd' | 'adam'

function perceptron(sizes: readonly number[], batch: number, optimizer: Optimizer) {
  const weights = sizes.slice(1).reduce((sum, size, k) => sum + size * sizes[k]!, 0)
  // Forward, and the gradients of weights and inputs; the images need none.
  const flops = 2 * batch * (3 * weights - sizes[0]! * sizes[1]!)
  return {
    name: `${sizes.join('-')}, batch ${batch}, ${optimizer.toUpperCase()}`,
    sizes,
    batch,
    optimizer,
    flops,
  }
}

/** A training step: forward, backward and update, on images that are there already. */
export const mlp = work({
  name: 'mlp',
  title: 'Training a multi-layer perceptron',
  unit: 'steps/s',
  cases: [perceptron([784, 50, 10], 100, 'sgd'), perceptron([784, 512, 512, 10], 128, 'adam')],
  torch: true,
  sides: {
    badak: (
      { Adam, Linear, ReLU, SGD, Sequential, softmaxCrossEntropy, tensor },
      { sizes, batch, optimizer },
    ) => {
      const last = sizes.length - 2
      const layers = sizes.slice(1).flatMap((size, k) => {
        const linear = new Linear(sizes[k]!, size)
        return k < last ? [linear, new ReLU()] : [linear]
      })
      const model = new Sequential(...layers)
      const parameters = model.parameters()
      const update =
        optimizer === 'adam' ? new Adam(parameters, { lr: 1e-3 }) : new SGD(parameters, { lr: 0.1 })
      const x = tensor(numbers(batch * sizes[0]!), { shape: [batch, sizes[0]!] })
      const t = tensor(Int32Array.from({ length: batch }, (_, k) => k % 10))
      return async () => {
        softmaxCrossEntropy(model.forward(x), t).backward()
        await update.step()
      }
    },
    tfjs: (tf, { sizes, batch, optimizer }) => {
      const shapes = sizes.slice(1).flatMap((size, k) => [[sizes[k]!, size], [size]])
      const last = shapes.length / 2 - 1
      return tfjsStep(tf, { shapes, batch, input: [batch, sizes[0]!], optimizer }, (x, parameters) => {
        let y = x
        for (let k = 0; k <= last; k++) {
          y = tf.add(tf.matMul(y, parameters[2 * k]), parameters[2 * k + 1])
          if (k < last) y = tf.relu(y)
        }
        return y
      })
    },
    jax: (jax, { sizes, batch, optimizer }) => {
      const { nn, numpy: np } = jax
      const shapes = sizes.slice(1).flatMap((size, k) => [[sizes[k]!, size], [size]])
      const last = shapes.length / 2 - 1
      return jaxStep(jax, { shapes, batch, input: [batch, sizes[0]!], optimizer }, (x, parameters) => {
        let y = x
        for (let k = 0; k <= last; k++) {
          y = np.matmul(y, parameters[2 * k]).add(parameters[2 * k + 1])
          if (k < last) y = nn.relu(y)
        }
        return y
      })
    },
  },
})
