import { type DType, isFloat } from '../../dtype.ts'
import type { BinaryOp, UnaryOp } from '../../graph/scalar.ts'
import { roundTo } from './convert.ts'
import { erf } from './error-function.ts'

type Unary = (x: number) => number
type Binary = (x: number, y: number) => number

const unary: Record<UnaryOp, Unary> = {
  neg: (x) => -x,
  abs: Math.abs,
  // Not Math.sign, which keeps the sign of a zero.
  sign: (x) => (x > 0 ? 1 : x < 0 ? -1 : x === 0 ? 0 : NaN),
  floor: Math.floor,
  ceil: Math.ceil,
  round: roundHalfToEven,
  sqrt: Math.sqrt,
  exp: Math.exp,
  expNonPositive: Math.exp,
  expm1: Math.expm1,
  log: Math.log,
  log1p: Math.log1p,
  sin: Math.sin,
  cos: Math.cos,
  atan: Math.atan,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  erf,
  relu: (x) => (x > 0 || Number.isNaN(x) ? x : 0),
  not: (x) => 1 - x,
}

const floatBinary: Record<BinaryOp, Binary> = {
  add: (x, y) => x + y,
  sub: (x, y) => x - y,
  mul: (x, y) => x * y,
  div: (x, y) => x / y,
  floorDiv: floorDivide,
  mod: remainder,
  pow: power,
  max: Math.max,
  min: Math.min,
  less: (x, y) => Number(x < y),
  lessEqual: (x, y) => Number(x <= y),
  equal: (x, y) => Number(x === y),
  and: (x, y) => x & y,
  or: (x, y) => x | y,
  xor: (x, y) => x ^ y,
}

const integerBinary: Record<BinaryOp, Binary> = {
  ...floatBinary,
  // The product of two int32 can exceed what a double holds exactly.
  mul: Math.imul,
  div: (x, y) => (y === 0 ? 0 : Math.trunc(x / y)),
  floorDiv: (x, y) => (y === 0 ? 0 : Math.floor(x / y)),
  mod: (x, y) => (y === 0 ? 0 : remainder(x, y)),
}

/** One scalar op on elements of `dtype`, with the result in `result`. */
export function unaryFunction(op: UnaryOp, result: DType): Unary {
  const f = unary[op]
  const round = roundTo[result]
  return (x) => round(f(x))
}

/** One scalar op on pairs of elements of type `operand`, with the result in `result`. */
export function binaryFunction(op: BinaryOp, operand: DType, result: DType): Binary {
  const f = isFloat(operand) ? floatBinary[op] : integerBinary[op]
  const round = roundTo[result]
  return (x, y) => round(f(x, y))
}

/** How elements are joined one after the other: floats in double precision, whatever their own. */
export function joinFunction(op: 'add' | 'mul' | 'max' | 'min', dtype: DType): Binary {
  const wide = isFloat(dtype) ? 'float64' : dtype
  return binaryFunction(op, wide, wide)
}

export function isUnary(op: string): op is UnaryOp {
  return Object.hasOwn(unary, op)
}

/** `Math.round` takes halves up. */
function roundHalfToEven(x: number): number {
  const rounded = Math.round(x)
  return rounded - x === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded
}

/** The remainder of `x / y` with the sign of y; a remainder of 0, too. */
function remainder(x: number, y: number): number {
  // `%` takes the sign of x, and its result is exact.
  const rest = x % y
  if (rest === 0) return y < 0 ? -0 : 0
  return rest < 0 !== y < 0 ? rest + y : rest
}

/**
 * `⌊x / y⌋`, from what the exact remainder leaves over: `x / y` itself may round up to the next whole number.
 */
function floorDivide(x: number, y: number): number {
  if (y === 0) return x / y
  const rest = x % y
  const borrow = rest !== 0 && rest < 0 !== y < 0 ? 1 : 0
  const whole = Math.round((x - rest) / y) - borrow
  // A zero has the sign of the quotient, which is −0 or at least 0 here.
  if (whole !== 0) return whole
  return Object.is(x / y, -0) ? -0 : 0
}

/**
 * As in C: 1 to any power is 1, even where the exponent is NaN or the base is −1 and the exponent infinite.
 */
function power(x: number, y: number): number {
  return x === 1 || (x === -1 && Math.abs(y) === Infinity) ? 1 : x ** y
}
