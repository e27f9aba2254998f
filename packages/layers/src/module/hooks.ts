import type { Module } from './module.ts'

/** A hook, in a wrapping of its own: the same function may be added twice, and removed once. */
interface Entry<F> {
  readonly hook: F
}

type AnyFunction = (...inputs: unknown[]) => unknown
type Before = (module: Module, inputs: readonly unknown[]) => readonly unknown[] | void
type After = (module: Module, inputs: readonly unknown[], output: unknown) => unknown

/** The hooks of one module, in the order in which they were added. */
interface Hooks {
  readonly before: Set<Entry<Before>>
  readonly after: Set<Entry<After>>
  /** Takes the hooked `forward` away. */
  readonly uninstall: () => void
}

const hooked = new WeakMap<Module, Hooks>()

/** Calls `hook` with the inputs of every `forward` of this module. Gives what removes it. */
export function addBefore(module: Module, hook: Before): () => void {
  return add(module, 'before', hook)
}

/** Calls `hook` with the inputs and the output of every `forward` of this module. Gives what removes it. */
export function addAfter(module: Module, hook: After): () => void {
  return add(module, 'after', hook)
}

function add<K extends 'before' | 'after'>(
  module: Module,
  when: K,
  hook: K extends 'before' ? Before : After,
): () => void {
  const hooks = hooked.get(module) ?? install(module)
  const entries = hooks[when] as Set<Entry<unknown>>
  const entry = { hook }
  entries.add(entry)
  return () => {
    if (entries.delete(entry) && hooks.before.size + hooks.after.size === 0) hooks.uninstall()
  }
}

/**
 * Puts a `forward` before the module's own. It is a property of this one object, so that modules without
 * hooks pay nothing, and a call is `module.forward(x)` either way.
 */
function install(module: Module): Hooks {
  const own = Object.getOwnPropertyDescriptor(module, 'forward')
  const forward = module.forward as AnyFunction
  const before = new Set<Entry<Before>>()
  const after = new Set<Entry<After>>()

  const hookedForward = function (this: Module, ...given: unknown[]): unknown {
    let inputs: readonly unknown[] = given
    for (const { hook } of before) inputs = hook(this, inputs) ?? inputs
    let output = forward.call(this, ...inputs)
    for (const { hook } of after) output = hook(this, inputs, output) ?? output
    return output
  }
  const uninstall = (): void => {
    hooked.delete(module)
    // Whoever has replaced it meanwhile keeps what he has put there.
    if (Object.getOwnPropertyDescriptor(module, 'forward')?.value !== hookedForward) return
    if (own) Object.defineProperty(module, 'forward', own)
    else Reflect.deleteProperty(module, 'forward')
  }
  // Not enumerable: it is none of the fields that hold something.
  Object.defineProperty(module, 'forward', { value: hookedForward, configurable: true, writable: true })
  const hooks = { before, after, uninstall }
  hooked.set(module, hooks)
  return hooks
}
