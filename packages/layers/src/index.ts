// Modules
export { isModule, Module, type ForwardHook, type ForwardPreHook, type Member } from './module/module.ts'
export type { Layer } from './module/layer.ts'
export type { LoadOptions, StateDict } from './module/state-dict.ts'
export { closestName } from './module/closest-name.ts'

// Containers
export { Sequential } from './containers/sequential.ts'
export { ModuleList } from './containers/module-list.ts'
export { ModuleDict } from './containers/module-dict.ts'
export { Residual } from './containers/residual.ts'

// Linear layers
export { Linear, linear, type LinearOptions } from './linear/linear.ts'
export { Bilinear, bilinear } from './linear/bilinear.ts'
export { Embedding, embedding, type EmbeddingOptions } from './embedding/embedding.ts'

// Recurrent layers
export { RNN, type RNNOptions } from './recurrent/rnn.ts'
export { LSTM, type LSTMOptions } from './recurrent/lstm.ts'
export { GRU } from './recurrent/gru.ts'
export { RNNCell, LSTMCell, GRUCell, type RNNCellOptions } from './recurrent/cells.ts'
export { RecurrentLayer, type RecurrentOptions, type SequenceOptions } from './recurrent/recurrent-layer.ts'
export { RecurrentCell } from './recurrent/recurrent-cell.ts'
export type { RecurrentWeights, WeightOptions } from './recurrent/recurrent-weights.ts'
export type { Recurrence, Stepper } from './recurrent/recurrence.ts'
export type { Lengths } from './lengths.ts'

// Attention
export { scaledDotProductAttention, type AttentionOptions } from './attention/scaled-dot-product-attention.ts'
export {
  MultiHeadAttention,
  MultiHeadAttention as MultiheadAttention,
  type MultiHeadAttentionCall,
  type MultiHeadAttentionOptions,
} from './attention/multi-head-attention.ts'
export { TransformerEncoderLayer, type EncoderCall } from './attention/transformer-encoder-layer.ts'
export { TransformerDecoderLayer, type DecoderCall } from './attention/transformer-decoder-layer.ts'
export type { TransformerLayerOptions } from './attention/transformer-layer.ts'
export {
  TransformerEncoder,
  TransformerDecoder,
  type TransformerStackOptions,
} from './attention/transformer-stacks.ts'
export { positionalEncoding } from './attention/positional-encoding.ts'

// Shape
export { Identity } from './shape/identity.ts'
export { Flatten } from './shape/flatten.ts'
export { Unflatten } from './shape/unflatten.ts'

// Dropout
export { Dropout, dropout } from './dropout/dropout.ts'
export {
  Dropout1d,
  Dropout2d,
  Dropout3d,
  dropout1d,
  dropout2d,
  dropout3d,
} from './dropout/channel-dropout.ts'
export {
  AlphaDropout,
  alphaDropout,
  FeatureAlphaDropout,
  featureAlphaDropout,
} from './dropout/alpha-dropout.ts'
export { StochasticDepth, stochasticDepth } from './dropout/stochastic-depth.ts'
export { DropoutLayer, type DropoutOptions } from './dropout/dropout-layer.ts'

// Normalisation
export { BatchNorm, BatchNorm1d, BatchNorm2d, BatchNorm3d } from './normalisation/batch-norm.ts'
export {
  InstanceNorm,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  type InstanceNormOptions,
} from './normalisation/instance-norm.ts'
export {
  ChannelNorm,
  type ChannelNormOptions,
  type ChannelNormOptions as BatchNormOptions,
} from './normalisation/channel-norm.ts'
export {
  LayerNorm,
  layerNorm,
  type AffineOptions,
  type LayerNormOptions,
} from './normalisation/layer-norm.ts'
export { GroupNorm, groupNorm, type GroupNormOptions } from './normalisation/group-norm.ts'
export { RMSNorm, rmsNorm, type RMSNormOptions } from './normalisation/rms-norm.ts'

// Activations: steps and straight lines
export { step } from './activations/step.ts'
export { ReLU } from './activations/relu.ts'
export { ReLU6, relu6 } from './activations/relu6.ts'
export { LeakyReLU, leakyReLU } from './activations/leaky-relu.ts'
export { PReLU, prelu, type PReLUOptions } from './activations/prelu.ts'
export { HardTanh, hardTanh, type HardTanhOptions } from './activations/hard-tanh.ts'
export { HardSigmoid, hardSigmoid } from './activations/hard-sigmoid.ts'
export { HardSwish, hardSwish } from './activations/hard-swish.ts'
export { HardShrink, hardShrink } from './activations/hard-shrink.ts'
export { SoftShrink, softShrink } from './activations/soft-shrink.ts'

