// Convolution
export { Conv1d, Conv2d, Conv3d, type ConvOptions } from './convolution.ts'
export {
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type ConvTransposeOptions,
} from './transposed-convolution.ts'
export type { PairLike, TripleLike, MaxPooled } from '@badak/tensor'
export type { Pair, Single, Triple } from './size.ts'

// Pooling
export { MaxPool1d, MaxPool2d, MaxPool3d, type MaxPoolOptions, type MaxPoolOutput } from './max-pooling.ts'
export { AvgPool1d, AvgPool2d, AvgPool3d, type AvgPoolOptions } from './average-pooling.ts'
export { LPPool1d, LPPool2d, LPPool3d, type LPPoolOptions } from './lp-pooling.ts'
export {
  AdaptiveAvgPool1d,
  AdaptiveAvgPool2d,
  AdaptiveAvgPool3d,
  AdaptiveMaxPool1d,
  AdaptiveMaxPool2d,
  AdaptiveMaxPool3d,
  GlobalAvgPool2d,
  GlobalMaxPool2d,
  type AdaptiveMaxPoolOptions,
  type AdaptivePair,
  type AdaptiveTriple,
} from './adaptive-pool-layers.ts'
export type { AdaptiveSize } from './adaptive-pooling.ts'
export { MaxUnpool1d, MaxUnpool2d, MaxUnpool3d, type MaxUnpoolOptions } from './max-unpooling.ts'

// Padding
export { padAround, type PaddingMode, type PaddingWidths } from './pad-around.ts'
export {
  CircularPad1d,
  CircularPad2d,
  CircularPad3d,
  ConstantPad1d,
  ConstantPad2d,
  ConstantPad3d,
  ReflectionPad1d,
  ReflectionPad2d,
  ReflectionPad3d,
  ReplicationPad1d,
  ReplicationPad2d,
  ReplicationPad3d,
  ZeroPad1d,
  ZeroPad2d,
  ZeroPad3d,
  type SidesLike,
} from './padding.ts'

// Images in another size
export { interpolate, type InterpolateOptions, type InterpolationMode } from './interpolate.ts'
export { Upsample, UpsamplingBilinear2d, UpsamplingNearest2d, type UpsamplingOptions } from './upsample.ts'
export { PixelShuffle, pixelShuffle, PixelUnshuffle, pixelUnshuffle } from './pixel-shuffle.ts'

// Normalisation
export { LocalResponseNorm, localResponseNorm, type LocalResponseNormOptions } from './local-response-norm.ts'

// Convolution as a product of matrices, to learn from
export { col2im, im2col, type Im2colOptions } from './im2col.ts'
export { Fold, Unfold, type FoldOptions } from './fold.ts'

// Regions of images
export { RoIAlign, roiAlign, type RoIAlignOptions } from './roi-align.ts'
export { RoIPool, roiPool, type RoIPoolOptions } from './roi-pool.ts'
export type { Regions } from './regions.ts'

// What a layer gives, and what it sees
export { outputSize, type SlidingWindow } from './output-size.ts'
export { receptiveField, type ReceptiveField } from './receptive-field.ts'
export type { Footprint, Seeing } from './footprint.ts'

// Seeing inside: what a network has learned
export { filters, type FiltersOptions } from './views/filters.ts'
export { describeFilters, type FilterDescription } from './views/describe-filters.ts'
export { featureMaps, type FeatureMapsOptions } from './views/feature-maps.ts'
export type { LayerName, ViewedModel } from './views/model.ts'

// Seeing inside: what a decision rests on
export {
  deconvolution,
  guidedBackpropagation,
  inputGradient,
  inputTimesGradient,
  saliency,
  type SaliencyOptions,
} from './views/input-gradient.ts'
export { smoothGrad, type SmoothGradOptions } from './views/smooth-grad.ts'
export {
  integratedGradients,
  type IntegratedGradients,
  type IntegratedGradientsOptions,
} from './views/integrated-gradients.ts'
export type { Quadrature } from './views/quadrature.ts'
export { gradCam, guidedGradCam, type GradCamOptions } from './views/grad-cam.ts'
export { occlusion, type OcclusionOptions } from './views/occlusion.ts'
export type { ScoreOptions } from './views/scores.ts'
export type { PassOptions } from './views/passes.ts'

// Seeing inside: what a unit looks for
export {
  activationMaximisation,
  type ActivationMaximisation,
  type ActivationMaximisationOptions,
} from './views/activation-maximisation.ts'
export {
  topActivations,
  type ImageBatches,
  type ImageSet,
  type TopActivation,
  type TopActivationsOptions,
} from './views/top-activations.ts'
export type { UnitOptions } from './views/unit.ts'
export type { Area } from './views/seen-area.ts'
