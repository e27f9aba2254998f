import { GraphError, ValueError } from '@badak/tensor'
import { isModule, type Module } from '../module/module.ts'

/** @throws ValueError when `module` is none, or its name could not be part of a path */
export function checkEntry(container: string, name: string, module: unknown): asserts module is Module {
  if (!isModule(module)) throw new ValueError(`${container}: "${name}" is not a module: ${typeof module}`)
  if (name === '' || name.includes('.')) throw new ValueError(`${container}: not a name: "${name}"`)
}

/** What the `forward` of a container says that only holds its modules. */
export function noForward(container: string): never {
  throw new GraphError(`${container}.forward: it only holds modules: call them one by one`)
}
