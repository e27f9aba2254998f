import { type Generator, ShapeError, ValueError } from '@badak/tensor'
import type { HostArray } from '../host-batch.ts'

/** A batch whose samples can be mixed: images `[N, C, H, W]` and classes `[N]`, or probabilities `[N, classes]`. */
export interface MixableBatch {
  readonly x: HostArray
  readonly t: HostArray
}

/** Mixes the samples of a batch; whatever else it holds passes unchanged. */
export type Mix = <B extends MixableBatch>(batch: B, generator: Generator) => B

/** How samples are mixed. */
export interface MixOptions {
  /** How many classes there are: targets become a probability for each. */
  readonly classes: number
  /** The part that each sample keeps is drawn from Beta(alpha, alpha); default 0.2 for mixup, 1 for cutmix. */
  readonly alpha?: number
}

/**
 * Mixes each sample of a batch with another one, images and targets alike: `λ · sample + (1 − λ) · other`. For
 * `sampleDataset({ mix })`. The target becomes float32 `[N, classes]`, which `softmaxCrossEntropy` takes.
 *
 * @throws ValueError unless classes is an integer from 1 and alpha above 0
 * @throws ShapeError (on a batch) when the batch has no images and classes
 * @see Zhang et al. 2018, "mixup: Beyond empirical risk minimization", arXiv:1710.09412
 */
export function mixup({ classes, alpha = 0.2 }: MixOptions): Mix {
  checkMix('mixup', classes, alpha)
  return <B extends MixableBatch>(batch: B, generator: Generator): B => {
    const { data, size } = imagesOf('mixup', batch)
    const kept = beta(alpha, generator)
    withOther(data, size, (own, other) => {
      for (let i = 0; i < size; i++) own[i] = kept * own[i]! + (1 - kept) * other[i]!
    })
    return { ...batch, t: mixedTargets('mixup', batch.t, classes, kept) }
  }
}

/**
 * Pastes a rectangle of another sample into each sample of a batch, and mixes the targets by area. For
 * `sampleDataset({ mix })`. The target becomes float32 `[N, classes]`.
 *
 * @throws ValueError unless classes is an integer from 1 and alpha above 0
 * @throws ShapeError (on a batch) when the batch has no images and classes
 * @see Yun et al. 2019, "CutMix", arXiv:1905.04899
 */
export function cutmix({ classes, alpha = 1 }: MixOptions): Mix {
  checkMix('cutmix', classes, alpha)
  return <B extends MixableBatch>(batch: B, generator: Generator): B => {
    const { data, size, height, width } = imagesOf('cutmix', batch)
    const side = Math.sqrt(1 - beta(alpha, generator))
    const [h, w] = [Math.trunc((height * side) / 2), Math.trunc((width * side) / 2)]
    const [y, x] = [generator.integers(height), generator.integers(width)]
    const [top, bottom] = [Math.max(y - h, 0), Math.min(y + h, height)]
    const [left, right] = [Math.max(x - w, 0), Math.min(x + w, width)]
    withOther(data, size, (own, other) => {
      for (let plane = 0; plane < size; plane += height * width) {
        for (let row = plane + top * width; row < plane + bottom * width; row += width)
          own.set(other.subarray(row + left, row + right), row + left)
      }
    })
    const kept = 1 - ((bottom - top) * (right - left)) / (height * width)
    return { ...batch, t: mixedTargets('cutmix', batch.t, classes, kept) }
  }
}

function checkMix(operation: string, classes: number, alpha: number): void {
  if (!Number.isInteger(classes) || classes < 1) {
    throw new ValueError(`${operation}: classes must be an integer from 1: ${classes}`)
  }
  if (!(alpha > 0 && Number.isFinite(alpha)))
    throw new ValueError(`${operation}: alpha must be above 0: ${alpha}`)
}

function imagesOf(
  operation: string,
  { x, t }: Partial<MixableBatch>,
): { data: Float32Array; size: number; height: number; width: number } {
  if (x && t && x.data instanceof Float32Array && x.shape.length === 4 && t.shape[0] === x.shape[0]) {
    const [, channels, height, width] = x.shape as [number, number, number, number]
    return { data: x.data, size: channels * height * width, height, width }
  }
  throw new ShapeError(
    `${operation}: expected x [N,C,H,W] and t [N]: [${x?.shape ?? ''}] and [${t?.shape ?? ''}]`,
  )
}

/** Changes every row, with the row before it as it was; the one before the first is the last. */
function withOther(
  data: Float32Array,
  size: number,
  mix: (own: Float32Array, other: Float32Array) => void,
): void {
  const rows = data.length / size
  const last = data.slice((rows - 1) * size)
  for (let n = rows - 1; n >= 0; n--) {
    const other = n === 0 ? last : data.subarray((n - 1) * size, n * size)
    mix(data.subarray(n * size, (n + 1) * size), other)
  }
}

function mixedTargets(
  operation: string,
  { data, shape }: HostArray,
  classes: number,
  kept: number,
): HostArray {
  const rows = shape[0]!
  const own = new Float32Array(rows * classes)
  for (let n = 0; n < rows; n++) {
    if (shape.length === 1) {
      const label = data[n]!
      if (!(label >= 0 && label < classes)) {
        throw new ValueError(`${operation}: there are ${classes} classes: ${label}`)
      }
      own[n * classes + label] = 1
    } else if (shape[1] === classes) {
      for (let c = 0; c < classes; c++) own[n * classes + c] = data[n * classes + c]!
    } else {
      throw new ShapeError(`${operation}: probabilities of ${classes} classes: [${shape}]`)
    }
  }
  withOther(own, classes, (target, other) => {
    for (let c = 0; c < classes; c++) target[c] = kept * target[c]! + (1 - kept) * other[c]!
  })
  return { data: own, shape: [rows, classes] }
}

/** A number from Beta(alpha, alpha). */
function beta(alpha: number, generator: Generator): number {
  const [a, b] = [gamma(alpha, generator), gamma(alpha, generator)]
  // Both vanish together only where alpha is tiny: then one or the other takes all.
  return a + b > 0 ? a / (a + b) : generator.integers(2)
}

/** A number from Gamma(shape, 1). @see Marsaglia & Tsang 2000, "A simple method for generating gamma variables" */
function gamma(shape: number, generator: Generator): number {
  if (shape < 1) return gamma(shape + 1, generator) * (1 - generator.uniform()) ** (1 / shape)
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const normal =
      Math.sqrt(-2 * Math.log(1 - generator.uniform())) * Math.cos(2 * Math.PI * generator.uniform())
    const v = (1 + c * normal) ** 3
    if (v > 0 && Math.log(1 - generator.uniform()) < 0.5 * normal ** 2 + d - d * v + d * Math.log(v))
      return d * v
  }
}
