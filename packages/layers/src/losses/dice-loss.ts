import { ShapeError } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { checkPositive, show } from '../arguments.ts'
import { reduceLoss, targetLike, type LossOptions } from './loss.ts'

const name = 'diceLoss'

/** How a `diceLoss` is kept from 0 / 0. */
export interface DiceLossOptions extends LossOptions {
  /** Added above and below the line, > 0: a class that is neither there nor seen has loss 0. Default 1. */
  smooth?: number
}

/**
 * 1 − the overlap of what was predicted and what is there, `(2·Σ p·t + smooth) / (Σ p + Σ t + smooth)`, for
 * each example and class over all positions. For segmentation, where most positions are background.
 *
 * @param prediction p, probabilities, `[N, C, ...]`: a softmax or sigmoid of logits
 * @param target t, from 0 to 1, in the same shape; of classes make `oneHot`
 * @param options
 * @param options.reduction `mean` (default) and `sum` are over examples and classes; `none` gives `[N, C]`
 * @throws ShapeError when the shapes differ, or there are no positions
 * @throws ValueError when `smooth` is not a positive number, or a target that came from the host is NaN
 * @see Milletari et al. 2016, "V-Net", arXiv:1606.04797
 */
export function diceLoss(prediction: Tensor, target: Tensor, options: DiceLossOptions = {}): Tensor {
  const { smooth = 1 } = options
  checkPositive(name, 'smooth', smooth)
  if (prediction.rank < 3)
    throw new ShapeError(`${name}: prediction is not [N, C, ...]: ${show(prediction.shape)}`)
  const t = targetLike(name, prediction, target)
  const axis = prediction.shape.map((_, a) => a).slice(2)
  const overlap = prediction.mul(t).sum({ axis }).mul(2).add(smooth)
  const both = prediction.sum({ axis }).add(t.sum({ axis })).add(smooth)
  return reduceLoss(name, overlap.div(both).neg().add(1), options)
}
