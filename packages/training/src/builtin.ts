import { BadakError } from '@badak/tensor'

interface Builtins {
  'node:fs': typeof import('node:fs')
  'node:fs/promises': typeof import('node:fs/promises')
  'node:path': typeof import('node:path')
}

/** Node's own modules, had without an import so that a bundle for browsers never meets one. */
export function builtin<Name extends keyof Builtins>(name: Name, operation: string): Builtins[Name] {
  const found = globalThis.process?.getBuiltinModule?.(name)
  if (found === undefined) throw new BadakError(`${operation}: there are no files here`)
  return found
}
