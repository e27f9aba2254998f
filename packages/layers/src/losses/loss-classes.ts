// The losses that PyTorch has as classes, under its names.
import type { Tensor } from '@badak/tensor'
import type { Lengths } from '../lengths.ts'
import { binaryCrossEntropy, type BinaryCrossEntropyOptions } from './binary-cross-entropy.ts'
import {
  binaryCrossEntropyWithLogits,
  type BinaryCrossEntropyWithLogitsOptions,
} from './binary-cross-entropy-with-logits.ts'
import type { ClassLossOptions } from './class-targets.ts'
import { cosineEmbeddingLoss } from './cosine-embedding-loss.ts'
import { ctcLoss, type CTCLossOptions } from './ctc.ts'
import { gaussianNLLLoss, type GaussianNLLLossOptions } from './gaussian-nll-loss.ts'
import { hingeEmbeddingLoss, type MarginOptions } from './hinge-embedding-loss.ts'
import { huberLoss, type HuberLossOptions } from './huber-loss.ts'
import { klDivergence, type KLDivergenceOptions } from './kl-divergence.ts'
import type { LossOptions } from './loss.ts'
import { Loss } from './loss-module.ts'
import { marginRankingLoss } from './margin-ranking-loss.ts'
import { meanAbsoluteError } from './mean-absolute-error.ts'
import { meanSquaredError } from './mean-squared-error.ts'
import { multiMarginLoss, type MultiMarginLossOptions } from './multi-margin-loss.ts'
import { negativeLogLikelihood } from './negative-log-likelihood.ts'
import { poissonNLLLoss, type PoissonNLLLossOptions } from './poisson-nll-loss.ts'
import { smoothL1Loss, type SmoothL1LossOptions } from './smooth-l1-loss.ts'
import { softmaxCrossEntropy, type CrossEntropyOptions } from './softmax-cross-entropy.ts'
import { tripletMarginLoss, type TripletMarginLossOptions } from './triplet-margin-loss.ts'

/** `softmaxCrossEntropy` and its options as a module. */
export class CrossEntropyLoss extends Loss<[Tensor, Tensor], CrossEntropyOptions> {
  constructor(options: CrossEntropyOptions = {}) {
    super(softmaxCrossEntropy, options)
  }
}

/** `negativeLogLikelihood` and its options as a module. */
export class NLLLoss extends Loss<[Tensor, Tensor], ClassLossOptions> {
  constructor(options: ClassLossOptions = {}) {
    super(negativeLogLikelihood, options)
  }
}

/** `binaryCrossEntropy` and its options as a module. */
export class BCELoss extends Loss<[Tensor, Tensor], BinaryCrossEntropyOptions> {
  constructor(options: BinaryCrossEntropyOptions = {}) {
    super(binaryCrossEntropy, options)
  }
}

/** `binaryCrossEntropyWithLogits` and its options as a module. */
export class BCEWithLogitsLoss extends Loss<[Tensor, Tensor], BinaryCrossEntropyWithLogitsOptions> {
  constructor(options: BinaryCrossEntropyWithLogitsOptions = {}) {
    super(binaryCrossEntropyWithLogits, options)
  }
}

/** `meanSquaredError` and its options as a module. */
export class MSELoss extends Loss<[Tensor, Tensor], LossOptions> {
  constructor(options: LossOptions = {}) {
    super(meanSquaredError, options)
  }
}

/** `meanAbsoluteError` and its options as a module. */
export class L1Loss extends Loss<[Tensor, Tensor], LossOptions> {
  constructor(options: LossOptions = {}) {
    super(meanAbsoluteError, options)
  }
}

/** `smoothL1Loss` and its options as a module. */
export class SmoothL1Loss extends Loss<[Tensor, Tensor], SmoothL1LossOptions> {
  constructor(options: SmoothL1LossOptions = {}) {
    super(smoothL1Loss, options)
  }
}

/** `huberLoss` and its options as a module. */
export class HuberLoss extends Loss<[Tensor, Tensor], HuberLossOptions> {
  constructor(options: HuberLossOptions = {}) {
    super(huberLoss, options)
  }
}

/** `klDivergence` and its options as a module. */
export class KLDivLoss extends Loss<[Tensor, Tensor], KLDivergenceOptions> {
  constructor(options: KLDivergenceOptions = {}) {
    super(klDivergence, options)
  }
}

/** `hingeEmbeddingLoss` and its options as a module. */
export class HingeEmbeddingLoss extends Loss<[Tensor, Tensor], MarginOptions> {
  constructor(options: MarginOptions = {}) {
    super(hingeEmbeddingLoss, options)
  }
}

/** `marginRankingLoss` and its options as a module. */
export class MarginRankingLoss extends Loss<[Tensor, Tensor, Tensor], MarginOptions> {
  constructor(options: MarginOptions = {}) {
    super(marginRankingLoss, options)
  }
}

/** `multiMarginLoss` and its options as a module. */
export class MultiMarginLoss extends Loss<[Tensor, Tensor], MultiMarginLossOptions> {
  constructor(options: MultiMarginLossOptions = {}) {
    super(multiMarginLoss, options)
  }
}

/** `tripletMarginLoss` and its options as a module. */
export class TripletMarginLoss extends Loss<[Tensor, Tensor, Tensor], TripletMarginLossOptions> {
  constructor(options: TripletMarginLossOptions = {}) {
    super(tripletMarginLoss, options)
  }
}

/** `cosineEmbeddingLoss` and its options as a module. */
export class CosineEmbeddingLoss extends Loss<[Tensor, Tensor, Tensor], MarginOptions> {
  constructor(options: MarginOptions = {}) {
    super(cosineEmbeddingLoss, options)
  }
}

/** `poissonNLLLoss` and its options as a module. */
export class PoissonNLLLoss extends Loss<[Tensor, Tensor], PoissonNLLLossOptions> {
  constructor(options: PoissonNLLLossOptions = {}) {
    super(poissonNLLLoss, options)
  }
}

/** `gaussianNLLLoss` and its options as a module. */
export class GaussianNLLLoss extends Loss<[Tensor, Tensor, Tensor], GaussianNLLLossOptions> {
  constructor(options: GaussianNLLLossOptions = {}) {
    super(gaussianNLLLoss, options)
  }
}

/** `ctcLoss` and its options as a module. */
export class CTCLoss extends Loss<[Tensor, Tensor, Lengths, Lengths], CTCLossOptions> {
  constructor(options: CTCLossOptions = {}) {
    super(ctcLoss, options)
  }
}
