import { ValueError } from '@badak/tensor'
import { descendingOrder } from '../order.ts'
import {
  areaAt,
  checkClasses,
  checkImageResults,
  checkThresholds,
  classIndex,
  intersection,
  type Detections,
  type GroundTruth,
} from './detections.ts'

/**
 * What a detection is:
 * - `correct`: the best of its object, in the right class;
 * - `ignored`: of a crowd or a difficult object, which does not count;
 * - `localisation`: of the right class, and too far off;
 * - `similar`: on an object of a class like its own; `other`: of another one;
 * - `both`: of a wrong class and too far off;
 * - `duplicate`: on an object that a better detection has found;
 * - `background`: on nothing.
 */
export type DetectionKind =
  | 'correct'
  | 'ignored'
  | 'localisation'
  | 'similar'
  | 'other'
  | 'both'
  | 'duplicate'
  | 'background'

/** What errors are told apart by. */
export interface ErrorAnalysisOptions {
  /** The overlap from which on an object is found; default 0.5. */
  iouThreshold?: number
  /** The overlap up to which a detection is on nothing; default 0.1. */
  backgroundThreshold?: number
  /** Groups of names of classes that are easily taken for each other; default none. */
  similar?: readonly (readonly string[])[]
  /** Detections below this score are left aside; default none. */
  scoreThreshold?: number
}

/** What the detections in an image are. */
export interface ImageErrors {
  /** For each detection, what it is; undefined for one below the threshold. */
  readonly kinds: readonly (DetectionKind | undefined)[]
  /** For each detection, the object that says so; −1 for none. */
  readonly objects: Int32Array
  /** Positions of objects that no detection found, nor came near, nor took for another class. */
  readonly missed: readonly number[]
}

/** How many detections of a class are of each kind, and how many of its objects are missed. */
export type ErrorCounts = Record<DetectionKind | 'missed', number>

const noErrors: Readonly<ErrorCounts> = {
  correct: 0,
  ignored: 0,
  localisation: 0,
  similar: 0,
  other: 0,
  both: 0,
  duplicate: 0,
  background: 0,
  missed: 0,
}

/**
 * Sorts the mistakes of a detector by kind, image after image.
 *
 * @example
 * ```ts
 * const analysis = new ErrorAnalysis(['cat', 'dog', 'car'], { similar: [['cat', 'dog']] })
 * analysis.add(detections, truth).kinds // ['correct', 'similar', 'background']
 * analysis.counts().missed
 * ```
 * @see Hoiem, Chodpathumwan & Dai 2012, doi:10.1007/978-3-642-33712-3_25; Bolya, Foley, Hays & Hoffman 2020 (TIDE),
 *   arXiv:2008.08115
 */
export class ErrorAnalysis {
  readonly classes: readonly string[]
  readonly #settings: Required<Omit<ErrorAnalysisOptions, 'similar'>>
  /** For each class, the classes like it. */
  readonly #similar: readonly ReadonlySet<number>[]
  readonly #counts: ErrorCounts[]

  /**
   * @param classes names; labels are positions in them
   * @throws ValueError when there are no classes, two have one name, or an option is out of its range
   * @throws IndexError when a group names no class
   */
  constructor(classes: readonly string[], options: ErrorAnalysisOptions = {}) {
    const name = 'ErrorAnalysis'
    const {
      iouThreshold = 0.5,
      backgroundThreshold = 0.1,
      scoreThreshold = -Infinity,
      similar = [],
    } = options
    this.classes = checkClasses(name, classes)
    checkThresholds(name, [iouThreshold])
    if (!(backgroundThreshold >= 0 && backgroundThreshold < iouThreshold)) {
      throw new ValueError(
        `${name}: backgroundThreshold is not from 0 to below iouThreshold: ${backgroundThreshold}, ${iouThreshold}`,
      )
    }
    this.#settings = { iouThreshold, backgroundThreshold, scoreThreshold }
    if (Number.isNaN(scoreThreshold)) throw new ValueError(`${name}: scoreThreshold is NaN`)
    const groups = similar.map((group) => group.map((which) => classIndex(name, classes, which)))
    this.#similar = classes.map((_, label) => new Set(groups.filter((group) => group.includes(label)).flat()))
    this.#counts = classes.map(() => ({ ...noErrors }))
  }

