import { erf } from './backends/wasm/math/error-function.ts'
import { addMathFunctions } from './backends/wasm/math/library.ts'

/** Teaches the `wasm` backend the error function; programs without it are bundled without it. */
export function bringErrorFunction(): void {
  addMathFunctions({ erf })
}
