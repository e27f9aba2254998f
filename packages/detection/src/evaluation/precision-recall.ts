/** How precision falls as recall rises, as the threshold for scores is lowered. */
export interface PrecisionRecallCurve {
  /** Share of the objects that are found, after each detection, from the highest score to the lowest. */
  readonly recall: Float64Array
  /** Share of the detections that are right. */
  readonly precision: Float64Array
  /** The score of each detection. */
  readonly scores: Float32Array
  /** How many objects there are. */
  readonly objects: number
}

/** Whether a detection is right, wrong, or does not count. */
export const RIGHT = 1
export const WRONG = 0
export const NOT_COUNTED = -1

/** A curve of detections in order. Those that do not count are left out. */
export function curveOf(scores: Float32Array, verdicts: Int8Array, objects: number): PrecisionRecallCurve {
  let counted = 0
  for (const verdict of verdicts) if (verdict !== NOT_COUNTED) counted++
  const curve = {
    recall: new Float64Array(counted),
    precision: new Float64Array(counted),
    scores: new Float32Array(counted),
    objects,
  }
  let right = 0
  let at = 0
  for (let i = 0; i < verdicts.length; i++) {
    const verdict = verdicts[i]!
    if (verdict === NOT_COUNTED) continue
    if (verdict === RIGHT) right++
    curve.scores[at] = scores[i]!
    curve.recall[at] = right / objects
    curve.precision[at] = right / ++at
  }
  return curve
}

/** The highest precision at this or any higher recall. */
export function envelope(precision: Float64Array): Float64Array {
  const highest = precision.slice()
  for (let i = highest.length - 2; i >= 0; i--) highest[i] = Math.max(highest[i]!, highest[i + 1]!)
  return highest
}

/** The mean of what is a number; NaN of nothing. */
export function meanOfNumbers(values: Iterable<number>): number {
  let [sum, count] = [0, 0]
  for (const value of values) {
    if (Number.isNaN(value)) continue
    sum += value
    count++
  }
  return sum / count
}
