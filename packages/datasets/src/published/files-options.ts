import type { DecodeImageOptions } from '@badak/images'
import type { ImagesOptions } from '../idx-images/idx-images.ts'

/** Where a data set of many files is found, and how its images are decoded. */
export interface FilesOptions
  extends
    Pick<ImagesOptions, 'directory' | 'cache' | 'download' | 'mirrors' | 'onProgress'>,
    Pick<DecodeImageOptions, 'maxPixels'> {}
