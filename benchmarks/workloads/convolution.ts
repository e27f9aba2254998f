import type { Tensor } from '@badak/tensor'
import { onnxModel } from '../side-by-side/onnx.ts'
import { numbers, product, work } from '../side-by-side/work.ts'

interface Layer {
  readonly batch: number
  readonly channels: readonly [number, number]
  readonly size: number
  readonly kernel: number
  readonly stride?: number
  readonly depthwise?: boolean
}

function layer(
  name: string,
  { batch, channels, size, kernel, stride = 1, depthwise = false }: Layer,
  backward: boolean,
) {
  const [inputs, outputs] = channels
  const padding = kernel >> 1
  const groups = depthwise ? inputs : 1
  const result = Math.floor((size + 2 * padding - kernel) / stride) + 1
  const shapes = {
    input: [batch, inputs, size, size],
    weight: [outputs, inputs / groups, kernel, kernel],
    output: [batch, outputs, result, result],
  }
  const { input, weight, output } = shapes
  const elements = product(input) + product(weight) + product(output)
  return {
    name: `${name}${backward ? ', with gradients' : ''}`,
    ...shapes,
    stride,
    padding,
    groups,
    backward,
    flops: 2 * product(output) * product(weight.slice(1)) * (backward ? 3 : 1),
    bytes: 4 * elements * (backward ? 3 : 1),
  }
}

const layers: Readonly<Record<string, Layer>> = {
  '3×3, 8·64·56×56 → 64': { batch: 8, channels: [64, 64], size: 56, kernel: 3 },
  '3×3, 100·16·28×28 → 16': { batch: 100, channels: [16, 16], size: 28, kernel: 3 },
  '3×3 stride 2, 8·64·56×56 → 128': { batch: 8, channels: [64, 128], size: 56, kernel: 3, stride: 2 },
  '1×1, 8·64·56×56 → 256': { batch: 8, channels: [64, 256], size: 56, kernel: 1 },
  '7×7 stride 2, 2·3·224×224 → 64': { batch: 2, channels: [3, 64], size: 224, kernel: 7, stride: 2 },
  'depthwise 3×3, 8·64·56×56': { batch: 8, channels: [64, 64], size: 56, kernel: 3, depthwise: true },
}

/**
 * Convolutions, and what a training step does with them: the result and the gradients of input and weight.
 */
export const convolution = work({
  name: 'conv',
  title: 'Convolution',
  cases: Object.entries(layers).flatMap(([name, shape]) => [
    layer(name, shape, false),
    layer(name, shape, true),
  ]),
  torch: 'both layouts',
  sides: {
    badak: (
      { compile, conv2d, evaluate, grad, tensor },
      { input, weight, output, stride, padding, groups, backward },
    ) => {
      const [x, w, g] = [input, weight, output].map((shape) => tensor(numbers(product(shape)), { shape }))
      const convolve = (x: Tensor, w: Tensor) => conv2d(x, w, { stride, padding, groups })
      const run = compile((x: Tensor, w: Tensor, g: Tensor) => {
        if (!backward) return [convolve(x, w)]
        const gradients = grad((x: Tensor, w: Tensor) => convolve(x, w).mul(g).sum(), { argnums: [0, 1] })(
          x,
          w,
        )
        return [convolve(x, w), ...gradients]
      })
      return async () => {
        const results = run(x!, w!, g!)
        await evaluate(...results)
        for (const result of results) result.dispose()
      }
    },
    tfjs: (tf, { input, weight, output, stride, padding, groups, backward }) => {
      // Its images are [N, H, W, C], its weights [KH, KW, C, O].
      const [[n, c, h, w], [o, , kh, kw], [, , oh, ow]] = [input, weight, output]
      const x = tf.tensor(numbers(product(input)), [n, h, w, c])
      const filter = tf.tensor(numbers(product(weight)), groups > 1 ? [kh, kw, c, 1] : [kh, kw, c, o])
      const g = tf.tensor(numbers(product(output)), [n, oh, ow, o])
      const convolve = groups > 1 ? tf.depthwiseConv2d : tf.conv2d
      const forward = (x: typeof g, filter: typeof g) => convolve(x, filter, stride, padding)
      const gradients = tf.grads(forward)
      return () =>
        tf.tidy(() => {
          forward(x, filter)
          if (backward) gradients([x, filter], g)
        })
    },
    jax: (
      { blockUntilReady, jit, lax, numpy: np, tree, vjp },
      { input, weight, output, stride, padding, groups, backward },
    ) => {
      const [x, w, g] = [input, weight, output].map((shape) =>
        np.array(numbers(product(shape))).reshape(shape),
      )
      type T = typeof np
      const convolve = (x: T, w: T) =>
        lax.convGeneralDilated(
          x,
          w,
          [stride, stride],
          [
            [padding, padding],
            [padding, padding],
          ],
          { featureGroupCount: groups },
        )
      const run = jit((x: T, w: T, g: T) => {
        if (!backward) {
          g.dispose()
          return [convolve(x, w)]
        }
        const [y, pullback] = vjp(convolve, [x, w])
        const gradients = pullback(g)
        pullback.dispose()
        return [y, ...gradients]
      })
      return async () => {
        const results = run(x.ref, w.ref, g.ref)
        await blockUntilReady(results)
        tree.dispose(results)
      }
    },
    onnx: async ({ ort, session }, { input, weight, stride, padding, groups, backward }) => {
      if (backward) throw new Error('has no gradients')
      const attributes = {
        strides: { ints: [stride, stride] },
        group: { int: groups },
        pads: { ints: [padding, padding, padding, padding] },
      }
      const model = await session(
        onnxModel({
          nodes: [{ op: 'Conv', inputs: ['x', 'w'], output: 'y', attributes }],
          inputs: { x: input },
          weights: { w: { shape: weight, data: numbers(product(weight)) } },
          output: 'y',
        }),
      )
      const x = new ort.Tensor('float32', numbers(product(input)), input)
      return () => model.run({ x })
    },
  },
})
