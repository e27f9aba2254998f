import type { Module } from '@badak/layers'
import { copy, evaluate, FormatError, type Tensor } from '@badak/tensor'
import type { Callback } from '@badak/training'

/** Keeps what the weight of the first layer was before training, also in checkpoints. */
export class FirstLayer implements Callback {
  readonly name = 'firstLayer'
  #before: Tensor | undefined

  /** Its weight before training. */
  get before(): Tensor {
    return this.#before!
  }

  async onStart({ model }: { readonly model: Module }): Promise<void> {
    if (this.#before) return
    this.#before = copy(firstWeight(model))
    await evaluate(this.#before)
  }

  state() {
    return { tensors: { before: this.before } }
  }

  restore({ tensors }: { readonly tensors: Readonly<Record<string, Tensor>> }): void {
    if (!tensors['before']) throw new FormatError('it has no callbacks.firstLayer.before')
    this.#before = tensors['before']
  }
}

/** The present weight of the first layer that has one. */
export function firstWeight(model: Module): Tensor {
  return model.parameters()[0]!.value
}
