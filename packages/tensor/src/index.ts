// Importing this package gives a program its one graph. The sections follow an operation on its way from call
// to result.

// Tensors, and the cells whose values change
export { Tensor, type NestedNumbers } from './tensor.ts'
export { Parameter, State, Cell, type CellOptions } from './parameter.ts'
export { isTensor, type TensorLike } from './ops/operand.ts'
export { hostValues } from './ops/host-values.ts'
export type { DType, TypedArray } from './dtype.ts'
export type { Shape, PairLike, TripleLike } from './shape.ts'

// Creation
export {
  tensor, zeros, ones, full, arange, linspace, eye, live, type TensorOptions, type DTypeOptions, type NestedArray,
  type BinaryArray,
} from './ops/create.ts'
export { seed, Generator, defaultGenerator, type GeneratorState } from './random.ts'
export { randomUniform, randomNormal, randomBernoulli, permutation, type RandomOptions } from './ops/random.ts'

// Elementwise
export { add, sub, mul, div, floorDiv, mod, neg, abs, sign, maximum, minimum } from './ops/arithmetic.ts'
export { pow, reciprocal, rsqrt, sqrt, square } from './ops/power.ts'
export { clamp } from './ops/clamp.ts'
export { ceil, floor, round } from './ops/rounding.ts'
export { cosh, exp, expm1, log, log10, log1p, log2, sinh } from './ops/exponential.ts'
export { acos, asin, atan, atan2, cos, sin, tan } from './ops/trigonometry.ts'
export { erf, relu, sigmoid, softplus, tanh } from './ops/activation.ts'
export { equal, greater, greaterEqual, isFinite, isNaN, less, lessEqual, notEqual } from './ops/comparison.ts'
export { logicalAnd, logicalNot, logicalOr, logicalXor } from './ops/logic.ts'
export { where } from './ops/where.ts'
export { cast } from './ops/cast.ts'

// Reductions
export { sum, mean, max, min, prod, any, all, type ReduceOptions } from './ops/reduce.ts'
export { std, variance, type VarianceOptions } from './ops/statistics.ts'
export { argmax, argmin, type ArgReduceOptions } from './ops/arg-reduce.ts'
export { softmax, logSoftmax, logsumexp, type SoftmaxOptions } from './ops/softmax.ts'

// Movement
export { flatten, reshape, squeeze, unsqueeze } from './ops/reshape.ts'
export { permute, transpose } from './ops/permute.ts'
export { expand } from './ops/expand.ts'
export { copy } from './ops/copy.ts'
export { flip, slice, type SliceRange } from './ops/slice.ts'
export { pad } from './ops/pad.ts'
export { dilate } from './ops/dilate.ts'
export { concat, repeat, split, stack, tile } from './ops/concat.ts'

// Matrices, images
export { matmul } from './ops/matmul.ts'
export { conv2d, type Conv2dOptions, conv1d, type Conv1dOptions } from './ops/convolution.ts'
export { conv3d, type Conv3dOptions } from './ops/convolution3d.ts'
export type { ConvolutionOptions } from './ops/convolution-sizes.ts'
export {
  convTranspose1d, convTranspose2d, convTranspose3d, type ConvTransposeOptions, type ConvTranspose1dOptions,
  type ConvTranspose2dOptions, type ConvTranspose3dOptions,
} from './ops/transposed-convolution.ts'
export {
  maxPool2d, type MaxPool2dOptions, avgPool2d, type AvgPool2dOptions, maxPool1d, type MaxPool1dOptions, avgPool1d,
  type AvgPool1dOptions, type MaxPooled,
} from './ops/pooling.ts'
export { maxPool3d, type MaxPool3dOptions, avgPool3d, type AvgPool3dOptions } from './ops/pooling3d.ts'

// Positions
export { take, gather, scatterAdd, oneHot, type IndexOptions } from './ops/indexing.ts'
export { cumsum } from './ops/cumulative-sum.ts'
export { sort, argsort, topk, type Sorted, type SortOptions } from './ops/sort.ts'

// Gradients
export { grad, valueAndGrad, noGrad, type GradOptions, type Gradients, type Loss } from './autograd/grad.ts'
export { stopGradient } from './ops/softmax.ts'
export { withGradientRules, type GradientRule, type GradientRules } from './autograd/gradient-rules.ts'

// Evaluation
export { evaluate, keep } from './evaluation.ts'
export { commit } from './schedule/evaluate.ts'
export { compile, type CompiledResult } from './schedule/compile.ts'
export { type KernelEvent, type KernelProfile, type Profile, profile } from './schedule/profile.ts'
export { isTracing } from './graph/build.ts'
export { configure } from './schedule/configure.ts'
export { type Configuration, backendInfo, memory, shutdown } from './schedule/current-backend.ts'
export type { Backend, DeviceBuffer, Executable, Fault, KernelObserver } from './backends/backend.ts'

// Errors
export {
  BadakError, ShapeError, DTypeError, ValueError, IndexError, GraphError, VersionError, NumericError, FormatError,
  MemoryError, BackendError,
} from './errors.ts'
