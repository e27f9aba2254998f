// Images
export type { Channels, Image } from './image.ts'

// Files
export {
  decodeImage,
  imageInfo,
  type DecodeImageOptions,
  type ImageFormat,
  type ImageInfo,
} from './decode.ts'
export { loadImage } from './load.ts'
export { decodeLabelMap, type LabelMapOptions, loadLabelMap } from './label-map.ts'
export { encodeJPEG, encodePNG, type EncodeJPEGOptions, type EncodePNGOptions } from './encode.ts'

// Tensors
export { toTensor, type ToTensorOptions } from './tensors/to-tensor.ts'
export { fromTensor } from './tensors/from-tensor.ts'
export type { Statistics } from './tensors/statistics.ts'

// Size and channels
export { resize, type ResizeFilter, type ResizeOptions } from './resize/resize.ts'
export { crop, type Rectangle } from './crop.ts'
export { composite, convert } from './channels.ts'
