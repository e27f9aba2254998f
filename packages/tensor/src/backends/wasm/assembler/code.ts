import { bytesOfF32, bytesOfF64, signed, unsigned } from './encoding.ts'

/** Binary codes of the value types. */
export const valueTypes = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const
export type ValueType = keyof typeof valueTypes

/** A parameter or a local variable of a function. Used as an operand it stands for `local.get`. */
export class Local {
  readonly type: ValueType
  /** Its index, encoded. */
  readonly index: number | Code
  /** `local.get`: one piece of code, however often it is used. */
  readonly get: Code

  constructor(index: number, type: ValueType) {
    this.type = type
    this.index = compact(index)
    this.get = [0x20, this.index]
  }
}

/** A place to branch to: the end of a `block`, the start of a `loop`. Known by identity. */
export interface Label {
  readonly kind: 'label'
}

/** A structured instruction with its body, or a branch to one of those around it. */
type Structure =
  | {
      readonly structure: 'block'
      readonly opcode: number
      readonly label: Label
      readonly result: number
      readonly body: Code
    }
  | { readonly structure: 'branch'; readonly opcode: number; readonly labels: readonly Label[] }

/** Instructions: bytes, nested in any way that suits the writer. A list of statements is code again. */
export type Code = readonly (number | Code | Structure)[]

/**
 * What an instruction works on: an expression, a local variable, or a number for a constant of the
 * instruction's type.
 */
export type Operand = Code | Local | number

/** How a number given as an operand becomes code. */
export type Constant = (value: number) => Code

export const constI32: Constant = (value) =>
  value >= 0 && value < 64 ? [0x41, value | 0] : [0x41, ...signed(value | 0)]
export const constI64: Constant = (value) => [0x42, ...signed(value)]
export const constF32: Constant = (value) => [0x43, ...bytesOfF32(value)]
export const constF64: Constant = (value) => [0x44, ...bytesOfF64(value)]

/** An operand as code. */
export function push(operand: Operand, constant: Constant): Code {
  if (typeof operand === 'number') return constant(operand)
  return operand instanceof Local ? operand.get : operand
}

/** An unsigned number within code: most are a byte, and need no list around it. */
export function compact(value: number): number | Code {
  return value < 128 ? value : unsigned(value)
}

const END = 0x0b

/**
 * Writes `code` as bytes at the end of `out`. It runs a hundred thousand times before an engine has compiled it: plain
 * loops are several times faster then.
 *
 * @param labels those that enclose the code, innermost last; a branch is encoded as the distance to its label
 */
export function emit(code: Code, out: number[], labels: Label[] = []): void {
  for (let k = 0; k < code.length; k++) {
    const part = code[k]
    if (typeof part === 'number') out.push(part)
    else if (isList(part)) emit(part, out, labels)
    else if (part.structure === 'block') {
      out.push(part.opcode, part.result)
      labels.push(part.label)
      emit(part.body, out, labels)
      labels.pop()
      out.push(END)
    } else {
      out.push(part.opcode)
      const distances = part.labels.map((label) => distance(label, labels))
      // A branch table counts its targets, all but the default one at the end.
      if (part.opcode === 0x0e) out.push(...unsigned(distances.length - 1))
      for (const depth of distances) out.push(...unsigned(depth))
    }
  }
}

const isList: (part: Code | Structure) => part is Code = Array.isArray as never

function distance(label: Label, labels: readonly Label[]): number {
  const at = labels.lastIndexOf(label)
  if (at < 0) throw new Error('assembler: branch to a label that does not enclose it')
  return labels.length - 1 - at
}
