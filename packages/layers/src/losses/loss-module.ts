import type { Tensor } from '@badak/tensor'
import { Module } from '../module/module.ts'

/**
 * A loss and its options as a module, for those who like to make it before the loop: any function of tensors
 * and options will do. PyTorch's classes, such as `CrossEntropyLoss`, are this with one of the functions.
 *
 * @example
 * ```ts
 * const criterion = new Loss(focalLoss, { gamma: 1 })
 * criterion.forward(logits, target).backward()
 * ```
 */
export class Loss<Inputs extends readonly unknown[], Options extends object> extends Module {
  readonly options: Options
  readonly #loss: (...inputs: [...Inputs, Options]) => Tensor

  constructor(loss: (...inputs: [...Inputs, Options]) => Tensor, options: Options) {
    super()
    this.#loss = loss
    this.options = options
  }

  /** What the function makes of the inputs and the options. */
  forward(...inputs: Inputs): Tensor {
    return this.#loss(...inputs, this.options)
  }

  override toString(): string {
    return 'Loss'
  }
}