// Activations: smooth
export { Sigmoid } from './activations/sigmoid.ts'
export { LogSigmoid, logSigmoid } from './activations/log-sigmoid.ts'
export { Tanh } from './activations/tanh.ts'
export { TanhShrink, tanhShrink } from './activations/tanh-shrink.ts'
export { Softplus } from './activations/softplus.ts'
export { Softsign, softsign } from './activations/softsign.ts'
export { ELU, elu } from './activations/elu.ts'
export { CELU, celu } from './activations/celu.ts'
export { SELU, selu } from './activations/selu.ts'
export { GELU, gelu } from './activations/gelu.ts'
export { SiLU, silu } from './activations/silu.ts'
export { Mish, mish } from './activations/mish.ts'

// Activations: along an axis
export { Softmax } from './activations/softmax.ts'
export { LogSoftmax } from './activations/log-softmax.ts'
export { Softmin, softmin } from './activations/softmin.ts'
export { GLU, glu } from './activations/glu.ts'

// Distances
export {
  PairwiseDistance,
  pairwiseDistance,
  type PairwiseDistanceOptions,
} from './distance/pairwise-distance.ts'
export {
  CosineSimilarity,
  cosineSimilarity,
  type CosineSimilarityOptions,
} from './distance/cosine-similarity.ts'

// Losses: classes
export {
  softmaxCrossEntropy,
  softmaxCrossEntropy as crossEntropy,
  type CrossEntropyOptions,
} from './losses/softmax-cross-entropy.ts'
export { negativeLogLikelihood, negativeLogLikelihood as nllLoss } from './losses/negative-log-likelihood.ts'
export type { ClassLossOptions } from './losses/class-targets.ts'
export { multiMarginLoss, type MultiMarginLossOptions } from './losses/multi-margin-loss.ts'

// Losses: yes or no
export {
  binaryCrossEntropyWithLogits,
  type BinaryCrossEntropyWithLogitsOptions,
} from './losses/binary-cross-entropy-with-logits.ts'
export { binaryCrossEntropy, type BinaryCrossEntropyOptions } from './losses/binary-cross-entropy.ts'
export { focalLoss, type FocalLossOptions } from './losses/focal-loss.ts'
export { diceLoss, type DiceLossOptions } from './losses/dice-loss.ts'
export { hingeLoss } from './losses/hinge-loss.ts'

// Losses: numbers
export { meanSquaredError, meanSquaredError as mse } from './losses/mean-squared-error.ts'
export { meanAbsoluteError, meanAbsoluteError as l1Loss } from './losses/mean-absolute-error.ts'
export { smoothL1Loss, type SmoothL1LossOptions } from './losses/smooth-l1-loss.ts'
export { huberLoss, type HuberLossOptions } from './losses/huber-loss.ts'
export { poissonNLLLoss, type PoissonNLLLossOptions } from './losses/poisson-nll-loss.ts'
export { gaussianNLLLoss, type GaussianNLLLossOptions } from './losses/gaussian-nll-loss.ts'

// Losses: distributions, distances and ranks
export { klDivergence, type KLDivergenceOptions } from './losses/kl-divergence.ts'
export { tripletMarginLoss, type TripletMarginLossOptions } from './losses/triplet-margin-loss.ts'
export { cosineEmbeddingLoss } from './losses/cosine-embedding-loss.ts'
export { hingeEmbeddingLoss, type MarginOptions } from './losses/hinge-embedding-loss.ts'
export { marginRankingLoss } from './losses/margin-ranking-loss.ts'

// Losses: sequences
export { ctcLoss, type CTCLossOptions } from './losses/ctc.ts'

// Losses as modules
export type { LossOptions } from './losses/loss.ts'
export { Loss } from './losses/loss-module.ts'
export {
  CrossEntropyLoss,
  NLLLoss,
  BCELoss,
  BCEWithLogitsLoss,
  MSELoss,
  L1Loss,
  SmoothL1Loss,
  HuberLoss,
  KLDivLoss,
  HingeEmbeddingLoss,
  MarginRankingLoss,
  MultiMarginLoss,
  TripletMarginLoss,
  CosineEmbeddingLoss,
  PoissonNLLLoss,
  GaussianNLLLoss,
  CTCLoss,
} from './losses/loss-classes.ts'
