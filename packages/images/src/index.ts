// Images
export type { Image } from './image.ts'
