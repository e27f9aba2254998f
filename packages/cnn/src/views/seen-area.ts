import { Generator, grad, max, randomNormal, tensor, withGradientRules } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { calledLayer, checkSpatial } from './layer-outputs.ts'
import type { LayerName, ViewedModel } from './model.ts'

/** A part of an image, in pixels. */
export interface Area {
  readonly top: number
  readonly left: number
  readonly height: number
  readonly width: number
}

/** Noise is looked at, since where two values tie or a weight is 0 a gradient may be 0 inside of the field. */
const probes = 4

/**
 * What a position of a layer sees of an image, by the gradient: a pixel outside of its field has none. ReLUs
 * let all of it pass, so that units that happen to be off see as far as others; the channels together leave
 * no pixel out that lost the maximum of a pooling.
 *
 * @param size `[C, H, W]` of the image
 */
export async function seenArea(
  operation: string,
  model: ViewedModel,
  size: readonly number[],
  layer: LayerName,
  [row, column]: readonly [row: number, column: number],
): Promise<Area> {
  const outputOf = (x: Tensor): Tensor => checkSpatial(operation, calledLayer(operation, model, x, layer))
  const slope = withGradientRules({ relu: (gradient) => gradient }, () =>
    grad((x: Tensor) => {
      const output = outputOf(x)
      const [h, w] = output.shape.slice(2) as [number, number]
      const one = Float32Array.from({ length: h * w }, (_, i) => Number(i === row * w + column))
      return output.mul(tensor(one, { shape: [1, 1, h, w] })).sum()
    })(randomNormal([probes, ...size], { generator: new Generator(0) })),
  )
  const [, H, W] = size as [number, number, number]
  return hullOf(await max(slope.abs(), { axis: [0, 1] }).data(), H, W)
}

/** From the first to the last row and column that are not 0 throughout; everything if all are. */
function hullOf(map: ArrayLike<number>, H: number, W: number): Area {
  const axis = (size: number): number[] => Array.from({ length: size }, (_, i) => i)
  const rows = axis(H).filter((row) => axis(W).some((column) => map[row * W + column] !== 0))
  const columns = axis(W).filter((column) => axis(H).some((row) => map[row * W + column] !== 0))
  const [top, left] = [rows[0], columns[0]]
  if (top === undefined || left === undefined) return { top: 0, left: 0, height: H, width: W }
  return { top, left, height: rows.at(-1)! - top + 1, width: columns.at(-1)! - left + 1 }
}
