import { ValueError } from '@badak/tensor'
import { descendingOrder } from '../order.ts'
import {
  areaAt,
  checkClasses,
  checkImageResults,
  checkThresholds,
  classIndex,
  intersection,
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

/** How Pascal VOC measures. */
export interface VocOptions {
  /** The overlap from which on an object is found; default 0.5. */
  iouThreshold?: number
  /**
   * `'area'` (default): the area under the curve, as from 2010 on; `'11-point'`: the mean of the precision at
   * recalls 0, 0.1 … 1, as until 2009.
   */
  method?: 'area' | '11-point'
  /**
   * Whether x2 and y2 are the last pixels of a box, and not its edges; default false. Boxes read from VOC's files
   * are so: its own numbers come with `true`.
   */
  pixelInclusive?: boolean
}

/** Average precision as Pascal VOC measures it. */
export interface VocSummary {
  /** Mean of the classes that have objects; NaN when none has. */
  readonly mAP: number
  /** AP of each class by its name; NaN for a class without objects. */
  readonly perClass: Readonly<Record<string, number>>
}

/** The detections of one class so far, and how many objects there are. */
interface ClassRecord {
  readonly scores: number[]
  readonly verdicts: number[]
  objects: number
}

/**
 * Average precision as Pascal VOC measures it: from the highest score to the lowest, each detection is held
 * against the object of its class that it overlaps most, and is wrong if that was found before. Objects that are
 * difficult count neither as found nor as missed.
 *
 * @example
 * ```ts
 * const evaluator = new VocEvaluator(['cat', 'dog'], { method: '11-point' })
 * evaluator.add(detections, truth)
 * evaluator.summary().mAP
 * ```
 * @see Everingham et al. 2010, doi:10.1007/s11263-009-0275-4, section 4.2
 */
export class VocEvaluator {
  readonly classes: readonly string[]
  readonly options: Readonly<Required<VocOptions>>
  readonly #records: ClassRecord[]

  /**
   * @param classes names; labels are positions in them
   * @throws ValueError when there are no classes, two have one name, or an option is out of its range
   */
  constructor(classes: readonly string[], options: VocOptions = {}) {
    const { iouThreshold = 0.5, method = 'area', pixelInclusive = false } = options
    this.classes = checkClasses('VocEvaluator', classes)
    checkThresholds('VocEvaluator', [iouThreshold])
    if (method !== 'area' && method !== '11-point')
      throw new ValueError(`VocEvaluator: method is not area or 11-point: ${String(method)}`)
    this.options = { iouThreshold, method, pixelInclusive }
    this.#records = classes.map(() => ({ scores: [], verdicts: [], objects: 0 }))
  }

  /**
   * Takes what was found in an image, and what there is.
   *
   * @throws ShapeError when lists are not of one length
   * @throws IndexError when a label is no class
   * @throws ValueError when a coordinate is not finite, a box ends before it begins, or a score is NaN
   */
  add(detections: Detections, truth: GroundTruth): void {
    checkImageResults('VocEvaluator', detections, truth, this.classes)
    for (const label of new Set([...detections.labels, ...truth.labels])) {
      const record = this.#records[label]!
      const objects = positionsOf(truth.labels, label)
      record.objects += objects.filter((i) => !truth.isDifficult?.[i]).length
      const own = positionsOf(detections.labels, label)
      const isFound = new Set<number>()
      for (const rank of descendingOrder(Float32Array.from(own, (i) => detections.scores[i]!))) {
        const i = own[rank]!
        record.scores.push(detections.scores[i]!)
        record.verdicts.push(this.#judge(detections, i, truth, objects, isFound))
      }
    }
  }

  /** Average precision of all images so far. */
  summary(): VocSummary {
    const values = this.classes.map((name, label) => [name, this.#averagePrecision(label)] as const)
    return { mAP: meanOfNumbers(values.map(([, ap]) => ap)), perClass: Object.fromEntries(values) }
  }

  /**
   * How precision falls as recall rises, for one class.
   *
   * @param which the class, by its name or position
   * @throws IndexError when there is no such class
   */
  curve(which: string | number): PrecisionRecallCurve {
    const { scores, verdicts, objects } = this.#records[classIndex('VocEvaluator', this.classes, which)]!
    const list = Float32Array.from(scores)
    const order = descendingOrder(list)
    return curveOf(
      Float32Array.from(order, (i) => list[i]!),
      Int8Array.from(order, (i) => verdicts[i]!),
      objects,
    )
  }

  #judge(
    detections: Detections,
    i: number,
    truth: GroundTruth,
    objects: readonly number[],
    isFound: Set<number>,
  ): number {
    const extra = this.options.pixelInclusive ? 1 : 0
    let [best, most] = [-1, 0]
    for (const object of objects) {
      const shared = intersection(detections.boxes, i, truth.boxes, object, extra)
      const whole = areaAt(detections.boxes, i, extra) + areaAt(truth.boxes, object, extra) - shared
      const overlap = shared > 0 ? shared / whole : 0
      if (overlap > most) [best, most] = [object, overlap]
    }
    if (best < 0 || most < this.options.iouThreshold) return WRONG
    if (truth.isDifficult?.[best]) return NOT_COUNTED
    if (isFound.has(best)) return WRONG
    isFound.add(best)
    return RIGHT
  }

  #averagePrecision(label: number): number {
    const curve = this.curve(label)
    if (curve.objects === 0) return NaN
    return this.options.method === 'area' ? areaUnder(curve) : elevenPoints(curve)
  }
}

function areaUnder({ recall, precision }: PrecisionRecallCurve): number {
  const highest = envelope(precision)
  return highest.reduce((sum, value, i) => sum + (recall[i]! - (recall[i - 1] ?? 0)) * value, 0)
}

function elevenPoints({ recall, precision, objects }: PrecisionRecallCurve): number {
  const highest = envelope(precision)
  let sum = 0
  for (let point = 0; point <= 10; point++) {
    // In whole objects: 3 of 10 reach 0.3, which 0.1 · 3 in floating point exceeds.
    const at = recall.findIndex((value) => Math.round(value * objects) * 10 >= point * objects)
    sum += highest[at] ?? 0
  }
  return sum / 11
}
