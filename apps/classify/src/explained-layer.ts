import type { Module } from '@badak/layers'
import type { ViewedModel } from '@badak/cnn'
import { isTensor, noGrad, type Tensor } from '@badak/tensor'

/**
 * The layer that Grad-CAM looks at: the last one whose output is as large as that of the last convolution, so
 * that what follows the convolution (normalisation, activation, the sum of a residual block) counts.
 *
 * @param x one image as the network gets it; nothing is computed
 * @returns undefined when there is no convolution
 */
export function explainedLayer(network: ViewedModel, x: Tensor): Module | undefined {
  const outputs: {
    readonly layer: Module
    readonly shape: readonly number[]
    readonly convolves: boolean
  }[] = []
  const removers = network.modules().map((layer) =>
    layer.onForward((_, __, output: unknown) => {
      if (layer !== network && isTensor(output) && output.rank === 4)
        outputs.push({ layer, shape: output.shape, convolves: isConvolution(layer) })
    }),
  )
  try {
    noGrad(() => network.forward(x))
  } finally {
    for (const remove of removers) remove()
  }
  const last = outputs.findLast(({ convolves }) => convolves)
  if (!last) return undefined
  const [, , height, width] = last.shape
  return outputs.findLast(({ shape }) => shape[2] === height && shape[3] === width)!.layer
}

function isConvolution(layer: Module): boolean {
  for (const [name, member] of layer.members())
    if (name === 'weight' && 'shape' in member && member.shape.length === 4) return true
  return false
}
