import {
  call,
  type Code,
  type FunctionHandle,
  type Local,
  type Locals,
  type ModuleBuilder,
  type Operand,
} from '../assembler/index.ts'
import { floorDiv, integerDiv, integerFloorDiv, integerMod, integerPow, mod } from './division.ts'
import { erf } from './error-function.ts'
import { exp, expm1, sigmoid, tanh } from './exponential.ts'
import { log, log1p } from './logarithm.ts'
import { pow } from './power.ts'
import { atan, cos, sin } from './trigonometry.ts'

/** Writes the code of a function of one or two vectors; `helpers` are those that it asked for. */
export interface MathFunction {
  readonly operands: 1 | 2
  /** Other functions of the library that the code calls. */
  readonly needs?: readonly string[]
  readonly write: (context: MathContext, a: Local, b: Local) => Code
  /** Functions that only this one calls, defined before it. */
  readonly define?: (module: ModuleBuilder) => readonly FunctionHandle[]
}

interface MathContext {
  readonly locals: Locals
  readonly call: (name: string, ...args: readonly Operand[]) => Code
  readonly helpers: readonly FunctionHandle[]
}

const definitions = {
  exp,
  expm1,
  sigmoid,
  tanh,
  log,
  log1p,
  sin,
  cos,
  atan,
  erf,
  pow,
  floorDiv,
  mod,
  integerDiv,
  integerFloorDiv,
  integerMod,
  integerPow,
} as const satisfies Readonly<Record<string, MathFunction>>

/** Functions of four lanes that take more than a few instructions. */
export type MathName = keyof typeof definitions

/**
 * The functions that one module needs; they must be required before the functions that call them are defined.
 */
export class MathLibrary {
  readonly #module: ModuleBuilder
  readonly #handles = new Map<string, FunctionHandle>()

  constructor(module: ModuleBuilder) {
    this.#module = module
  }

  require(name: MathName): void {
    if (this.#handles.has(name)) return
    const { operands, needs = [], write, define }: MathFunction = definitions[name]
    for (const other of needs) this.require(other as MathName)
    const helpers = define?.(this.#module) ?? []
    const call = (callee: string, ...args: readonly Operand[]): Code => this.call(callee as MathName, ...args)
    const params = operands === 1 ? ['v128' as const] : (['v128', 'v128'] as const)
    const handle = this.#module.func({ params: [...params], results: ['v128'] }, (locals, ...args) =>
      write({ locals, call, helpers }, args[0], args[1]),
    )
    this.#handles.set(name, handle)
  }

  call(name: MathName, ...args: readonly Operand[]): Code {
    return call(this.#handles.get(name)!, ...args)
  }
}
