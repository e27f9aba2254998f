export { lowerMatmul } from './matmul.ts'
export type { ConvolutionAlgorithm } from './choose-convolution.ts'
export { lowerConvolution } from './convolution.ts'
export type { EpiloguePass } from './epilogue.ts'
