// Convolution
export { Conv1d, Conv2d, type ConvOptions } from './convolution.ts'
export type { PairLike } from '@badak/tensor'
export type { Pair } from './size.ts'

// Pooling
export { AvgPool2d, MaxPool2d, type AvgPool2dOptions, type MaxPool2dOptions } from './pooling.ts'
export {
  AdaptiveAvgPool2d,
  AdaptiveMaxPool2d,
  GlobalAvgPool2d,
  type AdaptivePair,
  type AdaptiveSize,
} from './adaptive-pooling.ts'

// Convolution as a product of matrices, to learn from
export { col2im, im2col, type Im2colOptions } from './im2col.ts'

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
  type TopActivation,
  type TopActivationsOptions,
} from './views/top-activations.ts'
export type { UnitOptions } from './views/unit.ts'
export type { Area } from './views/receptive-field.ts'
