import type { Tensor } from '@badak/tensor'
import { onnxModel } from '../side-by-side/onnx.ts'
import { numbers, work } from '../side-by-side/work.ts'

type Transposed = 'neither' | 'left' | 'right'

function square(size: number, transposed: Transposed = 'neither') {
  return {
    name: `${size}${transposed === 'neither' ? '' : `, ${transposed} transposed`}`,
    size,
    transposed,
    flops: 2 * size ** 3,
    bytes: 3 * 4 * size ** 2,
    // A chain of products: what starting an iteration costs must not count.
    repeat: Math.max(1, Math.min(128, 2 ** 26 / (2 * size ** 3))),
  }
}

/** A chain of products of square matrices, `c ← c · b` again and again. */
export const gemm = work({
  name: 'gemm',
  title: 'Matrix product',
  cases: [
    square(64),
    square(128),
    square(256),
    square(512),
    square(1024),
    square(128, 'left'),
    square(128, 'right'),
    square(512, 'left'),
    square(512, 'right'),
  ],
  torch: true,
  sides: {
    badak: ({ compile, evaluate, tensor }, { size, transposed, repeat }) => {
      const [a, b] = matrices(size).map((data) => tensor(data, { shape: [size, size] }))
      const chain = compile((a: Tensor, b: Tensor) => {
        let c = a
        for (let k = 0; k < repeat; k++) {
          c = (transposed === 'left' ? c.transpose() : c).matmul(transposed === 'right' ? b.transpose() : b)
        }
        return c
      })
      return async () => {
        const c = chain(a!, b!)
        await evaluate(c)
        c.dispose()
      }
    },
    tfjs: (tf, { size, transposed, repeat }) => {
      const [a, b] = matrices(size).map((data) => tf.tensor(data, [size, size]))
      return () =>
        tf.tidy(() => {
          let c = a
          for (let k = 0; k < repeat; k++) c = tf.matMul(c, b, transposed === 'left', transposed === 'right')
        })
    },
    jax: ({ jit, numpy: np, blockUntilReady }, { size, transposed, repeat }) => {
      const [a, b] = matrices(size).map((data) => np.array(data).reshape([size, size]))
      const chain = jit((a: typeof np, b: typeof np) => {
        let c = a
        for (let k = 0; k < repeat; k++) {
          c = np.matmul(
            transposed === 'left' ? c.transpose() : c,
            transposed === 'right' ? b.ref.transpose() : b.ref,
          )
        }
        b.dispose()
        return c
      })
      return async () => {
        const c = chain(a.ref, b.ref)
        await blockUntilReady(c)
        c.dispose()
      }
    },
    onnx: async ({ ort, session }, { size, transposed, repeat }) => {
      const flag = (on: boolean) => ({ int: on ? 1 : 0 })
      const attributes = { transA: flag(transposed === 'left'), transB: flag(transposed === 'right') }
      const nodes = Array.from({ length: repeat }, (_, k) => ({
        op: 'Gemm',
        inputs: [`c${k}`, 'b'],
        output: `c${k + 1}`,
        attributes,
      }))
      const shape = [size, size]
      const model = await session(onnxModel({ nodes, inputs: { c0: shape, b: shape }, output: `c${repeat}` }))
      const [c0, b] = matrices(size).map((data) => new ort.Tensor('float32', data, shape))
      return () => model.run({ c0, b })
    },
  },
})

/** Scaled so that products neither vanish nor overflow. */
function matrices(size: number): readonly Float32Array[] {
  const scale = Math.sqrt(3 / size)
  return [numbers(size * size, scale), numbers(size * size + 1, scale).slice(1)]
}
