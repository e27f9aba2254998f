import type { DType } from '../../src/index.ts'
import type { Tensor } from '../../src/index.ts'

/**
 * Values of an operand; floats are float32 numbers, and become float64 where a test asks for double
 * precision.
 */
export interface Input {
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly fill: (random: () => number) => number[]
}

/** One use of an operation: what goes in, what is called, and how its result may be judged. */
export interface Row {
  readonly name: string
  readonly inputs: readonly Input[]
  readonly run: (...inputs: Tensor[]) => Tensor | Tensor[]
  /** Inputs with respect to which gradients are checked. */
  readonly gradients: readonly number[]
  /** Whether the gradient's own gradient is checked, too. */
  readonly second: boolean
  /** Whether the gradient is the slope: not at a kink, and not where gradients are stopped. */
  readonly slope: boolean
  /** Whether PyTorch's results are on record; the others are compared with the reference backend alone. */
  readonly recorded: boolean
  /**
   * Largest error of float32 results, relative to each element or the array's root mean square, whichever is
   * greater. Integers and booleans must agree exactly.
   */
  readonly tolerance: number
  /** The same for first and second gradients. */
  readonly gradientTolerance: number
}

export interface RowOptions {
  /** Default: all float inputs. */
  readonly gradients?: readonly number[]
  readonly second?: boolean
  readonly slope?: boolean
  readonly recorded?: boolean
  readonly tolerance?: number
  readonly gradientTolerance?: number
}

/** Eight units in the last place: two or three roundings of float32 and the error of one function. */
const ELEMENTWISE = 1e-6

export function row(name: string, inputs: readonly Input[], run: Row['run'], options: RowOptions = {}): Row {
  const floats = inputs.flatMap(({ dtype }, position) => (dtype === 'float32' ? [position] : []))
  const {
    gradients = floats,
    slope = true,
    second = slope,
    recorded = true,
    tolerance = ELEMENTWISE,
  } = options
  // A gradient passes through each operation twice and sums over what was broadcast.
  const { gradientTolerance = 4 * tolerance } = options
  return { name, inputs, run, gradients, second, slope, recorded, tolerance, gradientTolerance }
}

const count = (shape: readonly number[]): number => shape.reduce((all, extent) => all * extent, 1)

/** Numbers from [low, high), all different in practice. */
export function float(shape: readonly number[], low = -2, high = 2): Input {
  const fill = (random: () => number): number[] =>
    Array.from({ length: count(shape) }, () => Math.fround(low + (high - low) * random()))
  return { shape, dtype: 'float32', fill }
}

/** Whole numbers from low to high, both included. */
export function int(shape: readonly number[], low = -9, high = 9, dtype: DType = 'int32'): Input {
  const fill = (random: () => number): number[] =>
    Array.from({ length: count(shape) }, () => low + Math.floor((high - low + 1) * random()))
  return { shape, dtype, fill }
}

export const uint8 = (shape: readonly number[]): Input => int(shape, 0, 255, 'uint8')
export const bool = (shape: readonly number[]): Input => int(shape, 0, 1, 'bool')

/** These numbers. */
export function values(shape: readonly number[], dtype: DType, data: readonly number[]): Input {
  return { shape, dtype, fill: () => [...data] }
}

/**
 * Numbers in [0, 1) that depend on a name alone, so that adding a row leaves the others as they are.
 *
 * @see Steele, Lea & Flood 2014, "Fast splittable pseudorandom number generators", whose mixing this shortens
 * to 32 bits
 */
export function randomFor(name: string): () => number {
  let state = 0
  for (const letter of name) state = (Math.imul(state, 31) + letter.codePointAt(0)!) | 0
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = state
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return ((mixed ^ (mixed >>> 16)) >>> 8) * 2 ** -24
  }
}

/** The numbers of each input of a row. */
export function inputValues({ name, inputs }: Row): number[][] {
  return inputs.map(({ fill }, position) => fill(randomFor(`${name} input ${position}`)))
}

/** The weights with which a row's outputs add up to the number whose gradient is taken. */
export function cotangentValues({ name }: Row, output: number, shape: readonly number[]): number[] {
  return float(shape, -1, 1).fill(randomFor(`${name} cotangent ${output}`))
}

/** A number that tells whether these are the inputs a record was made from (FNV-1a over their bits). */
export function digestOf(inputs: readonly (readonly number[])[]): number {
  const bytes = new Uint8Array(Float64Array.from(inputs.flat()).buffer)
  return bytes.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193) >>> 0, 0x811c9dc5)
}
