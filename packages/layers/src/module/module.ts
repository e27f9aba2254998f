import { copy as copyOf, GraphError, keep, noGrad } from '@badak/tensor'
import type { Parameter, State, Tensor } from '@badak/tensor'
import { isParameter, isState } from './cells.ts'
import { addAfter, addBefore } from './hooks.ts'
import { loadStateDict, type LoadOptions, type StateDict } from './state-dict.ts'
import { summarise } from './summary.ts'

const moduleMarker: unique symbol = Symbol.for('badak.module') as never

/** What a module may hold: cells and modules. */
export type Member = Parameter | State | Module

/**
 * What is called after `forward`; what it returns, unless nothing, becomes the output. For a module of any
 * kind that is a tensor, not anything: what a hook returns by accident must not get there.
 */
export type ForwardHook<M extends Module = Module> = (
  module: M,
  inputs: Parameters<M['forward']>,
  output: ReturnType<M['forward']>,
) => (unknown extends ReturnType<M['forward']> ? Tensor : ReturnType<M['forward']>) | void

/** What is called before `forward`; the inputs that it returns, unless nothing, take the place of those given. */
export type ForwardPreHook<M extends Module = Module> = (
  module: M,
  inputs: Parameters<M['forward']>,
) => readonly Parameters<M['forward']>[number][] | void

/** Whether `x` is a module, whichever copy of the package made it. */
export function isModule(x: unknown): x is Module {
  return typeof x === 'object' && x !== null && moduleMarker in x
}

/**
 * A part of a network: parameters, states and other modules, and what to do with them.
 *
 * A constructor makes the parts, `forward` composes operations. What the public fields hold is found by
 * itself: parameters, states, modules, and arrays and plain objects of them. Names in a state dictionary are
 * the paths of the fields, in the spelling of PyTorch: the field `runningMean` is `running_mean`,
 * `blocks[0].weight` is `blocks.0.weight`. Fields whose names begin with `#` are not looked into.
 *
 * @example
 * ```ts
 * class Network extends Module {
 *   readonly hidden = new Linear(784, 50)
 *   readonly output = new Linear(50, 10)
 *
 *   forward(x: Tensor): Tensor {
 *     return this.output.forward(relu(this.hidden.forward(x)))
 *   }
 * }
 * ```
 */
export abstract class Module {
  /** @internal */
  declare readonly [moduleMarker]: true

  /** Whether this module behaves as in training (default) or as in use; see `train()` and `eval()`. */
  training = true

  constructor() {
    // Not a getter of that name: bundlers keep a class with computed names where nobody uses it.
    Object.defineProperty(this, moduleMarker, { value: true })
  }

  /** Applies the module. What goes in and what comes out is the subclass's to say. */
  abstract forward(...inputs: never[]): unknown

  /**
   * How many products are formed and added up in one `forward`, beside those of the modules inside of it;
   * what `summary()` shows. Default 0.
   *
   * @param _output what came out of `forward`
   * @param _inputs what went in
   */
  multiplyAdds(_output: never, ..._inputs: never[]): number {
    return 0
  }

  /** What this module holds, with the last part of its name. Overridden where fields are not the names. */
  members(): Iterable<readonly [name: string, member: Member]> {
    return fieldsOf(this)
  }

