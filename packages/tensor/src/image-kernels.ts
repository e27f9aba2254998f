import { imageRunners } from './backends/reference/images.ts'
import { addRunners } from './backends/reference/runners.ts'
import { imageLowerings } from './backends/wasm/images.ts'
import { addLowerings } from './backends/wasm/lower.ts'

/**
 * Gives every backend its kernels for images. Each operation that begins a convolution or a window calls
 * this, and nothing else reaches those kernels: a third of the code, which a bundler leaves out of programs
 * without images. Gradients need no call, since they are taken of such operations only.
 */
export function bringImageKernels(): void {
  addLowerings(imageLowerings)
  addRunners(imageRunners)
}
