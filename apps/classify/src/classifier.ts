import type { ViewedModel } from '@badak/cnn'
import type { Module, StateDict } from '@badak/layers'
import { noGrad, softmax, type Tensor, tensor } from '@badak/tensor'
import type { Description } from './description.ts'
import { explainedLayer } from './explained-layer.ts'
import { createNetwork } from './networks.ts'

/** A class and how likely a classifier holds it to be. */
export interface Guess {
  readonly label: number
  readonly name: string
  /** From 0 to 1. */
  readonly probability: number
}

/** A network with all that is needed to use it. */
export class Classifier {
  readonly network: Module
  readonly description: Description
  readonly #mean: readonly number[]
  readonly #std: readonly number[]
  #layer: Module | undefined

  constructor(network: Module, description: Description) {
    this.network = network
    this.description = description
    this.#mean = description.normalisation.mean
    this.#std = description.normalisation.std
  }

  /** From the weights of a file and its description; ready to be used, not trained. */
  static from(weights: StateDict, description: Description): Classifier {
    const network = createNetwork(description)
    network.loadStateDict(weights)
    network.eval()
    return new Classifier(network, description)
  }

  /** The network as views take it: images that are normalised go in. */
  get viewed(): ViewedModel {
    return this.network
  }

  /** Where Grad-CAM looks. @param x an image that is normalised */
  layerOf(x: Tensor): Module | undefined {
    return (this.#layer ??= explainedLayer(this.viewed, x))
  }

  /** @param x `[N, C, H, W]`, values from 0 to 1 */
  normalise(x: Tensor): Tensor {
    const channels = this.#mean.length
    const [mean, std] = [this.#mean, this.#std].map((values) =>
      tensor(values, { shape: [1, channels, 1, 1] }),
    )
    return x.sub(mean!).div(std!)
  }

  /**
   * @param x `[N, C, H, W]`, values from 0 to 1
   * @returns logits `[N, classes]`
   */
  forward(x: Tensor): Tensor {
    return logitsOf(this.viewed.forward(this.normalise(x)))
  }

  /**
   * The likeliest classes of one image, the likeliest first.
   *
   * @param x `[1, C, H, W]`, values from 0 to 1
   */
  async guess(x: Tensor, most = 5): Promise<Guess[]> {
    const probabilities = await noGrad(() => softmax(this.forward(x), { axis: 1 })).data()
    return rank(probabilities, this.description.classes, most)
  }
}

/** Networks with auxiliary heads give several outputs in training; the first is the classifier's. */
function logitsOf(output: unknown): Tensor {
  if (Array.isArray(output)) return output[0] as Tensor
  if (typeof output === 'object' && output !== null && 'logits' in output) return output.logits as Tensor
  return output as Tensor
}

/** The classes in the order of their probabilities. */
export function rank(probabilities: ArrayLike<number>, classes: readonly string[], most = Infinity): Guess[] {
  return classes
    .map((name, label) => ({ label, name, probability: probabilities[label]! }))
    .toSorted((a, b) => b.probability - a.probability)
    .slice(0, most)
}
