import type { Channels } from './image.ts'

/** Which way up a picture was taken: the value of EXIF's tag, 1 (upright) to 8. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8

/** What the beginning of a file says of its picture. */
export interface Header {
  /** As stored, before the orientation is applied. */
  readonly width: number
  readonly height: number
  readonly channels: Channels
  readonly orientation: Orientation
}
