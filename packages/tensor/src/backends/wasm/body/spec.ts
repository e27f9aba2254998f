import { bytesPerElement, type DType } from '../../../dtype.ts'
import { DTypeError } from '../../../errors.ts'
import type { BinaryOp, UnaryOp } from '../../../graph/scalar.ts'
import type { Body, Instruction, Load } from '../../../schedule/kernels.ts'
import type { ArgumentList, PlacedAccess } from './argument-list.ts'

/** Types that 128-bit vectors of four lanes compute here. */
export type LaneType = Exclude<DType, 'float64'>

/**
 * How an access moves along the vectorised axis: whole vectors, the same element for all lanes, or lane by
 * lane. The only thing about strides that is fixed in code.
 */
type InnerStep = 'dense' | 'splat' | 'strided'

/**
 * An access as code is generated from it. Numbers are positions in the argument block; strides there are in
 * bytes.
 */
export interface AccessSpec {
  readonly dtype: LaneType
  readonly base: number
  /** One for each axis. */
  readonly strides: readonly number[]
  readonly inner: InnerStep
}

export interface LoadSpec extends AccessSpec {
  readonly bounds: readonly { readonly axis: number; readonly low: number; readonly high: number }[]
  /** Position of the value outside of the bounds. */
  readonly fill: number
}

export type InstructionSpec =
  | { readonly op: 'load'; readonly dtype: LaneType; readonly load: number }
  | { readonly op: 'value'; readonly dtype: LaneType; readonly position: number }
  | { readonly op: 'index'; readonly dtype: 'int32'; readonly axis: number }
  | { readonly op: 'accumulator'; readonly dtype: LaneType }
  | { readonly op: 'cast'; readonly dtype: LaneType; readonly args: readonly [number] }
  | { readonly op: UnaryOp; readonly dtype: LaneType; readonly args: readonly [number] }
  | { readonly op: BinaryOp; readonly dtype: LaneType; readonly args: readonly [number, number] }
  | { readonly op: 'where'; readonly dtype: LaneType; readonly args: readonly [number, number, number] }

/** A body as code is generated from it: bodies with equal specs share code. */
export interface BodySpec {
  readonly loads: readonly LoadSpec[]
  readonly instructions: readonly InstructionSpec[]
}

/** @throws DTypeError for float64, which WebAssembly could but this backend does not compute */
export function laneType(dtype: DType): LaneType {
  if (dtype === 'float64') throw new DTypeError('wasm: float64 is computed on the reference backend only')
  return dtype
}

/** `innerAxis` is the vectorised one, −1 if there is none. */
export function specOfAccess(access: PlacedAccess, innerAxis: number, args: ArgumentList): AccessSpec {
  const bytes = bytesPerElement(access.dtype)
  return {
    dtype: laneType(access.dtype),
    base: args.address(access),
    strides: access.strides.map((stride) => args.int(stride * bytes)),
    inner: innerStep(access.strides[innerAxis] ?? 0),
  }
}

function innerStep(stride: number): InnerStep {
  return stride === 1 ? 'dense' : stride === 0 ? 'splat' : 'strided'
}

export function specOfBody(body: Body, innerAxis: number, args: ArgumentList): BodySpec {
  return {
    loads: body.loads.map((load) => specOfLoad(load, innerAxis, args)),
    instructions: body.instructions.map((instruction) => specOfInstruction(instruction, args)),
  }
}

function specOfLoad(load: Load, innerAxis: number, args: ArgumentList): LoadSpec {
  const bounds = load.bounds ?? []
  return {
    ...specOfAccess(load, innerAxis, args),
    bounds: bounds.map(({ axis, low, high }) => ({ axis, low: args.int(low), high: args.int(high) })),
    fill: load.fill === undefined ? -1 : args.value(load.fill, numberType(load.dtype)),
  }
}

function specOfInstruction(instruction: Instruction, args: ArgumentList): InstructionSpec {
  const dtype = laneType(instruction.dtype)
  if (instruction.op !== 'value') return { ...instruction, dtype } as InstructionSpec
  return { op: 'value', dtype, position: args.value(instruction.value, numberType(dtype)) }
}

function numberType(dtype: DType): 'f32' | 'i32' {
  return dtype === 'float32' || dtype === 'float16' ? 'f32' : 'i32'
}
