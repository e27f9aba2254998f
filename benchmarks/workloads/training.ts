import type { Untyped } from '../side-by-side/libraries.ts'
import { type Iteration, numbers, product } from '../side-by-side/work.ts'

export interface Training {
  /** Weights and biases in turn. */
  readonly shapes: readonly (readonly number[])[]
  readonly batch: number
  readonly input: readonly number[]
  readonly optimizer: 'sgd' | 'adam'
}

type Forward = (x: Untyped, parameters: Untyped[]) => Untyped

/** He's scale for the initial values, so that nobody computes with infinities. */
function initial(shape: readonly number[], fanIn: number): Float32Array {
  return shape.length === 1 ? new Float32Array(shape[0]!) : numbers(product(shape), Math.sqrt(6 / fanIn))
}

/** A training step with TensorFlow.js; weights are `[…, in, out]`. */
export function tfjsStep(
  tf: Untyped,
  { shapes, batch, input, optimizer }: Training,
  forward: Forward,
): Iteration {
  const parameters = shapes.map((shape) =>
    tf.variable(tf.tensor(initial(shape, product(shape.slice(0, -1))), shape)),
  )
  const x = tf.tensor(numbers(product(input)), input)
  const labels = tf.tensor(
    Int32Array.from({ length: batch }, (_, k) => k % 10),
    [batch],
    'int32',
  )
  const targets = tf.oneHot(labels, 10)
  const update = optimizer === 'adam' ? tf.train.adam(1e-3) : tf.train.sgd(0.1)
  return () => update.minimize(() => tf.losses.softmaxCrossEntropy(targets, forward(x, parameters)))
}

/**
 * A training step with jax-js, compiled as a whole, with the update rules written out; weights are `[in,
 * out]` or `[O, C, KH, KW]`.
 */
export function jaxStep(
  jax: Untyped,
  { shapes, batch, input, optimizer }: Training,
  forward: Forward,
): Iteration {
  const { blockUntilReady, jit, nn, numpy: np, valueAndGrad } = jax
  const arrayOf = (data: Float32Array, shape: readonly number[]) => np.array(data).reshape(shape)
  const fanIn = (shape: readonly number[]) => (shape.length === 4 ? product(shape.slice(1)) : shape[0]!)
  let parameters = shapes.map((shape) => arrayOf(initial(shape, fanIn(shape)), shape))
  let first = shapes.map((shape) => np.zeros(shape))
  let second = shapes.map((shape) => np.zeros(shape))
  const x = arrayOf(numbers(product(input)), input)
  const targets = nn.oneHot(
    np.array(
      Int32Array.from({ length: batch }, (_, k) => k % 10),
      { dtype: np.int32 },
    ),
    10,
  )

  const loss = (parameters: Untyped[], x: Untyped, t: Untyped) =>
    np.negative(np.sum(nn.logSoftmax(forward(x, parameters)).mul(t))).mul(1 / batch)
  const sgd = jit((parameters: Untyped[], x: Untyped, t: Untyped) => {
    const [value, gradients] = valueAndGrad(loss)(
      parameters.map((each) => each.ref),
      x,
      t,
    )
    return [value, parameters.map((each, k) => each.sub(gradients[k].mul(0.1)))]
  })
  const adam = jit(
    (parameters: Untyped[], m: Untyped[], v: Untyped[], rate: Untyped, x: Untyped, t: Untyped) => {
      const [value, gradients] = valueAndGrad(loss)(
        parameters.map((each) => each.ref),
        x,
        t,
      )
      const nextM = m.map((each, k) => each.mul(0.9).add(gradients[k].ref.mul(0.1)))
      const nextV = v.map((each, k) => each.mul(0.999).add(gradients[k].ref.mul(gradients[k]).mul(0.001)))
      const next = parameters.map((each, k) =>
        each.sub(rate.ref.mul(nextM[k].ref).div(np.sqrt(nextV[k].ref).add(1e-8))),
      )
      rate.dispose()
      return [value, next, nextM, nextV]
    },
  )
  let step = 0
  return async () => {
    let value: Untyped
    if (optimizer === 'sgd') {
      ;[value, parameters] = sgd(parameters, x.ref, targets.ref)
    } else {
      step++
      const rate = np.array((1e-3 * Math.sqrt(1 - 0.999 ** step)) / (1 - 0.9 ** step))
      ;[value, parameters, first, second] = adam(parameters, first, second, rate, x.ref, targets.ref)
    }
    await blockUntilReady([value, ...parameters])
    value.dispose()
  }
}