  /**
   * Takes what was found in an image, and what there is.
   *
   * @throws ShapeError when lists are not of one length
   * @throws IndexError when a label is no class
   * @throws ValueError when a coordinate is not finite, a box ends before it begins, or a score is NaN
   */
  add(detections: Detections, truth: GroundTruth): ImageErrors {
    checkImageResults('ErrorAnalysis', detections, truth, this.classes)
    const image = this.#judge(detections, truth)
    for (const [i, kind] of image.kinds.entries()) if (kind) this.#counts[detections.labels[i]!]![kind]++
    for (const object of image.missed) this.#counts[truth.labels[object]!]!.missed++
    return image
  }

  /**
   * How many detections are of each kind, of all images so far.
   *
   * @param which a class, by its name or position; default all
   * @throws IndexError when there is no such class
   */
  counts(which?: string | number): ErrorCounts {
    if (which !== undefined) return { ...this.#counts[classIndex('ErrorAnalysis', this.classes, which)]! }
    const total = { ...noErrors }
    for (const counts of this.#counts)
      for (const kind of Object.keys(total) as (keyof ErrorCounts)[]) total[kind] += counts[kind]
    return total
  }

  #judge(detections: Detections, truth: GroundTruth): ImageErrors {
    const { iouThreshold, backgroundThreshold, scoreThreshold } = this.#settings
    const { boxes, scores, labels } = detections
    const kinds: (DetectionKind | undefined)[] = Array.from(scores, () => undefined)
    const objects = new Int32Array(scores.length).fill(-1)
    const isFound = new Uint8Array(truth.labels.length)
    const settle = (i: number, kind: DetectionKind, object: number): void => {
      kinds[i] = kind
      objects[i] = object
    }
    const left: number[] = []
    for (const i of descendingOrder(scores)) {
      if (scores[i]! < scoreThreshold) break
      const free = bestOf(
        boxes,
        i,
        truth,
        (g) => truth.labels[g] === labels[i] && !isFound[g] && !isIgnored(truth, g),
      )
      const spared = bestOf(boxes, i, truth, (g) => truth.labels[g] === labels[i] && isIgnored(truth, g))
      if (free.iou >= iouThreshold) {
        isFound[free.object] = 1
        settle(i, 'correct', free.object)
      } else if (spared.iou >= iouThreshold) settle(i, 'ignored', spared.object)
      else left.push(i)
    }
    // Only now is it known which objects are found.
    const isExplained = isFound.slice()
    for (const i of left) {
      const own = bestOf(boxes, i, truth, (g) => truth.labels[g] === labels[i] && !isIgnored(truth, g))
      const wrong = bestOf(boxes, i, truth, (g) => truth.labels[g] !== labels[i] && !isIgnored(truth, g))
      if (own.iou >= iouThreshold) settle(i, 'duplicate', own.object)
      else if (own.iou > backgroundThreshold) settle(i, 'localisation', own.object)
      else if (wrong.iou >= iouThreshold) {
        const isLike = this.#similar[labels[i]!]!.has(truth.labels[wrong.object]!)
        settle(i, isLike ? 'similar' : 'other', wrong.object)
      } else if (wrong.iou > backgroundThreshold) settle(i, 'both', wrong.object)
      else settle(i, 'background', -1)
      // As in TIDE: an object that was found in the wrong class or place is not missed as well.
      if (kinds[i] !== 'both' && objects[i]! >= 0) isExplained[objects[i]!] = 1
    }
    const missed = [...truth.labels.keys()].filter((g) => !isExplained[g] && !isIgnored(truth, g))
    return { kinds, objects, missed }
  }
}

function isIgnored({ isCrowd, isDifficult }: GroundTruth, object: number): boolean {
  return Boolean(isCrowd?.[object]) || Boolean(isDifficult?.[object])
}

/** The object that a detection overlaps most, of those of which `counts` holds. */
function bestOf(
  boxes: Float32Array,
  i: number,
  truth: GroundTruth,
  counts: (object: number) => boolean,
): { object: number; iou: number } {
  let best = { object: -1, iou: 0 }
  for (const object of truth.labels.keys()) {
    if (!counts(object)) continue
    const shared = intersection(boxes, i, truth.boxes, object)
    const own = areaAt(boxes, i)
    const whole = truth.isCrowd?.[object] ? own : own + areaAt(truth.boxes, object) - shared
    if (shared > 0 && shared / whole > best.iou) best = { object, iou: shared / whole }
  }
  return best
}
