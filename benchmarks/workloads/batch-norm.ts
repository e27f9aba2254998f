import type { Tensor } from '@badak/tensor'
import { numbers, product, work } from '../side-by-side/work.ts'

const shape = [32, 64, 56, 56]
const channels = 64
const eps = 1e-5

/** Batch normalisation in training: the result, and the gradients of input, weight and bias. */
export const batchNorm = work({
  name: 'batch-norm',
  title: 'Batch normalisation',
  // At the least: x and g are read for the sums, both again for the results, two results are written; x once
  // more before.
  cases: [{ name: '32×64×56×56, forward and backward', shape, bytes: 7 * 4 * product(shape) }],
  torch: 'both layouts',
  sides: {
    badak: ({ BatchNorm2d, compile, evaluate, Parameter, tensor }) => {
      const layer = new BatchNorm2d(channels)
      const x = new Parameter(tensor(numbers(product(shape)), { shape }))
      const g = tensor(numbers(product(shape)), { shape })
      const parameters = [x, layer.weight!, layer.bias!]
      const run = compile((g: Tensor) => {
        const y = layer.forward(x)
        y.mul(g).sum().backward()
        const gradients = parameters.map(({ grad }) => grad!)
        for (const parameter of parameters) parameter.grad = undefined
        return [y, ...gradients]
      })
      return async () => {
        const results = run(g)
        await evaluate(...results)
        for (const result of results) result.dispose()
      }
    },
    tfjs: (tf) => {
      // Its images are [N, H, W, C].
      const [n, c, h, w] = shape
      const x = tf.tensor(numbers(product(shape)), [n, h, w, c])
      const g = tf.tensor(numbers(product(shape)), [n, h, w, c])
      const [weight, bias] = [tf.ones([c]), tf.zeros([c])]
      type T = typeof x
      const normalise = (x: T, weight: T, bias: T) => {
        const { mean, variance } = tf.moments(x, [0, 1, 2])
        return tf.batchNorm(x, mean, variance, bias, weight, eps)
      }
      const gradients = tf.grads(normalise)
      return () =>
        tf.tidy(() => {
          normalise(x, weight, bias)
          gradients([x, weight, bias], g)
        })
    },
    jax: ({ blockUntilReady, jit, numpy: np, tree, vjp }) => {
      const [x, g] = [1, 1].map(() => np.array(numbers(product(shape))).reshape(shape))
      const [weight, bias] = [np.ones([channels]), np.zeros([channels])]
      type T = typeof np
      const normalise = (x: T, weight: T, bias: T) => {
        const mean = np.mean(x.ref, [0, 2, 3], { keepdims: true })
        const centred = x.sub(mean)
        const variance = np.mean(centred.ref.mul(centred.ref), [0, 2, 3], { keepdims: true })
        const scale = np.reciprocal(np.sqrt(variance.add(eps)))
        return centred
          .mul(scale)
          .mul(weight.reshape([1, channels, 1, 1]))
          .add(bias.reshape([1, channels, 1, 1]))
      }
      const run = jit((x: T, weight: T, bias: T, g: T) => {
        const [y, pullback] = vjp(normalise, [x, weight, bias])
        const gradients = pullback(g)
        pullback.dispose()
        return [y, ...gradients]
      })
      return async () => {
        const results = run(x.ref, weight.ref, bias.ref, g.ref)
        await blockUntilReady(results)
        tree.dispose(results)
      }
    },
  },
})
