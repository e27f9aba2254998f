import {
  call,
  type Code,
  type FunctionHandle,
  local,
  type Local,
  type Locals,
  type ModuleBuilder,
  type Operand,
  type Target,
} from '../assembler/index.ts'
import { exp, expm1, expNonPositive, sigmoid, tanh } from './exponential.ts'
import { log, log1p } from './logarithm.ts'
import { integerPow, pow } from './power.ts'

/** A function of one or two vectors: statements, of which the last is its value. */
export interface MathFunction {
  readonly operands: 1 | 2
  readonly write: (context: MathContext, a: Local, b: Local) => readonly Code[]
  /** Functions that this one calls, defined before it; it is a function of its own then, unless it is `inlined`. */
  readonly define?: (module: ModuleBuilder) => readonly FunctionHandle[]
  readonly inlined?: boolean
}

/** What the code of a function is written with. */
export interface MathContext {
  readonly locals: Locals
  readonly target: Target
  /** Another function of the library, which must not be one with helpers. */
  readonly inline: (name: string, ...args: readonly Operand[]) => Code
  /** Those that it has defined. */
  readonly helpers: readonly FunctionHandle[]
}

const always = {
  exp,
  expNonPositive,
  expm1,
  sigmoid,
  tanh,
  log,
  log1p,
  pow,
  integerPow,
} as const satisfies Readonly<Record<string, MathFunction>>

const definitions: Record<string, MathFunction> = { ...always }

/** Functions of four lanes that take more than a few instructions. */
export type MathName = keyof typeof always | BroughtName

type BroughtName =
  | 'sin'
  | 'cos'
  | 'atan'
  | 'erf'
  | 'floorDiv'
  | 'mod'
  | 'integerDiv'
  | 'integerFloorDiv'
  | 'integerMod'

/** Functions that come with the operations that need them. */
export function addMathFunctions(brought: Readonly<Partial<Record<BroughtName, MathFunction>>>): void {
  Object.assign(definitions, brought)
}

/**
 * The functions that one module needs. Those that are one straight line of code are written where they are used:
 * a call would clear all vector registers. The others must be required before the functions that call them are
 * defined.
 */
export class MathLibrary {
  readonly #module: ModuleBuilder
  readonly #handles = new Map<string, FunctionHandle>()
  readonly #helpers = new Map<string, readonly FunctionHandle[]>()

  constructor(module: ModuleBuilder) {
    this.#module = module
  }

  require(name: MathName): void {
    const { operands, define, inlined, write }: MathFunction = definitions[name]
    if (define === undefined || this.#helpers.has(name)) return
    const helpers = define(this.#module)
    this.#helpers.set(name, helpers)
    if (inlined) return
    const params = operands === 1 ? (['v128'] as const) : (['v128', 'v128'] as const)
    const handle = this.#module.func({ params: [...params], results: ['v128'] }, (locals, ...args) =>
      write(this.#context(locals, helpers), args[0], args[1]!),
    )
    this.#handles.set(name, handle)
  }

  get target(): Target {
    return this.#module.target
  }

  /** Statements that end with the function's value, as a part of the function whose locals these are. */
  apply(name: MathName, locals: Locals, ...args: readonly Operand[]): readonly Code[] {
    const handle = this.#handles.get(name)
    if (handle !== undefined) return [call(handle, ...args)]
    const { write }: MathFunction = definitions[name]
    const own = args.map(() => locals.v128())
    const [a, b] = own
    return [
      own.map((each, k) => local.set(each, args[k])),
      ...write(this.#context(locals, this.#helpers.get(name) ?? []), a, b),
    ]
  }

  #context(locals: Locals, helpers: readonly FunctionHandle[]): MathContext {
    return {
      locals,
      helpers,
      target: this.target,
      inline: (name, ...args) => this.apply(name as MathName, locals, ...args),
    }
  }
}
