import type { Lowering } from '../launch.ts'
import { argumentBlock } from './arguments.ts'
import { depthwisePlaneModule, planeArguments } from './depthwise-plane-module.ts'
import type { DirectConvolution } from './direct.ts'
import type { ImageLayout } from './padded-image.ts'
import { COPY_SLACK, MOST_COPY_BYTES, TILE_ROWS } from './plane-copy.ts'
import { grainFor, wholeLines } from './sizing.ts'

/**
 * Depthwise convolutions of 5×5 and 7×7 with a stride of 1 or 2: a plane is copied into the thread's scratch,
 * with zeros around it, and all taps are read from there. For a stride of 2 even and odd columns lie apart.
 */
export function lowerDepthwisePlane(
  { images, groups, image, source, result, weights, finish }: DirectConvolution,
  scratchOffset: number,
): Lowering {
  const { kernelHeight: side, sourceHeight, sourceWidth, resultHeight, resultWidth, top, left } = image
  const { rows, pitch, bytes } = copyOf(image)
  const stride = image.stepHeight === 2 ? 2 : 1
  const args = argumentBlock(planeArguments, {
    ...finish,
    source,
    result,
    weights: weights.address,
    channels: groups,
    sourceHeight,
    sourceWidth,
    rows: Math.min(sourceHeight, rows - top),
    resultHeight,
    resultWidth,
    left,
    top,
    pitch: 4 * pitch,
    bytes,
  })
  const launch = {
    module: depthwisePlaneModule(side, stride, weights.tap < 0),
    entry: 'plane',
    args,
    units: images * groups,
    grain: grainFor(side * side * resultHeight * resultWidth),
  }
  return { launches: [launch], scratchBytes: scratchOffset, threadScratchBytes: bytes }
}

/** Rows of the copy, floats from one to the next (of each phase of the columns), and bytes. */
function copyOf(image: ImageLayout): { rows: number; pitch: number; bytes: number } {
  const { kernelHeight: side, stepHeight: step, sourceWidth, resultHeight, resultWidth, left } = image
  const rows = step * (resultHeight - 1) + side
  // Of narrow results eight columns are computed, too.
  const columns = Math.max(left + sourceWidth, step * Math.max(7, resultWidth - 1) + side)
  const pitch = Math.ceil(columns / step) + COPY_SLACK
  return { rows, pitch, bytes: wholeLines(4 * rows * pitch * step) }
}

/** Whether it is one of these, large enough for the tiles; `results`: channels of a group's result. */
export function isDepthwisePlane(
  image: ImageLayout,
  results: number,
  { lines, taps }: DirectConvolution['weights'],
): boolean {
  const { kernelHeight: side, kernelWidth, stepHeight, stepWidth } = image
  const { channels, spreadHeight, spreadWidth, dilationHeight, dilationWidth } = image
  const ones = [channels, results, spreadHeight, spreadWidth, dilationHeight, dilationWidth, lines]
  return (
    ones.every((size) => size === 1) &&
    (side === 5 || side === 7) &&
    kernelWidth === side &&
    taps === side * side &&
    stepHeight === stepWidth &&
    stepHeight <= 2 &&
    image.resultHeight >= TILE_ROWS &&
    // A tile stores a vector at the least.
    image.resultWidth >= 4 &&
    image.sourceWidth >= 4 &&
    Math.min(image.top, image.left) >= 0 &&
    copyOf(image).bytes <= MOST_COPY_BYTES
  )
}
