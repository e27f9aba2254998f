export { lowerWinograd, type WinogradConvolution } from './convolution.ts'
export { lowerWinogradWeightGradient, type WinogradWeightGradient } from './weight-gradient.ts'
export { TILE } from './tile-blocks.ts'
