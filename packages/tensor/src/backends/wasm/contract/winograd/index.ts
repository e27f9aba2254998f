export { lowerWinograd, type WinogradConvolution } from './convolution.ts'
export {
  stride1,
  stride1WeightGradient,
  stride2,
  stride2InputGradient,
  stride2Of7,
  stride2WeightGradient,
} from './forms.ts'
export { lowerWinogradWeightGradient, type WinogradWeightGradient } from './weight-gradient.ts'
export { TILE } from './tile-blocks.ts'
