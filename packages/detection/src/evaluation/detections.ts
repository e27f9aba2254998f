import { IndexError, ShapeError, ValueError } from '@badak/tensor'
import { checkPerBox, checkScores, checkUpright, countBoxes } from '../boxes/box-rows.ts'

/** What a detector found in an image. */
export interface Detections {
  /** `[N, 4]`, rows `x1, y1, x2, y2` in pixels. */
  readonly boxes: Float32Array
  /** `[N]`. */
  readonly scores: Float32Array
  /** `[N]`: positions in the list of classes. */
  readonly labels: Int32Array
}

/** What there is in an image. */
export interface GroundTruth {
  /** `[M, 4]`, rows `x1, y1, x2, y2` in pixels. */
  readonly boxes: Float32Array
  /** `[M]`: positions in the list of classes. */
  readonly labels: Int32Array
  /** `[M]`: whether a box stands for a crowd, as in COCO; default none does. */
  readonly isCrowd?: ArrayLike<boolean | number>
  /** `[M]`: whether an object counts neither as found nor as missed, as in Pascal VOC; default none. */
  readonly isDifficult?: ArrayLike<boolean | number>
  /** `[M]`: areas of the objects in square pixels, where they are not those of their boxes, as in COCO. */
  readonly areas?: ArrayLike<number>
}

/** @throws ValueError when there are no classes, or two have one name @internal */
export function checkClasses(operation: string, classes: readonly string[]): readonly string[] {
  if (classes.length === 0) throw new ValueError(`${operation}: there are no classes`)
  const twice = classes.find((name, i) => classes.indexOf(name) !== i)
  if (twice !== undefined) throw new ValueError(`${operation}: two classes have the name ${twice}`)
  return classes
}

/**
 * @throws ShapeError when lists are not of one length
 * @throws IndexError when a label is no class
 * @throws ValueError when a coordinate is not finite, a box ends before it begins, or a score is NaN
 * @internal
 */
export function checkImageResults(
  operation: string,
  found: Detections,
  truth: GroundTruth,
  classes: readonly string[],
): void {
  const detections = countBoxes(operation, found.boxes, 'detections')
  checkUpright(operation, found.boxes, 'detections')
  checkPerBox(operation, 'scores', found.scores, detections)
  checkPerBox(operation, 'labels', found.labels, detections)
  checkScores(operation, found.scores)
  const objects = countBoxes(operation, truth.boxes, 'objects')
  checkUpright(operation, truth.boxes, 'objects')
  checkPerBox(operation, 'labels of objects', truth.labels, objects)
  for (const [what, list] of [
    ['isCrowd', truth.isCrowd],
    ['isDifficult', truth.isDifficult],
    ['areas', truth.areas],
  ] as const) {
    if (list) checkPerBox(operation, what, list, objects)
  }
  for (const label of [...found.labels, ...truth.labels]) {
    if (label < 0 || label >= classes.length)
      throw new IndexError(`${operation}: there is no class ${label}, of ${classes.length}`)
  }
}

/** Position of a class by its name or position. @throws IndexError @internal */
export function classIndex(operation: string, classes: readonly string[], which: string | number): number {
  const index = typeof which === 'number' ? which : classes.indexOf(which)
  if (classes[index] === undefined) throw new IndexError(`${operation}: there is no class ${which}`)
  return index
}

/** Positions of the entries of `labels` that are `label`. @internal */
export function positionsOf(labels: Int32Array, label: number): number[] {
  const positions: number[] = []
  for (const [i, value] of labels.entries()) if (value === label) positions.push(i)
  return positions
}

/** Intersection of two boxes by their positions in lists, in double precision, with `extra` pixels a side. @internal */
export function intersection(a: Float32Array, i: number, b: Float32Array, j: number, extra = 0): number {
  const width = Math.min(a[4 * i + 2]!, b[4 * j + 2]!) - Math.max(a[4 * i]!, b[4 * j]!) + extra
  const height = Math.min(a[4 * i + 3]!, b[4 * j + 3]!) - Math.max(a[4 * i + 1]!, b[4 * j + 1]!) + extra
  return width > 0 && height > 0 ? width * height : 0
}

/** Area of a box by its position in a list, in double precision. @internal */
export function areaAt(boxes: Float32Array, i: number, extra = 0): number {
  return (boxes[4 * i + 2]! - boxes[4 * i]! + extra) * (boxes[4 * i + 3]! - boxes[4 * i + 1]! + extra)
}

/** Overlap thresholds. @throws ValueError, ShapeError when there are none or more than bits @internal */
export function checkThresholds(operation: string, thresholds: readonly number[]): readonly number[] {
  if (thresholds.length === 0 || thresholds.length > 31)
    throw new ShapeError(`${operation}: thresholds are 1 to 31: ${thresholds.length}`)
  const bad = thresholds.find((value) => !(value > 0 && value <= 1))
  if (bad !== undefined) throw new ValueError(`${operation}: a threshold is not above 0 and up to 1: ${bad}`)
  return thresholds
}
