import { ShapeError, ValueError, grad, isTensor, noGrad, stopGradient, zeros } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import type { Module } from '@badak/layers'
import { convolutionsOf, findLayer, inEvaluation, type LayerName, type ViewedModel } from './model.ts'
import { scoresOf, type ScoreOptions } from './scores.ts'

/** What came out of a layer in one of its calls. */
export interface LayerOutput {
  readonly name: string
  readonly layer: Module
  readonly output: unknown
}

/** What the layers give for `x`, in the order in which they are called. */
export function outputsOf(
  model: ViewedModel,
  layers: readonly (readonly [name: string, layer: Module])[],
  x: Tensor,
): LayerOutput[] {
  const outputs: LayerOutput[] = []
  const removers: (() => void)[] = []
  try {
    for (const [name, layer] of layers)
      removers.push(layer.onForward((_, __, output) => void outputs.push({ name, layer, output })))
    inEvaluation(model, () => model.forward(x))
  } finally {
    for (const remove of removers) remove()
  }
  return outputs
}

/** @throws ShapeError when a layer's output is not `[N, C, H, W]` */
export function checkSpatial(operation: string, { name, output }: LayerOutput): Tensor {
  if (isTensor(output) && output.rank === 4) return output
  const what = isTensor(output) ? `[${output.shape}]` : 'no tensor'
  throw new ShapeError(`${operation}: the layer "${name}" has no spatial output [N, C, H, W]: ${what}`)
}

/**
 * A layer with its last output for `x`; default: the convolution that is called last.
 *
 * @throws ValueError when there is none such, or `forward` does not call it
 */
export function calledLayer(
  operation: string,
  model: ViewedModel,
  x: Tensor,
  layer: LayerName | undefined,
): LayerOutput & { readonly calls: number } {
  const candidates = layer === undefined ? convolutionsOf(model) : [findLayer(operation, model, layer)]
  if (candidates.length === 0)
    throw new ValueError(`${operation}: the model has no convolution: name a layer of ${String(model)}`)
  const outputs = outputsOf(model, candidates, x)
  if (outputs.length === 0) checkCalled(operation, candidates, outputs)
  const last = outputs.at(-1)!
  return { ...last, calls: outputs.filter((each) => each.layer === last.layer).length }
}

/** @throws ValueError when `forward` has not called one of the layers */
export function checkCalled(
  operation: string,
  layers: readonly (readonly [name: string, layer: Module])[],
  outputs: readonly LayerOutput[],
): void {
  const silent = layers.find(([, layer]) => outputs.every((each) => each.layer !== layer))
  if (silent) throw new ValueError(`${operation}: the model's forward does not call the layer "${silent[0]}"`)
}

/** What a layer gave, and the gradient of the scores with respect to it: both `[N, C, H, W]`. */
export interface LayerGradient {
  readonly activations: Tensor
  readonly gradients: Tensor
}

/** @throws ValueError, ShapeError, IndexError when there is no such layer or score */
export function layerGradient<R>(
  operation: string,
  model: ViewedModel<R>,
  x: Tensor,
  layer: LayerName | undefined,
  options: ScoreOptions<R>,
): LayerGradient {
  const called = noGrad(() => calledLayer(operation, model, x, layer))
  const { shape, dtype } = checkSpatial(operation, called)
  let activations: Tensor | undefined
  // The gradient with respect to zeros that are added to the output, since those can be an argument.
  const gradients = grad((shift: Tensor) => {
    let call = 0
    const remove = called.layer.onForward((_, __, output) => {
      if (++call !== called.calls) return undefined
      activations = output as Tensor
      return activations.add(shift)
    })
    try {
      return scoresOf(operation, model, x, options).sum()
    } finally {
      remove()
    }
  })(zeros(shape, { dtype }))
  return { activations: stopGradient(activations!), gradients: stopGradient(gradients) }
}
