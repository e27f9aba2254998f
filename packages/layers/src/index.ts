// Modules
export { isModule, Module, type Member } from './module.ts'
export { Sequential, type Layer } from './sequential.ts'
export type { LoadOptions, StateDict } from './state-dict.ts'

// Layers
export { Linear, linear, type LinearOptions } from './linear.ts'
export { Flatten } from './flatten.ts'
export { Dropout, dropout, type DropoutOptions } from './dropout.ts'
export { BatchNorm, BatchNorm1d, BatchNorm2d, type BatchNormOptions } from './batch-norm.ts'

// Activations
export { GELU, LeakyReLU, LogSoftmax, ReLU, Sigmoid, SiLU, Softmax, Tanh } from './activations.ts'
export { gelu, leakyReLU, silu, step } from './activations.ts'

// Losses
export { softmaxCrossEntropy, softmaxCrossEntropy as crossEntropy } from './cross-entropy.ts'
export { binaryCrossEntropyWithLogits } from './binary-cross-entropy.ts'
export { meanSquaredError, meanSquaredError as mse } from './mean-squared-error.ts'
export type { LossOptions } from './loss.ts'
