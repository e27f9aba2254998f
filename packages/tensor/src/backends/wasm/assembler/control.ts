import {
  type Code,
  compact,
  constI32,
  type Label,
  type Local,
  type Operand,
  push,
  type ValueType,
  valueTypes,
} from './code.ts'
import type { FunctionHandle } from './module.ts'
import { i32 } from './scalar.ts'

const EMPTY = 0x40
const ELSE = 0x05

const constantOf = { i32: constI32 } as Partial<Record<ValueType, (value: number) => Code>>

function label(): Label {
  return { kind: 'label' }
}

/** A value for a local: a bare number is allowed for i32. */
function pushFor(target: Local, value: Operand): Code {
  const constant = constantOf[target.type]
  if (typeof value === 'number' && constant === undefined)
    throw new Error(`assembler: a number for a ${target.type} local`)
  return push(value, constant ?? constI32)
}

export const local = {
  get: (source: Local): Code => source.get,
  set: (target: Local, value: Operand): Code => [pushFor(target, value), 0x21, target.index],
  /** Sets, and gives the value. */
  tee: (target: Local, value: Operand): Code => [pushFor(target, value), 0x22, target.index],
}

/** Code that a branch to the label leaves. */
export function block(body: (leave: Label) => Code): Code {
  const here = label()
  return [{ structure: 'block', opcode: 0x02, label: here, result: EMPTY, body: body(here) }]
}

/** Code that a branch to the label starts again; without one it ends. */
export function loop(body: (again: Label) => Code): Code {
  const here = label()
  return [{ structure: 'block', opcode: 0x03, label: here, result: EMPTY, body: body(here) }]
}

/** Statements under a condition (i32). */
export function when(condition: Operand, then: Code, otherwise?: Code): Code {
  const body = otherwise === undefined ? then : [then, ELSE, otherwise]
  return [
    push(condition, constI32),
    { structure: 'block', opcode: 0x04, label: label(), result: EMPTY, body },
  ]
}

/** One of two values, only that one being computed. */
export function choose(type: ValueType, condition: Operand, then: Operand, otherwise: Operand): Code {
  const body = [push(then, constI32), ELSE, push(otherwise, constI32)]
  return [
    push(condition, constI32),
    { structure: 'block', opcode: 0x04, label: label(), result: valueTypes[type], body },
  ]
}

/** `a` if the condition (i32) is not 0, else `b`; both are computed. */
export function select(a: Operand, b: Operand, condition: Operand): Code {
  return [push(a, constI32), push(b, constI32), push(condition, constI32), 0x1b]
}

/** The smaller of two unsigned numbers. */
export function least(a: Local | number, b: Local | number): Code {
  return select(a, b, i32.lt_u(a, b))
}

export function br(target: Label): Code {
  return [{ structure: 'branch', opcode: 0x0c, labels: [target] }]
}

export function br_if(target: Label, condition: Operand): Code {
  return [push(condition, constI32), { structure: 'branch', opcode: 0x0d, labels: [target] }]
}

/** To `labels[index]`, to the last one if there is none. */
export function br_table(labels: readonly Label[], index: Operand): Code {
  return [push(index, constI32), { structure: 'branch', opcode: 0x0e, labels }]
}

export function call(target: FunctionHandle, ...args: readonly Operand[]): Code {
  return [args.map((arg) => push(arg, constI32)), 0x10, compact(target.index)]
}

/** Leaves the function, with its result if it has one. */
export function leave(value?: Operand): Code {
  return [value === undefined ? [] : push(value, constI32), 0x0f]
}

export function drop(value: Operand): Code {
  return [push(value, constI32), 0x1a]
}

export function unreachable(): Code {
  return [0x00]
}

/**
 * `for (index = from; index < to; index += step)`, unsigned; `to` is looked at anew each time round.
 * If `index + step` may pass 2³², it does not end.
 */
export function forRange(index: Local, from: Operand, to: Operand, step: Operand, body: Code): Code {
  return [
    local.set(index, from),
    when(
      i32.lt_u(index, to),
      loop((again) => [body, br_if(again, i32.lt_u(local.tee(index, i32.add(index, step)), to))]),
    ),
  ]
}

/** `while (condition) body`. */
export function whileTrue(condition: Operand, body: Code): Code {
  return when(
    condition,
    loop((again) => [body, br_if(again, condition)]),
  )
}

/** `target += amount` for an i32. */
export function increase(target: Local, amount: Operand): Code {
  return local.set(target, i32.add(target, amount))
}
