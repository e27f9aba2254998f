import { lowerArgSort } from './backends/wasm/kernels/arg-sort.ts'
import { addLowerings } from './backends/wasm/lower.ts'

/** Gives the `wasm` backend the kernel that sorts; programs that sort nothing are bundled without it. */
export function bringSortKernels(): void {
  addLowerings({ argSort: lowerArgSort })
}
