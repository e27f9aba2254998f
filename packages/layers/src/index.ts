// Modules
export { isModule, Module, type ForwardHook, type ForwardPreHook, type Member } from './module/module.ts'
export type { Layer } from './module/layer.ts'
export type { LoadOptions, StateDict } from './module/state-dict.ts'

// Containers
export { Sequential } from './containers/sequential.ts'

// Linear layers
export { Linear, linear, type LinearOptions } from './linear/linear.ts'

// Shape
export { Flatten } from './shape/flatten.ts'

// Dropout
export { Dropout, dropout, type DropoutOptions } from './dropout/dropout.ts'

// Normalisation
export { BatchNorm, BatchNorm1d, BatchNorm2d, type BatchNormOptions } from './normalisation/batch-norm.ts'

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

// Losses
export { softmaxCrossEntropy, softmaxCrossEntropy as crossEntropy } from './losses/softmax-cross-entropy.ts'
export { binaryCrossEntropyWithLogits } from './losses/binary-cross-entropy.ts'
export { meanSquaredError, meanSquaredError as mse } from './losses/mean-squared-error.ts'
export type { LossOptions } from './losses/loss.ts'
