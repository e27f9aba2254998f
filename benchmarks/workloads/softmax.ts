import type { Tensor } from '@badak/tensor'
import { onnxModel } from '../side-by-side/onnx.ts'
import { numbers, product, work } from '../side-by-side/work.ts'

const shape = [4096, 1000]

export const softmax = work({
  name: 'softmax',
  title: 'Softmax',
  cases: [{ name: '4096×1000', shape, bytes: 2 * 4 * product(shape) }],
  torch: true,
  sides: {
    badak: ({ compile, evaluate, tensor }) => {
      const x = tensor(numbers(product(shape), 4), { shape })
      const run = compile((input: Tensor) => input.softmax())
      return async () => {
        const result = run(x)
        await evaluate(result)
        result.dispose()
      }
    },
    tfjs: (tf) => {
      const x = tf.tensor(numbers(product(shape), 4), shape)
      return () => tf.tidy(() => void tf.softmax(x))
    },
    jax: ({ blockUntilReady, jit, nn, numpy: np }) => {
      const x = np.array(numbers(product(shape), 4)).reshape(shape)
      const run = jit((input: typeof np) => nn.softmax(input))
      return async () => {
        const result = run(x.ref)
        await blockUntilReady(result)
        result.dispose()
      }
    },
    onnx: async ({ ort, session }) => {
      const nodes = [{ op: 'Softmax', inputs: ['x'], output: 'y' }]
      const model = await session(onnxModel({ nodes, inputs: { x: shape }, output: 'y' }))
      const x = new ort.Tensor('float32', numbers(product(shape), 4), shape)
      return () => model.run({ x })
    },
  },
})
