import { ShapeError, ValueError } from '@badak/tensor'

/**
 * Pixels as decoders give them: 8 bits a channel, the channels of a pixel side by side, rows from the top.
 */
export interface Image {
  readonly width: number
  readonly height: number
  /** 1: grey, 3: red, green, blue, 4: the same and alpha, which is not premultiplied. */
  readonly channels: Channels
  /** `height · width · channels` values. */
  readonly data: Uint8Array
}

/** 1: grey, 3: red, green and blue, 4: the same and alpha. */
export type Channels = 1 | 3 | 4

/**
 * @throws ShapeError when the data are not as many as the sides say
 * @throws ValueError when there are no such channels
 * @internal
 */
export function checkImage(operation: string, { width, height, channels, data }: Image): void {
  checkChannels(operation, channels)
  if (data.length === width * height * channels && width > 0 && height > 0) return
  throw new ShapeError(
    `${operation}: the sides of the image do not fit its data: ${height}x${width}x${channels} for ${data.length} values`,
  )
}

/** @throws ValueError when there are no such channels @internal */
export function checkChannels(operation: string, channels: number): void {
  if (channels === 1 || channels === 3 || channels === 4) return
  throw new ValueError(`${operation}: channels are 1 (grey), 3 (RGB) or 4 (RGBA): ${channels}`)
}
