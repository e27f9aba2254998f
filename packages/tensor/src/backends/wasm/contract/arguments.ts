import { type Code, i32, local, type Local, type Locals } from '../assembler/index.ts'
import { int, type Word } from '../launch.ts'

/**
 * The words of an argument block: values by name, in the order of `names`, then `tail`. A number stands for
 * an integer.
 */
export function argumentBlock<const N extends string>(
  names: readonly N[],
  values: Readonly<Record<N, Word | number>>,
  tail: readonly number[] = [],
): Word[] {
  const words: readonly (Word | number)[] = [...names.map((name) => values[name]), ...tail]
  return words.map((word) => (typeof word === 'number' ? int(word) : word))
}

/** Code that reads an argument block into locals, one for each name. */
export function readArguments<const N extends string>(
  locals: Locals,
  block: Local,
  names: readonly N[],
): { readonly code: Code; readonly words: Readonly<Record<N, Local>> } {
  const entries = names.map((name) => [name, locals.i32()] as const)
  const code = entries.map(([, word], position) => local.set(word, i32.load(block, 4 * position)))
  return { code, words: Object.fromEntries(entries) as Record<N, Local> }
}
