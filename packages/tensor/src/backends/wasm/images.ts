import { lowerConvolution } from './contract/convolution.ts'
import { lowerEpilogue } from './kernels/epilogue.ts'
import { lowerTranspose } from './kernels/transpose.ts'
import { lowerWindow } from './kernels/window.ts'
import type { BroughtLowerings } from './lower.ts'

export const imageLowerings: BroughtLowerings = {
  convolution: (kernel, { target, convolutionAlgorithm }) =>
    lowerConvolution(kernel, target, lowerEpilogue, convolutionAlgorithm),
  window: (kernel) => lowerWindow(kernel),
  transpose: lowerTranspose,
}
