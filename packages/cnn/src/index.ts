// Convolution
export { Conv1d, Conv2d, type ConvOptions } from './convolution.ts'
export type { PairLike } from '@badak/tensor'
export type { Pair } from './size.ts'

// Pooling
export { AvgPool2d, MaxPool2d, type AvgPool2dOptions, type MaxPool2dOptions } from './pooling.ts'
export {
  AdaptiveAvgPool2d,
  AdaptiveMaxPool2d,
  GlobalAvgPool2d,
  type AdaptivePair,
  type AdaptiveSize,
} from './adaptive-pooling.ts'

// Convolution as a product of matrices, to learn from
export { col2im, im2col, type Im2colOptions } from './im2col.ts'
