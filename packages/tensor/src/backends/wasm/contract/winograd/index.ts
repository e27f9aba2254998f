export { lowerWinograd, type WinogradConvolution } from './convolution.ts'
