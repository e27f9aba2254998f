export { lowerMatmul } from './matmul.ts'
export type { EpiloguePass, LowerEpilogue } from './epilogue.ts'
