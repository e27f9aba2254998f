import { floorDiv, integerDiv, integerFloorDiv, integerMod, mod } from './backends/wasm/math/division.ts'
import { addMathFunctions } from './backends/wasm/math/library.ts'

/** Teaches the `wasm` backend divisions with a remainder; programs without any are bundled without them. */
export function bringDivisionFunctions(): void {
  addMathFunctions({ floorDiv, mod, integerDiv, integerFloorDiv, integerMod })
}
