import { ShapeError, ValueError } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { Module } from '@badak/layers'

/** What all models take. */
export interface ClassifierOptions {
  /** How many classes there are; default 1000, those of ImageNet. */
  numClasses?: number
  /** Channels of the images; default 3. */
  inChannels?: number
}

/** What a model with auxiliary heads gives in training. */
export interface AuxiliaryOutputs {
  /** `[N, numClasses]` */
  readonly logits: Tensor
  /** `[N, numClasses]` of each auxiliary head, the one nearest to the image first. */
  readonly auxiliary: readonly Tensor[]
}

/** A network from images to the scores of classes. */
export abstract class ImageClassifier extends Module {
  readonly numClasses: number
  readonly inChannels: number
  readonly #kind: string

  /**
   * @param kind its name in errors; class names do not survive minification
   * @throws ValueError when a number is not an integer ≥ 1
   */
  protected constructor(kind: string, { numClasses = 1000, inChannels = 3 }: ClassifierOptions) {
    super()
    this.#kind = kind
    for (const [what, count] of Object.entries({ numClasses, inChannels })) checkCount(kind, what, count)
    this.numClasses = numClasses
    this.inChannels = inChannels
  }

  /**
   * The last feature map, which the head makes scores of: for Grad-CAM, or as the trunk of another network.
   *
   * @param x `[N, inChannels, H, W]`
   * @returns `[N, C, h, w]`
   * @throws ShapeError when `x` has another rank or number of channels, or is too small
   */
  abstract forwardFeatures(x: Tensor): Tensor

  /**
   * @param x `[N, inChannels, H, W]`
   * @returns logits `[N, numClasses]`, before a softmax; in training, a model with auxiliary heads gives theirs,
   *   too
   * @throws ShapeError when `x` has another rank or number of channels, or is too small
   */
  abstract override forward(x: Tensor): Tensor | AuxiliaryOutputs

  /**
   * Refuses what is no batch of images for this model.
   *
   * @param least pixels that an image has at least in height and width
   * @throws ShapeError when `x` has another rank or number of channels, or is smaller
   */
  protected check(x: Tensor, least: number): void {
    const [, channels, H, W] = x.shape
    if (x.rank === 4 && channels === this.inChannels && H! >= least && W! >= least) return
    const size = least > 1 ? ` of ${least}x${least} or more` : ''
    throw new ShapeError(
      `${this.#kind}: input is not [N, ${this.inChannels}, H, W]${size}: [${x.shape.join(',')}]`,
    )
  }

  override toString(): string {
    return this.#kind
  }
}

/** @throws ValueError when `count` is not an integer ≥ 1 */
export function checkCount(kind: string, what: string, count: number): void {
  if (Number.isSafeInteger(count) && count >= 1) return
  throw new ValueError(`${kind}: ${what} is not an integer ≥ 1: ${String(count)}`)
}
