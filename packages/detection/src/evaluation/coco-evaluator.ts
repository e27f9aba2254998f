import { ValueError } from '@badak/tensor'
import { descendingOrder } from '../order.ts'
import { matchImage, type AreaRange, type ImageMatches } from './coco-matching.ts'
import {
  checkClasses,
  checkImageResults,
  checkThresholds,
  classIndex,
  positionsOf,
  type Detections,
  type GroundTruth,
} from './detections.ts'
import {
  NOT_COUNTED,
  RIGHT,
  WRONG,
  curveOf,
  envelope,
  meanOfNumbers,
  type PrecisionRecallCurve,
} from './precision-recall.ts'

/** What the COCO evaluation looks at. */
export interface CocoOptions {
  /** Overlaps from which on an object is found; default 0.5, 0.55 … 0.95. */
  iouThresholds?: readonly number[]
  /** How many detections of a class in an image count, the last for AP; default 1, 10, 100. */
  maxDetections?: readonly [number, number, number]
}

/** The twelve numbers of COCO. Each is NaN where there is no object to find. */
export interface CocoSummary {
  /** Average precision, mean of the overlap thresholds and the classes. */
  readonly AP: number
  /** Average precision at an overlap of 0.5. */
  readonly AP50: number
  /** Average precision at an overlap of 0.75. */
  readonly AP75: number
  /** AP of objects up to 32² pixels. */
  readonly APSmall: number
  /** AP of objects from 32² to 96² pixels. */
  readonly APMedium: number
  /** AP of objects from 96² pixels. */
  readonly APLarge: number
  /** Average recall with one detection of a class in an image. */
  readonly AR1: number
  /** Average recall with ten. */
  readonly AR10: number
  /** Average recall with a hundred. */
  readonly AR100: number
  readonly ARSmall: number
  readonly ARMedium: number
  readonly ARLarge: number
}

/** Detections from the highest score to the lowest. */
interface Ranking {
  readonly scores: Float32Array
  /** For each, the image and the place in it. */
  readonly origins: Int32Array
}

/** The sizes of objects that COCO tells apart. */
export type ObjectSize = 'all' | 'small' | 'medium' | 'large'

const ranges: Record<ObjectSize, AreaRange> = {
  all: [0, 1e5 ** 2],
  small: [0, 32 ** 2],
  medium: [32 ** 2, 96 ** 2],
  large: [96 ** 2, 1e5 ** 2],
}
const sizes = Object.keys(ranges) as ObjectSize[]

/** From first to last as NumPy's linspace has it, to the last bit: what lies at a threshold depends on it. */
function linspace(first: number, last: number, count: number): number[] {
  const step = (last - first) / (count - 1)
  return Array.from({ length: count }, (_, i) => (i === count - 1 ? last : first + i * step))
}

const cocoThresholds: readonly number[] = linspace(0.5, 0.95, 10)
const recalls: readonly number[] = linspace(0, 1, 101)

/**
 * Average precision and recall as COCO measures them, equal to pycocotools. Images are added one after the other;
 * what is kept of each is small.
 *
 * @example
 * ```ts
 * const evaluator = new CocoEvaluator(['cat', 'dog'])
 * evaluator.add(detections, truth)
 * evaluator.summary().AP50
 * ```
 * @see Lin et al. 2014, arXiv:1405.0312; https://cocodataset.org/#detection-eval
 */
export class CocoEvaluator {
  readonly classes: readonly string[]
  readonly iouThresholds: readonly number[]
  readonly maxDetections: readonly [number, number, number]
  /** For each class, the images that have an object or a detection of it. */
  readonly #images: ImageMatches[][]
  /** What `#ranked` has found since the last image. */
  readonly #rankings = new Map<number, Ranking>()

  /**
   * @param classes names; labels are positions in them
   * @throws ValueError when there are no classes, two have one name, or an option is out of its range
   * @throws ShapeError when there are no thresholds, or more than 31
   */
  constructor(classes: readonly string[], options: CocoOptions = {}) {
    this.classes = checkClasses('CocoEvaluator', classes)
    const { iouThresholds = cocoThresholds, maxDetections = [1, 10, 100] } = options
    this.iouThresholds = checkThresholds('CocoEvaluator', iouThresholds)
    if (
      maxDetections.length !== 3 ||
      maxDetections.some((n, i) => !Number.isSafeInteger(n) || n < (maxDetections[i - 1] ?? 1))
    )
      throw new ValueError(
        `CocoEvaluator: maxDetections are not three ascending integers: ${maxDetections.join(', ')}`,
      )
    this.maxDetections = maxDetections
    this.#images = classes.map(() => [])
  }

  /**
   * Takes what was found in an image, and what there is.
   *
   * @throws ShapeError when lists are not of one length
   * @throws IndexError when a label is no class
   * @throws ValueError when a coordinate is not finite, a box ends before it begins, or a score is NaN
   */
  add(detections: Detections, truth: GroundTruth): void {
    checkImageResults('CocoEvaluator', detections, truth, this.classes)
    const settings = {
      thresholds: this.iouThresholds,
      ranges: sizes.map((size) => ranges[size]),
      limit: this.maxDetections[2],
    }
    for (const label of new Set([...detections.labels, ...truth.labels])) {
      this.#rankings.delete(label)
      const ofClass = {
        detections: positionsOf(detections.labels, label),
        objects: positionsOf(truth.labels, label),
      }
      this.#images[label]!.push(matchImage(detections, truth, ofClass, settings))
    }
  }

