import { cumulativeSumGradient } from './autograd/cumulative-sum-gradient.ts'
import { addGradients } from './autograd/gradients.ts'
import { lowerCumulativeSum } from './backends/wasm/kernels/cumulative-sum.ts'
import { addLowerings } from './backends/wasm/lower.ts'

/** Gives the `wasm` backend its kernel for running sums, and those their gradient; others do without both. */
export function bringCumulativeSumKernels(): void {
  addLowerings({ cumulativeSum: lowerCumulativeSum })
  addGradients({ cumulativeSum: cumulativeSumGradient })
}
