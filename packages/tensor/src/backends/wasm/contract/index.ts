export { lowerMatmul } from './matmul.ts'
export { lowerConvolution } from './convolution.ts'
export type { EpiloguePass } from './epilogue.ts'
