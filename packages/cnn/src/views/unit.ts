import { IndexError, ShapeError, isTensor, slice } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { calledLayer } from './layer-outputs.ts'
import type { LayerName, ViewedModel } from './model.ts'
import { outputOf, type ScoreOptions } from './scores.ts'

/** A channel of a layer, or an output of the model. */
export interface UnitOptions<R = unknown> extends Pick<ScoreOptions<R>, 'output'> {
  /** Path of the layer, or the module itself; default: the model, and what `output` chooses of its result. */
  readonly layer?: LayerName | undefined
  /** Which channel of the layer's output, or which class. */
  readonly channel: number
}

/**
 * What a unit gives for images, of the model in evaluation mode: `[N, H, W]` for a channel of a layer with
 * spatial output, else `[N]`.
 *
 * @throws ValueError when there is no such layer
 * @throws IndexError when there is no such channel
 * @throws ShapeError when the layer's output has no channels
 */
export function unitActivations<R>(
  operation: string,
  model: ViewedModel<R>,
  x: Tensor,
  { layer, channel, output }: UnitOptions<R>,
): Tensor {
  const given: unknown =
    layer === undefined
      ? outputOf(operation, model, x, output)
      : calledLayer(operation, model, x, layer).output
  if (!isTensor(given) || (given.rank !== 2 && given.rank !== 4)) {
    const what = isTensor(given) ? `[${given.shape}]` : 'no tensor'
    throw new ShapeError(`${operation}: the output is neither [N, K] nor [N, C, H, W]: ${what}`)
  }
  const channels = given.shape[1]!
  if (!Number.isInteger(channel) || channel < 0 || channel >= channels)
    throw new IndexError(`${operation}: channel ${channel} is not one of ${channels}, 0 to ${channels - 1}`)
  return slice(given, [[], channel])
}