  /** The twelve numbers, of all images so far. AP50 and AP75 are NaN unless these are among the thresholds. */
  summary(): CocoSummary {
    const [one, ten, hundred] = this.maxDetections
    const all = this.#images.map((_, label) => label)
    const at = (threshold: number, label: number): number => {
      const position = this.iouThresholds.findIndex((value) => Math.abs(value - threshold) < 1e-9)
      return position < 0 ? NaN : this.#averagePrecision(label, position, 'all')
    }
    const recall = (size: ObjectSize, limit: number): number =>
      meanOfNumbers(this.#eachThreshold(all, (label, t) => this.#recall(label, t, size, limit)))
    return {
      AP: this.#meanPrecision(all, 'all'),
      AP50: meanOfNumbers(all.map((label) => at(0.5, label))),
      AP75: meanOfNumbers(all.map((label) => at(0.75, label))),
      APSmall: this.#meanPrecision(all, 'small'),
      APMedium: this.#meanPrecision(all, 'medium'),
      APLarge: this.#meanPrecision(all, 'large'),
      AR1: recall('all', one),
      AR10: recall('all', ten),
      AR100: recall('all', hundred),
      ARSmall: recall('small', hundred),
      ARMedium: recall('medium', hundred),
      ARLarge: recall('large', hundred),
    }
  }

  /** AP of each class by its name, mean of the overlap thresholds; NaN for a class without objects. */
  perClass(size: ObjectSize = 'all'): Record<string, number> {
    return Object.fromEntries(this.classes.map((name, label) => [name, this.#meanPrecision([label], size)]))
  }

  /**
   * How precision falls as recall rises, for one class at one of the overlap thresholds.
   *
   * @param which the class, by its name or position
   * @throws IndexError when there is no such class
   * @throws ValueError when there is no such threshold
   */
  curve(which: string | number, iouThreshold = 0.5, size: ObjectSize = 'all'): PrecisionRecallCurve {
    const label = classIndex('CocoEvaluator', this.classes, which)
    const position = this.iouThresholds.findIndex((value) => Math.abs(value - iouThreshold) < 1e-9)
    if (position < 0) throw new ValueError(`CocoEvaluator: ${iouThreshold} is not among the thresholds`)
    return this.#curve(label, position, size)
  }

  #curve(label: number, threshold: number, size: ObjectSize): PrecisionRecallCurve {
    const images = this.#images[label]!
    const range = sizes.indexOf(size)
    const { scores, origins } = this.#ranked(label)
    const verdicts = new Int8Array(scores.length)
    for (let i = 0; i < scores.length; i++) {
      const { found, ignored } = images[origins[2 * i]!]!
      const d = origins[2 * i + 1]!
      if ((ignored[range]![d]! >> threshold) & 1) verdicts[i] = NOT_COUNTED
      else verdicts[i] = (found[range]![d]! >> threshold) & 1 ? RIGHT : WRONG
    }
    const objects = images.reduce((sum, image) => sum + image.objects[range]!, 0)
    return curveOf(scores, verdicts, objects)
  }

  /** The detections of a class in all images by score: the same for every threshold and size. */
  #ranked(label: number): Ranking {
    const known = this.#rankings.get(label)
    if (known) return known
    const images = this.#images[label]!
    const list = Float32Array.from(images.flatMap(({ scores }) => [...scores]))
    const places = images.flatMap(({ scores }, image) => Array.from(scores, (_, d) => [image, d] as const))
    const order = descendingOrder(list)
    const ranking = { scores: new Float32Array(list.length), origins: new Int32Array(2 * list.length) }
    for (const [rank, i] of order.entries()) {
      ranking.scores[rank] = list[i]!
      ranking.origins.set(places[i]!, 2 * rank)
    }
    this.#rankings.set(label, ranking)
    return ranking
  }

  /** Mean of the precision at 101 recalls; NaN without objects. */
  #averagePrecision(label: number, threshold: number, size: ObjectSize): number {
    const curve = this.#curve(label, threshold, size)
    if (curve.objects === 0) return NaN
    const highest = envelope(curve.precision)
    let sum = 0
    let at = 0
    for (const recall of recalls) {
      while (at < highest.length && curve.recall[at]! < recall) at++
      sum += highest[at] ?? 0
    }
    return sum / recalls.length
  }

  /** The share of the objects that is found, which needs no order; NaN without objects. */
  #recall(label: number, threshold: number, size: ObjectSize, limit: number): number {
    const range = sizes.indexOf(size)
    let [right, objects] = [0, 0]
    for (const image of this.#images[label]!) {
      const [found, ignored] = [image.found[range]!, image.ignored[range]!]
      objects += image.objects[range]!
      for (let d = 0; d < Math.min(found.length, limit); d++)
        right += ((found[d]! & ~ignored[d]!) >> threshold) & 1
    }
    return objects === 0 ? NaN : right / objects
  }

  #meanPrecision(labels: readonly number[], size: ObjectSize): number {
    return meanOfNumbers(this.#eachThreshold(labels, (label, t) => this.#averagePrecision(label, t, size)))
  }

  #eachThreshold(labels: readonly number[], of: (label: number, threshold: number) => number): number[] {
    return labels.flatMap((label) => this.iouThresholds.map((_, t) => of(label, t)))
  }
}
