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

/** Locals for the words of an argument block, and the code that reads those that are asked for. */
export function readArguments<const N extends string>(
  locals: Locals,
  block: Local,
  names: readonly N[],
): { readonly code: Code; readonly words: Readonly<Record<N, Local>> } {
  const code: Code[] = []
  const known = new Map<N, Local>()
  const read = (name: N): Local => {
    let word = known.get(name)
    if (word === undefined) {
      word = locals.i32()
      known.set(name, word)
      code.push(local.set(word, i32.load(block, 4 * names.indexOf(name))))
    }
    return word
  }
  return { code, words: new Proxy({}, { get: (_, name) => read(name as N) }) as Record<N, Local> }
}
