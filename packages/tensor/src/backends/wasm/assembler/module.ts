import { type Code, emit, Local, type ValueType, valueTypes } from './code.ts'
import { list, text, unsigned } from './encoding.ts'

/** What the generated code may rely on. */
export interface Target {
  /** Whether `env.memory` is shared between threads. */
  readonly sharedMemory: boolean
  /** Whether fused multiply-add and its like exist here and may be used. */
  readonly relaxedSimd: boolean
}

/** All modules import a memory that may grow to 4 GiB. */
export const MAXIMUM_PAGES = 65_536

/** A function that can be called. */
export interface FunctionHandle {
  readonly index: number
}

type LocalTuple<N extends number, T extends Local[] = []> = number extends N
  ? Local[]
  : T['length'] extends N
    ? T
    : LocalTuple<N, [...T, Local]>

/** Declares the locals of the function that is being written. */
export interface Locals {
  i32(): Local
  i64(): Local
  f32(): Local
  f64(): Local
  v128(): Local
  /** Several of one type: a tuple where their number is written out. */
  many<N extends number>(type: ValueType, count: N): LocalTuple<N>
}

interface Definition {
  readonly type: number
  readonly locals: readonly ValueType[]
  readonly body: Code
}

/**
 * A module under construction. It imports the memory `env.memory`, and nothing else.
 *
 * @example
 * const module = new ModuleBuilder({ sharedMemory: false, relaxedSimd: true })
 * module.func({ name: 'double', params: ['i32'], results: ['i32'] }, (locals, x) => i32.add(x, x))
 * new WebAssembly.Module(module.bytes())
 */
export class ModuleBuilder {
  readonly target: Target
  /** Names of the exported functions, in the order of the module's exports. */
  readonly exportNames: string[] = []
  readonly #types: string[] = []
  readonly #typeBytes: number[][] = []
  readonly #functions: Definition[] = []
  readonly #exports: number[][] = []

  constructor(target: Target) {
    this.target = target
  }

  /**
   * Defines a function; one that has a `name` is exported.
   *
   * @param body gets a maker of locals, then the parameters; what it leaves on the stack is the result
   */
  func<const P extends readonly ValueType[]>(
    signature: { readonly name?: string; readonly params: P; readonly results?: readonly ValueType[] },
    body: (locals: Locals, ...params: { [K in keyof P]: Local }) => Code,
  ): FunctionHandle {
    const { name, params, results = [] } = signature
    const index = this.#functions.length
    const types: ValueType[] = []
    const declare = (type: ValueType): Local => new Local(params.length + types.push(type) - 1, type)
    const locals: Locals = {
      i32: () => declare('i32'),
      i64: () => declare('i64'),
      f32: () => declare('f32'),
      f64: () => declare('f64'),
      v128: () => declare('v128'),
      many: (type, count) => Array.from({ length: count }, () => declare(type)) as never,
    }
    const handles = params.map((type, position) => new Local(position, type)) as { [K in keyof P]: Local }
    this.#functions.push({ type: this.#type(params, results), locals: types, body: body(locals, ...handles) })
    if (name !== undefined) {
      this.#exports.push([...text(name), 0x00, ...unsigned(index)])
      this.exportNames.push(name)
    }
    return { index }
  }

  /** The module in the binary format. */
  bytes(): Uint8Array<ArrayBuffer> {
    const limits = [this.target.sharedMemory ? 3 : 1, ...unsigned(0), ...unsigned(MAXIMUM_PAGES)]
    const memory = [...text('env'), ...text('memory'), 0x02, ...limits]
    const types = this.#functions.map(({ type }) => unsigned(type))
    const parts = [
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, this.#typeBytes),
      ...section(2, [memory]),
      ...section(3, types),
      ...section(7, this.#exports),
      ...section(10, this.#functions.map(encodeFunction)),
    ]
    const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
    let at = 0
    for (const part of parts) {
      out.set(part, at)
      at += part.length
    }
    return out
  }

  /** The index of a signature; equal signatures share one. */
  #type(params: readonly ValueType[], results: readonly ValueType[]): number {
    const key = `${params.join()}>${results.join()}`
    const known = this.#types.indexOf(key)
    if (known >= 0) return known
    this.#typeBytes.push([0x60, ...typeList(params), ...typeList(results)])
    return this.#types.push(key) - 1
  }
}

function typeList(types: readonly ValueType[]): number[] {
  return list(types.map((type) => [valueTypes[type]]))
}

/** A section in pieces: what it is, how long, then its items. */
function section(id: number, items: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const count = unsigned(items.length)
  const size = items.reduce((sum, item) => sum + item.length, count.length)
  return [[id, ...unsigned(size), ...count], ...items]
}

function encodeFunction({ locals, body }: Definition): number[] {
  const runs: number[][] = []
  for (let start = 0, end = 0; start < locals.length; start = end) {
    while (end < locals.length && locals[end] === locals[start]) end += 1
    runs.push([...unsigned(end - start), valueTypes[locals[start]]])
  }
  const code = list(runs)
  emit(body, code)
  code.push(0x0b)
  const size = unsigned(code.length)
  return size.concat(code)
}
