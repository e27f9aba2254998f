/**
 * Pixels as decoders give them: 8 bits a channel, the channels of a pixel side by side, rows from the top.
 */
export interface Image {
  readonly width: number
  readonly height: number
  /** 1: grey, 3: red, green, blue, 4: the same and alpha, which is not premultiplied. */
  readonly channels: 1 | 3 | 4
  /** `height · width · channels` values. */
  readonly data: Uint8Array
}
