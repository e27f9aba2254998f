import { type Code, i32, type Operand, when } from '../assembler/index.ts'
import { control } from '../pool/control.ts'

/**
 * Notes that a kernel met an index out of range; `report` is 1 + its position. The first kernel of a program
 * is kept.
 */
export function reportFault(report: Operand): Code {
  const address = 4 * control.fault
  // Kernels run one after the other, so whoever writes here now writes the same.
  return when(i32.eqz(i32.load(address)), i32.store(address, report))
}
