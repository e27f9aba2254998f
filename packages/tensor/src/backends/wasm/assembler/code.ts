import { bytesOfF32, bytesOfF64, signed, unsigned } from './encoding.ts'

/** Binary codes of the value types. */
export const valueTypes = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b } as const
export type ValueType = keyof typeof valueTypes

/** A parameter or a local variable of a function. Used as an operand it stands for `local.get`. */
export class Local {
  readonly index: number
  readonly type: ValueType

  constructor(index: number, type: ValueType) {
    this.index = index
    this.type = type
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

export const constI32: Constant = (value) => [0x41, ...signed(value | 0)]
export const constI64: Constant = (value) => [0x42, ...signed(value)]
export const constF32: Constant = (value) => [0x43, ...bytesOfF32(value)]
export const constF64: Constant = (value) => [0x44, ...bytesOfF64(value)]

/** An operand as code. */
export function push(operand: Operand, constant: Constant): Code {
  if (typeof operand === 'number') return constant(operand)
  if (operand instanceof Local) return [0x20, ...unsigned(operand.index)]
  return operand
}

const END = 0x0b

/**
 * Writes `code` as bytes at the end of `out`.
 *
 * @param labels those that enclose the code, innermost last; a branch is encoded as the distance to its label
 */
export function emit(code: Code, out: number[], labels: Label[] = []): void {
  for (const part of code) {
    if (typeof part === 'number') out.push(part)
    else if (!('structure' in part)) emit(part, out, labels)
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

function distance(label: Label, labels: readonly Label[]): number {
  const at = labels.lastIndexOf(label)
  if (at < 0) throw new Error('assembler: branch to a label that does not enclose it')
  return labels.length - 1 - at
}
