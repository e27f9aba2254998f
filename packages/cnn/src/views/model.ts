import { Module, closestName } from '@badak/layers'
import { ValueError } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'

/** A network that can be looked into: images in, and a result of any kind, such as scores `[N, K]`. */
export interface ViewedModel<Result = unknown> extends Module {
  forward(x: Tensor): Result
}

/**
 * Runs `build` with the model in evaluation mode, and gives each module back the mode it was in. The graph is
 * built there, so that it does not matter when it is computed.
 */
export function inEvaluation<T>(model: Module, build: () => T): T {
  const before = model.modules().map((module) => [module, module.training] as const)
  try {
    for (const [module] of before) module.training = false
    return build()
  } finally {
    for (const [module, training] of before) module.training = training
  }
}

/** Which layer is meant: its path in the model, such as `features.28`, or the module itself. */
export type LayerName = string | Module

/**
 * The layer and its path.
 *
 * @throws ValueError when the model has none such
 */
export function findLayer(operation: string, model: Module, layer: LayerName): [name: string, layer: Module] {
  const named = model.namedModules()
  const found = named.find(([name, module]) =>
    typeof layer === 'string' ? name === layer : module === layer,
  )
  if (found) return found
  const names = named.flatMap(([name]) => (name === '' ? [] : [name]))
  if (typeof layer !== 'string')
    throw new ValueError(`${operation}: the layer ${String(layer)} is not a part of the model`)
  const meant = closestName(layer, names)
  const hint = meant === undefined ? '' : ` (did you mean "${meant}"?)`
  throw new ValueError(
    `${operation}: the model has no layer "${layer}"${hint}; its layers are ${names.join(', ')}`,
  )
}

/**
 * The 2-D convolutions inside of a model, and their paths: what has weights `[O, C, KH, KW]` and a stride,
 * whichever copy of this package made it.
 */
export function convolutionsOf(model: Module): [name: string, layer: Module][] {
  return model.namedModules().filter(([, module]) => 'stride' in module && weightOf(module)?.rank === 4)
}

/** The weight of a layer, if it has one. */
export function weightOf(layer: Module): Tensor | undefined {
  for (const [name, member] of layer.members()) if (name === 'weight' && 'rank' in member) return member
  return undefined
}
