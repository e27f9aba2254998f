/** A Python literal as far as headers of npy files have them; tuples and lists are arrays. */
export type Literal = string | number | boolean | readonly Literal[] | ReadonlyMap<string, Literal>

const token = /\s*(?:'([^'\\]*)'|"([^"\\]*)"|(True|False)\b|(\d+)L?|([{}()[\],:]))/y

const closing: Readonly<Record<string, string>> = { '{': '}', '(': ')', '[': ']' }

/** A record in a record is deep enough; arrays have none. */
const MAX_DEPTH = 8

/**
 * Parses strings without escapes, True, False, whole numbers, tuples, lists and dicts with strings as keys,
 * and nothing else. `refuse` is told what differs, and at which index.
 */
export function parseLiteral(text: string, refuse: (what: string, index: number) => never): Literal {
  return new LiteralParser(text, refuse).parse()
}

class LiteralParser {
  private readonly text: string
  private readonly refuse: (what: string, index: number) => never
  private index = 0

  constructor(text: string, refuse: (what: string, index: number) => never) {
    this.text = text
    this.refuse = refuse
  }

  parse(): Literal {
    const value = this.value(0)
    if (this.text.slice(this.index).trim() !== '') this.refuse('text after its end', this.index)
    return value
  }

  private value(depth: number): Literal {
    const start = this.index
    const [, single, double, truth, digits, sign] = this.next()
    const string = single ?? double
    if (string !== undefined) return string
    if (truth !== undefined) return truth === 'True'
    if (digits !== undefined) return Number(digits)
    if (depth === MAX_DEPTH) this.refuse(`nested deeper than ${MAX_DEPTH}`, start)
    if (sign === '{') return this.dict(depth)
    if (sign === '(' || sign === '[') return this.sequence(sign, depth)
    return this.refuse(`a value is missing before ${sign}`, start)
  }

  private sequence(open: string, depth: number): readonly Literal[] | Literal {
    const values: Literal[] = []
    let comma = false
    while (!this.take(closing[open]!)) {
      if (values.length > 0 && !comma) this.refuse(`a comma or ${closing[open]} is missing`, this.index)
      values.push(this.value(depth + 1))
      comma = this.take(',')
    }
    // (3) is the number 3; (3,) is a tuple.
    return open === '(' && values.length === 1 && !comma ? values[0]! : values
  }

  private dict(depth: number): ReadonlyMap<string, Literal> {
    const entries = new Map<string, Literal>()
    let comma = true
    while (!this.take('}')) {
      const start = this.index
      if (!comma) this.refuse('a comma or } is missing', start)
      const key = this.value(depth + 1)
      if (typeof key !== 'string') return this.refuse('a key is not a string', start)
      if (entries.has(key)) this.refuse(`the key "${key}" twice`, start)
      if (!this.take(':')) this.refuse('a colon is missing', this.index)
      entries.set(key, this.value(depth + 1))
      comma = this.take(',')
    }
    return entries
  }

  private next(): RegExpExecArray {
    token.lastIndex = this.index
    const found = token.exec(this.text)
    if (found === null) return this.refuse('not a literal of Python that is read here', this.index)
    this.index = token.lastIndex
    return found
  }

  private take(sign: string): boolean {
    token.lastIndex = this.index
    if (token.exec(this.text)?.[5] !== sign) return false
    this.index = token.lastIndex
    return true
  }
}