  /** All parameters, outer modules first; one that is shared is listed once. */
  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter)
  }

  /** All parameters and their paths; one that is shared is listed once, under its first. */
  namedParameters(): [name: string, parameter: Parameter][] {
    return unique(cellsOf(this)).filter((entry): entry is [string, Parameter] => isParameter(entry[1]))
  }

  /**
   * All states, such as running statistics, and their paths; one that is shared is listed once, under its
   * first.
   */
  states(): [name: string, state: State][] {
    return unique(cellsOf(this)).filter((entry): entry is [string, State] => isState(entry[1]))
  }

  /** This module and all inside of it, outer ones first; one that is shared is listed once. */
  modules(): Module[] {
    return this.namedModules().map(([, module]) => module)
  }

  /**
   * This module, under the name `''`, and all inside of it with their paths; one that is shared is listed
   * once.
   */
  namedModules(): [name: string, module: Module][] {
    return unique(modulesOf(this))
  }

  /**
   * The present values of all parameters and states, by path, as PyTorch names them; one that is shared has
   * all its names.
   *
   * @param options
   * @param options.copy whether the values are copied, to be kept while training goes on; default false: they
   *   are to be read or written before the next `step()`, which makes them old
   */
  stateDict({ copy = false }: { copy?: boolean } = {}): Record<string, Tensor> {
    const entries = cellsOf(this).map(
      ([name, cell]) => [name, copy ? keep(noGrad(() => copyOf(cell))) : cell.value] as const,
    )
    return Object.fromEntries(entries)
  }

  /**
   * Replaces parameters and states. Types are converted. Either everything is loaded or, with an error,
   * nothing.
   *
   * @param values by path, as `stateDict()` gives them
   * @param options.strict whether missing and unexpected names are errors; default true
   * @returns the names that were missing and those that were not expected
   * @throws ValueError when names differ; ShapeError when shapes differ
   */
  loadStateDict(values: StateDict, options: LoadOptions = {}): { missing: string[]; unexpected: string[] } {
    return loadStateDict(new Map(cellsOf(this)), values, options)
  }

  /** Switches this module and all inside of it to training, or out of it. */
  train(training = true): this {
    for (const module of this.modules()) module.training = training
    return this
  }

  /**
   * Switches this module and all inside of it to use: no dropout, running statistics instead of those of the
   * batch.
   */
  eval(): this {
    return this.train(false)
  }

  /** Calls `visit` with every module inside of this one, inner ones first, and with this one last. */
  apply(visit: (module: Module) => void): this {
    for (const module of this.modules().toReversed()) visit(module)
    return this
  }

  /** Sets `requiresGrad` of all parameters: `features.requiresGrad(false)` freezes a part of a network. */
  requiresGrad(requires = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad = requires
    return this
  }

  /**
   * Calls `hook` after every `forward` of this module: to look at what a layer gives, or to replace it.
   *
   * The hook stands before the module's own `forward`, on this object alone: `model.forward(x)` stays the way
   * to call it, a module without hooks is as it was, and one that is used in several places calls its hooks
   * in each. A graph is built by `forward`, not computed: mark what is to be read with `keep`. A function
   * that was compiled has called its hooks when it was traced, and does not call them again.
   *
   * @param hook gets the module, the inputs and the output; what it returns, unless nothing, becomes the
   *   output
   * @returns removes the hook
   * @example
   * ```ts
   * const remove = layer.onForward((_module, _inputs, output) => {
   *   activations.push(keep(output))
   * })
   * ```
   */
  onForward<M extends Module>(this: M, hook: ForwardHook<M>): () => void {
    return addAfter(this, hook as never)
  }

  /**
   * Calls `hook` before every `forward` of this module, as `onForward` does after it.
   *
   * @param hook gets the module and the inputs; the list that it returns, unless nothing, takes their place
   * @returns removes the hook
   */
  beforeForward<M extends Module>(this: M, hook: ForwardPreHook<M>): () => void {
    return addBefore(this, hook as never)
  }

  /**
   * A table of the layers and their parameters; with inputs, also of the shapes that come out and the
   * multiply-adds that it takes. Nothing is computed and nothing changes; hooks are called.
   *
   * Layers say themselves what they cost (`multiplyAdds`): products by functions, such as `linear` or
   * `matmul` in a `forward` of yours, are in the table if you say so too.
   *
   * @param inputs tensors, or shapes that stand for float32 tensors: `model.summary([1, 1, 28, 28])`
   */
  summary(...inputs: (Tensor | readonly number[])[]): string {
    return summarise(this, inputs)
  }

  /** What a summary calls the module. */
  toString(): string {
    return this.constructor.name
  }
}

/**
 * Cells with their paths, as PyTorch orders them: those of a module, then those of the modules inside of it.
 */
function cellsOf(root: Module): [name: string, cell: Parameter | State][] {
  const cells = modulesOf(root).flatMap(([path, module]) =>
    [...module.members()].flatMap(([name, member]): [string, Parameter | State][] =>
      isModule(member) ? [] : [[join(path, name), member]],
    ),
  )
  for (const [path, cell] of cells) nameCell(cell, path)
  return cells
}

/** Errors call a cell by its path in the outermost module that was asked for it. */
function nameCell(cell: Parameter | State, path: string): void {
  if (!cell.name || cell.name.includes(' ') || path.endsWith(`.${cell.name}`)) cell.name = path
}

function modulesOf(
  module: Module,
  path = '',
  around: readonly Module[] = [],
): [name: string, module: Module][] {
  if (around.includes(module)) throw new GraphError(`Module: "${path}" is inside of itself`)
  const inside = [...module.members()].flatMap(([name, member]) =>
    isModule(member) ? modulesOf(member, join(path, name), [...around, module]) : [],
  )
  return [[path, module], ...inside]
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

function unique<T>(entries: readonly [name: string, value: T][]): [name: string, value: T][] {
  const seen = new Set<T>()
  return entries.filter(([, value]) => !seen.has(value) && seen.add(value))
}

function* fieldsOf(module: Module): Generator<readonly [string, Member]> {
  for (const [field, value] of Object.entries(module)) yield* membersIn(snakeCase(field), value)
}

/** The cells and modules in a value: itself, or those in an array or a plain object. */
function* membersIn(name: string, value: unknown): Generator<readonly [string, Member]> {
  if (isModule(value) || isParameter(value) || isState(value)) yield [name, value]
  else if (Array.isArray(value) || isPlainObject(value)) {
    for (const [key, item] of Object.entries(value)) yield* membersIn(`${name}.${key}`, item)
  }
}

function isPlainObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

/**
 * `runningMean` → `running_mean`, `weightIhL0` → `weight_ih_l0`; names that begin with a capital stay as they
 * are.
 */
function snakeCase(field: string): string {
  return /^[A-Z]/.test(field) ? field : field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
