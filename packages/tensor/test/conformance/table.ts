import type { Row } from './row.ts'
import { composites } from './rows/composites.ts'
import { contractions } from './rows/contractions.ts'
import { elementwise } from './rows/elementwise.ts'
import { movement } from './rows/movement.ts'
import { positions } from './rows/positions.ts'
import { reductions } from './rows/reductions.ts'
import { windows } from './rows/windows.ts'

/** Every operation, in the ways in which it is used. */
export const table: readonly Row[] = [
  ...elementwise,
  ...reductions,
  ...movement,
  ...contractions,
  ...windows,
  ...positions,
  ...composites,
]

const names = table.map(({ name }) => name)
const repeated = names.filter((name, position) => names.indexOf(name) !== position)
if (repeated.length > 0)
  throw new Error(`the conformance table has two rows of one name: ${repeated.join(', ')}`)
