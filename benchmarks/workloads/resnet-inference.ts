import type { Tensor } from '@badak/tensor'
import type { Libraries, Untyped } from '../side-by-side/libraries.ts'
import { onnxModel } from '../side-by-side/onnx.ts'
import { type Case, numbers, product, work } from '../side-by-side/work.ts'
import {
  biasOf,
  type Convolution,
  convolutionWeight,
  flopsOf,
  forward,
  type ResNet,
  type Weight,
  weightOf,
} from './resnet.ts'

interface Inference extends Case {
  readonly network: ResNet
}

const network: ResNet = { batch: 1, size: 224, classes: 1000, widths: [64, 128, 256, 512], stem: 'large' }

/** ResNet-18 in use, with batch normalisation folded into weights and biases of the convolutions. */
export const resnetInference = work<Inference>({
  name: 'resnet-inference',
  title: 'ResNet-18 in use',
  unit: 'images/s',
  cases: [{ name: '224×224, batch 1, batch norm folded', network, flops: flopsOf(network) }],
  torch: 'both layouts',
  sides: {
    badak: (library, { network }) => {
      const { compile, evaluate, tensor } = library
      const run = compile(folded(library, network))
      const x = tensor(numbers(product(shapeOf(network))), { shape: shapeOf(network) })
      return async () => {
        const result = run(x)
        await evaluate(result)
        result.dispose()
      }
    },
    tfjs: (tf, { network }) => {
      if (tf.getBackend() === 'cpu') throw new Error('left out: takes minutes')
      const { batch, size } = network
      const predict = tfjsNetwork(tf, network)
      const x = tf.tensor(numbers(product(shapeOf(network))), [batch, size, size, 3])
      return () => tf.tidy(() => void predict(x))
    },
    onnx: async ({ ort, session }, { network }) => {
      const model = await session(onnxNetwork(network))
      const x = new ort.Tensor('float32', numbers(product(shapeOf(network))), shapeOf(network))
      return () => model.run({ x })
    },
  },
})

export function shapeOf({ batch, size }: ResNet): number[] {
  return [batch, 3, size, size]
}

/** The network with badak's operations. */
export function folded(
  { conv2d, maxPool2d, tensor }: Libraries['badak'],
  network: ResNet,
): (images: Tensor) => Tensor {
  const toTensor = ({ data, shape }: Weight): Tensor => tensor(data, { shape })
  const parameters = new Map<string, { weight: Tensor; bias: Tensor }>()
  const prepare = (convolution: Convolution): Tensor => {
    const weight = toTensor(convolutionWeight(convolution))
    const bias = toTensor(biasOf(convolution.to)).reshape([1, -1, 1, 1])
    parameters.set(convolution.name, { weight, bias })
    return weight
  }
  const weight = toTensor(weightOf(network.classes, network.widths.at(-1)!))
  const bias = toTensor(biasOf(network.classes))
  const skip = (x: Tensor): Tensor => x
  forward(network, weight, { convolution: (_, each) => prepare(each), relu: skip, pool: skip, head: skip })
  return (images) =>
    forward(network, images, {
      convolution: (x, { name, kernel, stride }) => {
        const { weight, bias } = parameters.get(name)!
        return conv2d(x, weight, { stride, padding: kernel >> 1 }).add(bias)
      },
      relu: (x, shortcut) => (shortcut ? x.add(shortcut) : x).relu(),
      pool: (x) => maxPool2d(x, { kernel: 3, stride: 2, padding: 1 }),
      head: (x) => x.mean({ axis: [2, 3] }).matmul(weight.transpose()).add(bias),
    })
}

/** The network with those of TensorFlow.js, whose images are `[N, H, W, C]` and weights `[KH, KW, C, O]`. */
function tfjsNetwork(tf: Untyped, network: ResNet): (images: Untyped) => Untyped {
  const toTensor = ({ data, shape }: Weight): Untyped => tf.tensor(data, shape)
  const parameters = new Map<string, { filter: Untyped; bias: Untyped }>()
  const parametersOf = (convolution: Convolution) => {
    const known = parameters.get(convolution.name)
    if (known) return known
    const made = tf.tidy(() => ({
      filter: tf.keep(tf.transpose(toTensor(convolutionWeight(convolution)), [2, 3, 1, 0])),
      bias: tf.keep(toTensor(biasOf(convolution.to))),
    }))
    parameters.set(convolution.name, made)
    return made
  }
  const weight = toTensor(weightOf(network.classes, network.widths.at(-1)!))
  const bias = toTensor(biasOf(network.classes))
  return (images) =>
    forward<Untyped>(network, images, {
      convolution: (x, convolution) => {
        const { filter, bias } = parametersOf(convolution)
        return tf.add(tf.conv2d(x, filter, convolution.stride, convolution.kernel >> 1), bias)
      },
      relu: (x, shortcut) => tf.relu(shortcut ? tf.add(x, shortcut) : x),
      pool: (x) => tf.maxPool(x, 3, 2, 1),
      head: (x) => tf.add(tf.matMul(tf.mean(x, [1, 2]), weight, false, true), bias),
    })
}

/** The network as an ONNX model with the input `x`. */
function onnxNetwork(network: ResNet): Uint8Array {
  const nodes: Parameters<typeof onnxModel>[0]['nodes'][number][] = []
  const weights: Record<string, Weight> = {
    weight: weightOf(network.classes, network.widths.at(-1)!),
    bias: biasOf(network.classes),
  }
  const node = (
    op: string,
    inputs: readonly string[],
    attributes: (typeof nodes)[number]['attributes'] = {},
  ): string => {
    const output = `v${nodes.length}`
    nodes.push({ op, inputs, output, attributes })
    return output
  }
  const sizes = (...ints: readonly number[]) => ({ ints })
  const output = forward(network, 'x', {
    convolution: (x, convolution) => {
      const { name, kernel, stride, to } = convolution
      weights[`${name}.weight`] = convolutionWeight(convolution)
      weights[`${name}.bias`] = biasOf(to)
      const p = kernel >> 1
      return node('Conv', [x, `${name}.weight`, `${name}.bias`], {
        strides: sizes(stride, stride),
        pads: sizes(p, p, p, p),
      })
    },
    relu: (x, shortcut) => node('Relu', [shortcut === undefined ? x : node('Add', [x, shortcut])]),
    pool: (x) =>
      node('MaxPool', [x], {
        kernel_shape: sizes(3, 3),
        strides: sizes(2, 2),
        pads: sizes(1, 1, 1, 1),
      }),
    head: (x) =>
      node('Gemm', [node('Flatten', [node('GlobalAveragePool', [x])]), 'weight', 'bias'], {
        transB: { int: 1 },
      }),
  })
  return onnxModel({ nodes, inputs: { x: shapeOf(network) }, weights, output })
}
