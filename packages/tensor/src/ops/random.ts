import type { DType } from '../dtype.ts'
import { DTypeError, ValueError } from '../errors.ts'
import { build, isTracing } from '../graph/build.ts'
import { wrap } from '../graph/handle.ts'
import { defaultGenerator, type Generator, keyTensor } from '../random.ts'
import { checkInteger, checkShape, type Shape, sizeOf } from '../shape.ts'
import type { Tensor } from '../tensor.ts'
import { add, mul, sub } from './arithmetic.ts'
import { cast } from './cast.ts'
import { less } from './comparison.ts'
import { live, tensor } from './create.ts'
import { log } from './exponential.ts'
import { sqrt } from './power.ts'
import { cos } from './trigonometry.ts'

/** From which stream, and of which type, random elements are. */
export interface RandomOptions {
  /** Default: the one that `seed` sets. */
  readonly generator?: Generator | undefined
  /** float32 (default) or float64. */
  readonly dtype?: 'float32' | 'float64' | undefined
}

/**
 * Numbers from [low, high), all equally likely.
 *
 * @param options.low default 0
 * @param options.high default 1
 * @throws ShapeError when a size is no integer ≥ 0
 * @throws ValueError when a bound is not finite or `low > high`
 */
export function randomUniform(
  shape: Shape,
  options: RandomOptions & { low?: number; high?: number } = {},
): Tensor {
  const { low = 0, high = 1 } = options
  if (!(Number.isFinite(low) && Number.isFinite(high) && low <= high)) {
    throw new ValueError(`randomUniform: bounds must be finite and low ≤ high: low ${low}, high ${high}`)
  }
  const u = uniform('randomUniform', shape, options)
  return low === 0 && high === 1 ? u : add(mul(u, high - low), low)
}

/**
 * Normally distributed numbers, by the transform of Box and Muller.
 *
 * @param options.mean default 0
 * @param options.std default 1
 * @throws ShapeError when a size is no integer ≥ 0
 * @throws ValueError when `mean` is not finite or `std` is not a finite number ≥ 0
 * @see Box & Muller 1958, doi:10.1214/aoms/1177706645
 */
export function randomNormal(
  shape: Shape,
  options: RandomOptions & { mean?: number; std?: number } = {},
): Tensor {
  const { mean = 0, std = 1 } = options
  if (!(Number.isFinite(mean) && std >= 0 && std < Infinity)) {
    throw new ValueError(`randomNormal: mean must be finite and std finite and ≥ 0: mean ${mean}, std ${std}`)
  }
  // 1 − u lies in (0, 1], so the logarithm is finite.
  const radius = sqrt(mul(-2, log(sub(1, uniform('randomNormal', shape, options)))))
  const z = mul(radius, cos(mul(2 * Math.PI, uniform('randomNormal', shape, options))))
  return mean === 0 && std === 1 ? z : add(mul(z, std), mean)
}

/**
 * 1 with probability `p`, else 0; float32.
 *
 * @throws ShapeError when a size is no integer ≥ 0
 * @throws ValueError unless `p` is from 0 to 1
 */
export function randomBernoulli(shape: Shape, p: number, options: RandomOptions = {}): Tensor {
  if (!(p >= 0 && p <= 1)) throw new ValueError(`randomBernoulli: p must be from 0 to 1: ${p}`)
  return cast(less(uniform('randomBernoulli', shape, options), p), options.dtype ?? 'float32')
}

/** 0 … n − 1 in random order, int32. @throws ValueError unless n is an integer ≥ 0 */
export function permutation(
  n: number,
  { generator = defaultGenerator }: { generator?: Generator } = {},
): Tensor {
  checkInteger('permutation', 'n', n, 0, 2 ** 31 - 1)
  if (isTracing()) return live([n], 'int32', () => generator.permutation(n))
  return tensor(generator.permutation(n))
}

function uniform(
  operation: string,
  shape: Shape,
  { generator = defaultGenerator, dtype = 'float32' }: RandomOptions,
): Tensor {
  const sizes = checkShape(operation, shape)
  if ((dtype as DType) !== 'float32' && (dtype as DType) !== 'float64') {
    throw new DTypeError(`${operation}: random numbers are float32 or float64: got ${dtype as string}`)
  }
  const key = keyTensor(generator, sizeOf(sizes)).node
  return wrap(build({ kind: 'random', form: 'uniform' }, [key], sizes, dtype))
}
