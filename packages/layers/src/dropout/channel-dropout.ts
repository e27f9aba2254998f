import { ShapeError } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { show } from '../arguments.ts'
import { dropBlocks } from './dropout.ts'
import { checkProbability, DropoutLayer, type DropoutOptions } from './dropout-layer.ts'

/**
 * Sets whole channels of sequences to 0 with probability `p`, and divides the others by 1 − p: neighbours say
 * nearly the same, and dropping one of them teaches nothing.
 *
 * @param x `[N, C, L]`
 * @param p in [0, 1)
 * @throws ShapeError when `x` has another rank; ValueError when `p` is outside of [0, 1)
 * @see Tompson et al. 2014, arXiv:1411.4280
 */
export function dropout1d(x: Tensor, p: number, options: DropoutOptions = {}): Tensor {
  return dropChannels('dropout1d', '[N, C, L]', 3, x, p, options)
}

/**
 * `dropout1d` for images.
 *
 * @param x `[N, C, H, W]`
 * @param p in [0, 1)
 * @throws ShapeError when `x` has another rank; ValueError when `p` is outside of [0, 1)
 */
export function dropout2d(x: Tensor, p: number, options: DropoutOptions = {}): Tensor {
  return dropChannels('dropout2d', '[N, C, H, W]', 4, x, p, options)
}

/**
 * `dropout1d` for volumes.
 *
 * @param x `[N, C, D, H, W]`
 * @param p in [0, 1)
 * @throws ShapeError when `x` has another rank; ValueError when `p` is outside of [0, 1)
 */
export function dropout3d(x: Tensor, p: number, options: DropoutOptions = {}): Tensor {
  return dropChannels('dropout3d', '[N, C, D, H, W]', 5, x, p, options)
}

/** `dropout1d` in training, nothing in evaluation. */
export class Dropout1d extends DropoutLayer {
  /** @internal */
  protected override kind(): string {
    return 'Dropout1d'
  }

  /** @internal */
  protected override drop(x: Tensor, p: number, options: DropoutOptions): Tensor {
    return dropout1d(x, p, options)
  }
}

/** `dropout2d` in training, nothing in evaluation. */
export class Dropout2d extends DropoutLayer {
  /** @internal */
  protected override kind(): string {
    return 'Dropout2d'
  }

  /** @internal */
  protected override drop(x: Tensor, p: number, options: DropoutOptions): Tensor {
    return dropout2d(x, p, options)
  }
}

/** `dropout3d` in training, nothing in evaluation. */
export class Dropout3d extends DropoutLayer {
  /** @internal */
  protected override kind(): string {
    return 'Dropout3d'
  }

  /** @internal */
  protected override drop(x: Tensor, p: number, options: DropoutOptions): Tensor {
    return dropout3d(x, p, options)
  }
}

function dropChannels(
  operation: string,
  axes: string,
  rank: number,
  x: Tensor,
  p: number,
  options: DropoutOptions,
): Tensor {
  checkProbability(operation, p)
  if (x.rank !== rank) throw new ShapeError(`${operation}: input is not ${axes}: ${show(x.shape)}`)
  return dropBlocks(x, p, channelBlocks(x), options)
}

/** `[N, C, 1, ...]`: one decision for each channel. @internal */
export function channelBlocks(x: Tensor): number[] {
  return x.shape.map((size, axis) => (axis < 2 ? size : 1))
}
