import { type Code, compact, type Constant, constI32, type Operand, push } from './code.ts'
import { unsigned } from './encoding.ts'

/** One byte, or the code of a sub-opcode behind a prefix byte. */
type Opcode = number | readonly [prefix: number, code: number]
type Table = Readonly<Record<string, Opcode>>
type Functions<T extends Table, F> = { readonly [K in keyof T]: F }

export type Unary = (a: Operand) => Code
export type Binary = (a: Operand, b: Operand) => Code
export type Ternary = (a: Operand, b: Operand, c: Operand) => Code
/** Reads at `pointer + offset`; the offset, in bytes, is part of the instruction and costs nothing. */
export type Load = (pointer: Operand, offset?: number) => Code
export type Store = (pointer: Operand, value: Operand, offset?: number) => Code

function opcodeBytes(opcode: Opcode): number | number[] {
  return typeof opcode === 'number' ? opcode : [opcode[0], ...unsigned(opcode[1])]
}

function each<T extends Table, F>(table: T, make: (opcode: number | number[]) => F): Functions<T, F> {
  const functions = Object.entries(table).map(([name, opcode]) => [name, make(opcodeBytes(opcode))])
  return Object.fromEntries(functions) as Functions<T, F>
}

/** The opcodes of one prefix. */
export function prefixed<T extends Readonly<Record<string, number>>>(
  prefix: number,
  table: T,
): { readonly [K in keyof T]: readonly [number, number] } {
  const entries = Object.entries(table).map(([name, code]) => [name, [prefix, code]])
  return Object.fromEntries(entries) as { [K in keyof T]: readonly [number, number] }
}

export function unaries<T extends Table>(constant: Constant, table: T): Functions<T, Unary> {
  return each(table, (opcode) => (a) => [push(a, constant), opcode])
}

export function binaries<T extends Table>(constant: Constant, table: T): Functions<T, Binary> {
  return each(table, (opcode) => (a, b) => [push(a, constant), push(b, constant), opcode])
}

export function ternaries<T extends Table>(constant: Constant, table: T): Functions<T, Ternary> {
  return each(table, (opcode) => (a, b, c) => [
    push(a, constant),
    push(b, constant),
    push(c, constant),
    opcode,
  ])
}

/** Shifts of vectors: the amount is an i32. */
export function shifts<T extends Table>(constant: Constant, table: T): Functions<T, Binary> {
  return each(table, (opcode) => (a, amount) => [push(a, constant), push(amount, constI32), opcode])
}

/** The alignment in an instruction is a hint that engines ignore: none is given. */
const ALIGNMENT = 0

export function loads<T extends Table>(table: T): Functions<T, Load> {
  return each(table, (opcode) => (pointer, offset = 0) => [
    push(pointer, constI32),
    opcode,
    ALIGNMENT,
    compact(offset),
  ])
}

export function stores<T extends Table>(constant: Constant, table: T): Functions<T, Store> {
  return each(table, (opcode) => (pointer, value, offset = 0) => [
    push(pointer, constI32),
    push(value, constant),
    opcode,
    ALIGNMENT,
    compact(offset),
  ])
}
