import { type Code, local, type Local, type Locals } from '../assembler/index.ts'

/**
 * Constant vectors that a loop uses, kept in locals: V8 makes such a vector anew wherever it stands, in four
 * instructions; from a local it comes in one at most.
 */
export class Constants {
  readonly #locals: Locals
  readonly #known = new Map<string, { readonly value: Code; readonly kept: Local }>()

  constructor(locals: Locals) {
    this.#locals = locals
  }

  /** Sets the locals of all constants kept so far. */
  get set(): Code {
    return [...this.#known.values()].map(({ value, kept }) => local.set(kept, value))
  }

  /** `code` with locals in the place of its constants; `set` must run before it. */
  keep(code: Code): Code {
    if (isConstant(code)) return local.get(this.#localOf(code))
    return code.map((part) => {
      if (typeof part === 'number') return part
      if (!('structure' in part)) return this.keep(part)
      return part.structure === 'block' ? { ...part, body: this.keep(part.body) } : part
    })
  }

  #localOf(value: Code): Local {
    const key = JSON.stringify(value)
    const { kept } = this.#known.get(key) ?? { kept: this.#locals.v128() }
    this.#known.set(key, { value, kept })
    return kept
  }
}

/** Whether this is `v128.const` of anything but zeros or ones throughout, which take one instruction anyway. */
function isConstant(code: Code): boolean {
  if (code.length !== 18 || code[0] !== 0xfd || code[1] !== 0x0c) return false
  const [first, ...rest] = code.slice(2)
  return (first !== 0 && first !== 255) || rest.some((byte) => byte !== first)
}
