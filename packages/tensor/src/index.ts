// Importing this package gives a program its one graph. The sections follow an operation on its way from call to result.

// Tensors, and the cells whose values change
export { type NestedNumbers, Tensor } from './tensor.ts'
export { Cell, type CellOptions, Parameter, State } from './parameter.ts'
export { isTensor, type TensorLike } from './ops/operand.ts'
export { hostValues } from './ops/host-values.ts'
export type { DType, TypedArray } from './dtype.ts'
export type { Shape } from './shape.ts'

// Creation
export {
  arange, type BinaryArray, type DTypeOptions, eye, full, linspace, live, type NestedArray, ones, tensor, type TensorOptions,
  zeros,
} from './ops/create.ts'
export { defaultGenerator, Generator, type GeneratorState, seed } from './random.ts'
export { permutation, randomBernoulli, randomNormal, type RandomOptions, randomUniform } from './ops/random.ts'

// Elementwise
export { abs, add, div, floorDiv, maximum, minimum, mod, mul, neg, sign, sub } from './ops/arithmetic.ts'
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
export { all, any, max, mean, min, prod, type ReduceOptions, sum } from './ops/reduce.ts'
export { std, variance, type VarianceOptions } from './ops/statistics.ts'
export { argmax, argmin, type ArgReduceOptions } from './ops/arg-reduce.ts'
export { logSoftmax, logsumexp, softmax, type SoftmaxOptions, stopGradient } from './ops/softmax.ts'

// Movement
export { flatten, reshape, squeeze, unsqueeze } from './ops/reshape.ts'
export { permute, transpose } from './ops/permute.ts'
export { expand } from './ops/expand.ts'
export { flip, slice, type SliceRange } from './ops/slice.ts'
export { pad } from './ops/pad.ts'
export { concat, repeat, split, stack, tile } from './ops/concat.ts'

// Matrices, images
export { matmul } from './ops/matmul.ts'
export { conv1d, type Conv1dOptions, conv2d, type Conv2dOptions } from './ops/convolution.ts'
export {
  avgPool1d, type AvgPool1dOptions, avgPool2d, type AvgPool2dOptions, maxPool1d, type MaxPool1dOptions, maxPool2d,
  type MaxPool2dOptions,
} from './ops/pooling.ts'

// Positions
export { gather, type IndexOptions, oneHot, scatterAdd, take } from './ops/indexing.ts'
export { cumsum } from './ops/cumulative-sum.ts'
export { argsort, sort, type Sorted, type SortOptions, topk } from './ops/sort.ts'

// Gradients
export { grad, type GradOptions, type Loss, noGrad, valueAndGrad } from './autograd/grad.ts'

// Evaluation
export { evaluate, keep } from './evaluation.ts'
export { commit } from './schedule/evaluate.ts'
export { compile, type CompiledResult } from './schedule/compile.ts'
export { type KernelEvent, type KernelProfile, type Profile, profile } from './schedule/profile.ts'
export { isTracing } from './graph/build.ts'
export { backendInfo, type Configuration, configure, memory, shutdown } from './schedule/configure.ts'
export type { Backend, DeviceBuffer, Executable, Fault, KernelObserver } from './backends/backend.ts'
// oxlint-disable-next-line import/no-unassigned-import -- it waits for `debug: 'eager'` and exports nothing
import './schedule/debug.ts'

// Errors
export {
  BackendError, BadakError, DTypeError, FormatError, GraphError, IndexError, MemoryError, NumericError, ShapeError,
  ValueError, VersionError,
} from './errors.ts'
