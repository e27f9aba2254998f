import { checkSample, type Sample } from '../augment/sample.ts'
import type { DatasetInfo } from '../dataset-info.ts'
import type { Samples } from '../loader/sample-dataset.ts'
import { messageOf } from './policy.ts'

/** Something that is wrong with a sample. */
export interface Finding {
  /** Of the sample. */
  readonly index: number
  /** Its name, where it has one; otherwise its index. */
  readonly name: string
  /** What of it: it cannot be read at all, its parts do not fit each other, or one of them. */
  readonly kind: 'broken' | 'shape' | 'box' | 'label' | 'mask' | 'keypoint'
  /** What is wrong, and the values. */
  readonly message: string
}

/** What `verify` compares with, where the data set does not say. */
export interface VerifyOptions {
  /** How many classes there are; default: those of `info`, if the data set has some. */
  readonly classes?: number
  /** How many values a mask may have; default: `info.maskClasses`, or `classes`. */
  readonly maskClasses?: number
  /** The value in a mask that counts for nothing; default 255. */
  readonly border?: number
}

/** A data set that may say more of itself. */
export interface VerifiableSamples extends Samples<Partial<Sample>> {
  /** What there is to know of it, its classes among others. */
  readonly info?: DatasetInfo
  /** Names of its classes, where there is no `info`. */
  readonly classes?: readonly string[]
  /** What to call sample `index` in a finding; default: its number. */
  name?(index: number): string
}

/**
 * Reads every sample once and tells what is wrong: images that are broken, parts that do not fit each other, boxes that are
 * empty or outside the image, classes that there are not, points outside. Nothing found is an empty list.
 *
 * @example
 * ```ts
 * for (const { name, message } of await verify(await vocDetection(2012, 'train'))) console.log(name, message)
 * ```
 */
export async function verify(samples: VerifiableSamples, options: VerifyOptions = {}): Promise<Finding[]> {
  const { info } = samples
  const listed = (names: readonly string[] | undefined): number => names?.length || Infinity
  const classes = options.classes ?? listed(info?.classes ?? samples.classes)
  const maskClasses = options.maskClasses ?? (info?.maskClasses ? listed(info.maskClasses) : classes)
  const limits = { classes, maskClasses, border: options.border ?? 255 }
  const findings: Finding[] = []
  for (let index = 0; index < samples.length; index++) {
    const name = samples.name?.(index) ?? `${index}`
    for (const problem of await problemsOf(samples, index, limits)) findings.push({ index, name, ...problem })
  }
  return findings
}

type Problem = Pick<Finding, 'kind' | 'message'>

interface Limits {
  readonly classes: number
  readonly maskClasses: number
  readonly border: number
}

async function problemsOf(samples: VerifiableSamples, index: number, limits: Limits): Promise<Problem[]> {
  let sample: Partial<Sample>
  try {
    sample = await samples.get(index)
  } catch (error) {
    return [{ kind: 'broken', message: messageOf(error) }]
  }
  const { image } = sample
  if (image === undefined) return labelProblems(sample, limits)
  try {
    checkSample('verify', { ...sample, image })
  } catch (error) {
    return [{ kind: 'shape', message: messageOf(error) }]
  }
  return [
    ...labelProblems(sample, limits),
    ...boxProblems(sample, image),
    ...maskProblems(sample, limits),
    ...pointProblems(sample, image),
  ]
}

function labelProblems({ label, labels }: Partial<Sample>, { classes }: Limits): Problem[] {
  const all = typeof label === 'number' ? [label] : [...(labels ?? [])]
  const problems = all
    .filter((each) => !(Number.isInteger(each) && each >= 0 && each < classes))
    .map((each): Problem => ({ kind: 'label', message: `there is no class ${each} among ${classes}` }))
  if (typeof label === 'object' && Number.isFinite(classes) && label.length !== classes)
    problems.push({ kind: 'label', message: `${label.length} probabilities for ${classes} classes` })
  return problems
}

function boxProblems(
  { boxes }: Partial<Sample>,
  { width, height }: { readonly width: number; readonly height: number },
): Problem[] {
  return Array.from({ length: (boxes?.length ?? 0) / 4 }, (_, i) => {
    const box = boxes!.subarray(4 * i, 4 * i + 4)
    const [left, top, right, bottom] = box as unknown as [number, number, number, number]
    const shown = `box ${i} [${[...box].join(', ')}]`
    if (!(right > left && bottom > top)) return `${shown} is empty`
    const inside = left >= 0 && top >= 0 && right <= width && bottom <= height
    return inside ? '' : `${shown} is outside the image, ${width}x${height}`
  })
    .filter((message) => message !== '')
    .map((message) => ({ kind: 'box', message }))
}

function maskProblems({ mask }: Partial<Sample>, { maskClasses, border }: Limits): Problem[] {
  const unknown = new Set(mask?.data.filter((value) => value >= maskClasses && value !== border))
  if (unknown.size === 0) return []
  return [
    {
      kind: 'mask',
      message: `the mask has values beyond ${maskClasses} classes: ${[...unknown].join(', ')}`,
    },
  ]
}

function pointProblems(
  { keypoints }: Partial<Sample>,
  { width, height }: { readonly width: number; readonly height: number },
): Problem[] {
  return Array.from({ length: (keypoints?.length ?? 0) / 3 }, (_, i) => {
    const [x, y, visibility] = keypoints!.subarray(3 * i, 3 * i + 3) as unknown as [number, number, number]
    const inside = x >= 0 && y >= 0 && x <= width && y <= height
    return visibility === 0 || inside
      ? ''
      : `point ${i} [${x}, ${y}] is outside the image, ${width}x${height}`
  })
    .filter((message) => message !== '')
    .map((message) => ({ kind: 'keypoint', message }))
}
