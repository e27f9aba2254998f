// Convolution
export { Conv1d, Conv2d, type ConvOptions } from './convolution.ts'
export type { PairLike } from '@badak/tensor'
export type { Pair } from './size.ts'

// Pooling
export { AvgPool2d, MaxPool2d, type AvgPool2dOptions, type MaxPool2dOptions } from './pooling.ts'

// Convolution as a product of matrices, to learn from
export { col2im, im2col, type Im2colOptions } from './im2col.ts'
