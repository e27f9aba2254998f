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

// Size and channels
export { resize, type ResizeFilter, type ResizeOptions } from './resize/resize.ts'
export { crop, type Rectangle } from './crop.ts'
export { composite, convert } from './channels.ts'
