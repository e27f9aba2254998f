import { keep, noGrad } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkCalled, checkSpatial, outputsOf } from './layer-outputs.ts'
import { convolutionsOf, findLayer, type LayerName, type ViewedModel } from './model.ts'

/** Which layers `featureMaps` looks at. */
export interface FeatureMapsOptions {
  /** Paths such as `features.3`, or the modules themselves; default: all 2-D convolutions. */
  readonly layers?: readonly LayerName[] | undefined
}

/**
 * What the layers of a model see in images.
 *
 * The model is looked at in evaluation mode and left as it was. Reading one of the maps computes all of them
 * in one pass.
 *
 * @param x images `[N, C, H, W]`
 * @returns `[N, channels, height, width]` by the path of the layer, in the order in which layers are called;
 *   further calls of a layer are `path:2`, `path:3` …
 * @throws ValueError when there is no such layer, or `forward` does not call it
 * @throws ShapeError when a layer's output is not spatial
 * @example
 * ```ts
 * const { '0': edges } = featureMaps(model, images, { layers: ['0'] })
 * ```
 */
export function featureMaps(
  model: ViewedModel,
  x: Tensor,
  { layers }: FeatureMapsOptions = {},
): Record<string, Tensor> {
  const chosen = layers?.map((layer) => findLayer('featureMaps', model, layer)) ?? convolutionsOf(model)
  const outputs = noGrad(() => outputsOf(model, chosen, x))
  if (layers) checkCalled('featureMaps', chosen, outputs)
  const calls = new Map<string, number>()
  const maps = outputs.map((each): [string, Tensor] => {
    const call = (calls.get(each.name) ?? 0) + 1
    calls.set(each.name, call)
    return [call === 1 ? each.name : `${each.name}:${call}`, keep(checkSpatial('featureMaps', each))]
  })
  return Object.fromEntries(maps)
}
