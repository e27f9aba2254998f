import { addGradients } from './autograd/gradients.ts'
import { imageGradients } from './autograd/image-gradients.ts'
import { imageRunners } from './backends/reference/images.ts'
import { addRunners } from './backends/reference/runners.ts'
import { imageLowerings } from './backends/wasm/images.ts'
import { addLowerings } from './backends/wasm/lower.ts'

/**
 * Gives every backend its kernels for images, and images their gradients. Each operation that begins a
 * convolution or a window calls this, and nothing else reaches them: a third of the code, which a bundler
 * leaves out of programs without images. Gradients need no call, since they are taken of such operations only.
 */
export function bringImageKernels(): void {
  addLowerings(imageLowerings)
  addRunners(imageRunners)
  addGradients(imageGradients)
}
