import type { Tensor } from '@badak/tensor'
import { onnxModel } from '../side-by-side/onnx.ts'
import { numbers, work } from '../side-by-side/work.ts'

const elements = 2 ** 22

/** `sigmoid(x · y + x) · y − x`: five operations in a row on four million elements. */
export const elementwise = work({
  name: 'elementwise',
  title: 'Elementwise chain',
  cases: [{ name: 'sigmoid(x·y + x)·y − x, 4 M', elements, bytes: 3 * 4 * elements }],
  torch: true,
  sides: {
    badak: ({ compile, evaluate, tensor }) => {
      const [x, y] = [tensor(numbers(elements)), tensor(numbers(elements, 2))]
      const chain = compile((x: Tensor, y: Tensor) => x.mul(y).add(x).sigmoid().mul(y).sub(x))
      return async () => {
        const result = chain(x, y)
        await evaluate(result)
        result.dispose()
      }
    },
    tfjs: (tf) => {
      const [x, y] = [tf.tensor(numbers(elements)), tf.tensor(numbers(elements, 2))]
      return () => tf.tidy(() => void tf.sub(tf.mul(tf.sigmoid(tf.add(tf.mul(x, y), x)), y), x))
    },
    jax: ({ blockUntilReady, jit, nn, numpy: np }) => {
      const [x, y] = [np.array(numbers(elements)), np.array(numbers(elements, 2))]
      const chain = jit((x: typeof np, y: typeof np) => nn.sigmoid(x.ref.mul(y.ref).add(x.ref)).mul(y).sub(x))
      return async () => {
        const result = chain(x.ref, y.ref)
        await blockUntilReady(result)
        result.dispose()
      }
    },
    onnx: async ({ ort, session }) => {
      const nodes = [
        { op: 'Mul', inputs: ['x', 'y'], output: 'a' },
        { op: 'Add', inputs: ['a', 'x'], output: 'b' },
        { op: 'Sigmoid', inputs: ['b'], output: 'c' },
        { op: 'Mul', inputs: ['c', 'y'], output: 'd' },
        { op: 'Sub', inputs: ['d', 'x'], output: 'e' },
      ]
      const model = await session(onnxModel({ nodes, inputs: { x: [elements], y: [elements] }, output: 'e' }))
      const x = new ort.Tensor('float32', numbers(elements), [elements])
      const y = new ort.Tensor('float32', numbers(elements, 2), [elements])
      return () => model.run({ x, y })
    },
  },
})
