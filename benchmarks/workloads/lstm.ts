import type { Untyped } from '../side-by-side/libraries.ts'
import { numbers, product, work } from '../side-by-side/work.ts'

const [steps, batch, inputs, hidden] = [32, 32, 256, 256]
const sequence = [steps, batch, inputs]
const gates = 4 * hidden
/** PyTorch's first values lie within this. */
const bound = 1 / Math.sqrt(hidden)

/** Forward, and the gradients of both weights and of the state; the sequence needs none. */
const flops = 2 * steps * batch * gates * (2 * inputs + 3 * hidden)

/** A training step of one LSTM layer; the loss is the mean of its squared outputs. */
export const lstm = work({
  name: 'lstm',
  title: 'Training an LSTM',
  cases: [{ name: '256 → 256, 32 steps, batch 32, SGD', sequence, hidden, flops }],
  torch: true,
  sides: {
    badak: ({ LSTM, SGD, tensor }) => {
      const model = new LSTM(inputs, hidden)
      const optimizer = new SGD(model.parameters(), { lr: 0.1 })
      const x = tensor(numbers(product(sequence)), { shape: sequence })
      return async () => {
        model.forward(x)[0].square().mean().backward()
        await optimizer.step()
      }
    },
    tfjs: (tf) => {
      const variable = (...shape: number[]): Untyped =>
        tf.variable(tf.tensor(numbers(product(shape), bound), shape))
      const [inputWeight, stateWeight] = [variable(inputs, gates), variable(hidden, gates)]
      const bias = variable(gates)
      const x = tf.tensor(numbers(product(sequence)), [steps * batch, inputs])
      const loss = (): Untyped => {
        const projected = tf.add(tf.matMul(x, inputWeight), bias)
        let [h, c] = [tf.zeros([batch, hidden]), tf.zeros([batch, hidden])]
        const outputs = tf.split(projected, steps).map((part: Untyped) => {
          const [i, f, g, o] = tf.split(tf.add(part, tf.matMul(h, stateWeight)), 4, 1)
          c = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)))
          h = tf.mul(tf.sigmoid(o), tf.tanh(c))
          return h
        })
        return tf.mean(tf.square(tf.concat(outputs)))
      }
      const update = tf.train.sgd(0.1)
      return () => update.minimize(loss)
    },
    jax: ({ blockUntilReady, jit, nn, numpy: np, tree, valueAndGrad }) => {
      const parameter = (...shape: number[]): Untyped =>
        np.array(numbers(product(shape), bound)).reshape(shape)
      let parameters = [parameter(inputs, gates), parameter(hidden, gates), parameter(gates)]
      const x = parameter(steps * batch, inputs)
      const loss = ([inputWeight, stateWeight, bias]: Untyped[], x: Untyped): Untyped => {
        const projected = np.split(np.matmul(x, inputWeight).add(bias), steps)
        let [h, c] = [np.zeros([batch, hidden]), np.zeros([batch, hidden])]
        const outputs = projected.map((part: Untyped) => {
          const [i, f, g, o] = np.split(part.add(np.matmul(h, stateWeight.ref)), 4, 1)
          c = nn.sigmoid(f).mul(c).add(nn.sigmoid(i).mul(np.tanh(g)))
          h = nn.sigmoid(o).mul(np.tanh(c.ref))
          return h.ref
        })
        for (const rest of [h, c, stateWeight]) rest.dispose()
        return np.mean(np.square(np.concatenate(outputs)))
      }
      const step = jit((parameters: Untyped[], x: Untyped) => {
        const [value, gradients] = valueAndGrad(loss)(tree.ref(parameters), x)
        return [value, parameters.map((each, k) => each.sub(gradients[k].mul(0.1)))]
      })
      return async () => {
        let value: Untyped
        ;[value, parameters] = step(parameters, x.ref)
        await blockUntilReady([value, ...parameters])
        value.dispose()
      }
    },
  },
})
