import { BackendError } from '../../../errors.ts'
import type { BinaryOp, UnaryOp } from '../../../graph/scalar.ts'
import { type Code, f32x4, i32x4, type Local, type Locals, type Operand, v128 } from '../assembler/index.ts'
import type { MathLibrary, MathName } from '../math/library.ts'
import type { Lanes } from './lanes.ts'
import type { LaneType } from './spec.ts'

/** How an operation is carried out on four lanes: in a few instructions, or by a function of the library. */
type Unary = ((a: Operand) => Lanes) | MathName
type Binary = ((a: Operand, b: Operand) => Lanes) | MathName

/** The versions of an operation by what it works on; a missing one is undefined on that type. */
interface Versions<F> {
  readonly float?: F
  readonly int?: F
  readonly bool?: F
}

const identity = (a: Operand): Lanes => v128.or(a, a)

/** x < 0 → −1, x > 0 → 1, ±0 → 0, NaN → NaN. */
function signOfFloat(x: Operand): Lanes {
  const one = v128.or(f32x4.const([1, 1, 1, 1]), v128.and(x, 0x80000000 | 0))
  return v128.bitselect(x, v128.and(one, f32x4.ne(x, 0)), f32x4.ne(x, x))
}

const unary: Record<UnaryOp, Versions<Unary>> = {
  neg: { float: f32x4.neg, int: i32x4.neg },
  abs: { float: f32x4.abs, int: i32x4.abs, bool: identity },
  sign: { float: signOfFloat, int: (a) => i32x4.sub(i32x4.shr_s(a, 31), i32x4.gt_s(a, 0)), bool: identity },
  floor: { float: f32x4.floor, int: identity },
  ceil: { float: f32x4.ceil, int: identity },
  round: { float: f32x4.nearest, int: identity },
  sqrt: { float: f32x4.sqrt },
  exp: { float: 'exp' },
  expNonPositive: { float: 'expNonPositive' },
  expm1: { float: 'expm1' },
  log: { float: 'log' },
  log1p: { float: 'log1p' },
  sin: { float: 'sin' },
  cos: { float: 'cos' },
  atan: { float: 'atan' },
  tanh: { float: 'tanh' },
  sigmoid: { float: 'sigmoid' },
  erf: { float: 'erf' },
  // Clears x where x ≤ 0, which leaves NaN alone and makes −0 0.
  relu: { float: (a) => v128.andnot(a, f32x4.le(a, 0)), int: (a) => i32x4.max_s(a, 0) },
  not: { bool: v128.not },
}

const binary: Record<BinaryOp, Versions<Binary>> = {
  add: { float: f32x4.add, int: i32x4.add, bool: v128.or },
  sub: { float: f32x4.sub, int: i32x4.sub },
  mul: { float: f32x4.mul, int: i32x4.mul, bool: v128.and },
  div: { float: f32x4.div, int: 'integerDiv' },
  floorDiv: { float: 'floorDiv', int: 'integerFloorDiv' },
  mod: { float: 'mod', int: 'integerMod' },
  pow: { float: 'pow', int: 'integerPow' },
  max: { float: f32x4.max, int: i32x4.max_s, bool: v128.or },
  min: { float: f32x4.min, int: i32x4.min_s, bool: v128.and },
  less: { float: f32x4.lt, int: i32x4.lt_s, bool: (a, b) => v128.andnot(b, a) },
  lessEqual: { float: f32x4.le, int: i32x4.le_s, bool: (a, b) => v128.or(b, v128.not(a)) },
  equal: { float: f32x4.eq, int: i32x4.eq, bool: (a, b) => v128.not(v128.xor(a, b)) },
  and: { int: v128.and, bool: v128.and },
  or: { int: v128.or, bool: v128.or },
  xor: { int: v128.xor, bool: v128.xor },
}

const givesMask: ReadonlySet<string> = new Set(['less', 'lessEqual', 'equal'])

function versionOf(op: UnaryOp | BinaryOp, type: LaneType): Unary | Binary {
  const kind = type === 'float32' ? 'float' : type === 'bool' ? 'bool' : 'int'
  const version = op in unary ? unary[op as UnaryOp][kind] : binary[op as BinaryOp][kind]
  if (version === undefined || type === 'float16')
    throw new BackendError(`wasm: ${op} is not defined on ${type}`)
  return version
}

/** The function of the math library that an operation calls, if it does. */
export function mathNameOf(op: UnaryOp | BinaryOp, type: LaneType): MathName | undefined {
  const version = versionOf(op, type)
  return typeof version === 'string' ? version : undefined
}

/**
 * Statements of which the last is the value of `op` on operands of `type`, which may be used more than
 * once.
 */
export function operationSteps(
  math: MathLibrary,
  op: UnaryOp | BinaryOp,
  type: LaneType,
  args: readonly Local[],
  locals: Locals,
): readonly Code[] {
  const name = mathNameOf(op, type)
  return name === undefined ? [emitOperation(op, type, args)] : math.apply(name, locals, ...args)
}

/** An operation of a few instructions. */
export function emitOperation(op: UnaryOp | BinaryOp, type: LaneType, args: readonly Local[]): Lanes {
  const emit = versionOf(op, type) as Exclude<Binary, MathName>
  const result = emit(args[0], args[1])
  return type === 'uint8' && !givesMask.has(op) ? v128.and(result, 255) : result
}
