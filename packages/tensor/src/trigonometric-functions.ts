import { addMathFunctions } from './backends/wasm/math/library.ts'
import { atan, cos, sin } from './backends/wasm/math/trigonometry.ts'

/**
 * Teaches the `wasm` backend trigonometry; programs without angles are bundled without it. Gradients need no
 * call, since they are taken of operations that have made it.
 */
export function bringTrigonometricFunctions(): void {
  addMathFunctions({ sin, cos, atan })
}
