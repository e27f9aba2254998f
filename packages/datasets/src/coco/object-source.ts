import type { Image } from '@badak/images'
import { FormatError } from '@badak/tensor'
import type { Sample } from '../augment/sample.ts'
import { type Attempt, attemptWith, type BrokenOptions } from '../broken/policy.ts'
import { SkipReport } from '../broken/skip-report.ts'
import { type SampleSource, sampleSource } from '../published/sample-source.ts'
import type { CocoImage } from './annotations.ts'
import { type CheckedObject, checkObject, type CocoObject, keypointsOf, maskOf } from './objects.ts'
import type { CocoOptions, OpenCoco } from './open.ts'

/** An image of COCO and its objects. */
export interface CocoSample extends Sample {
  /** Of the image, in COCO: what results are sent in with. */
  readonly imageId: number
  readonly boxes: Float32Array
  /** From 0, without the gaps that COCO's ids have. */
  readonly labels: Int32Array
  readonly objects: readonly CocoObject[]
}

/** How objects are read. With `onBroken: 'skip'`, those that are broken are left out of their images. */
export interface CocoObjectOptions extends CocoOptions, BrokenOptions {
  /** Whether samples have `instances`, a mask for each object, too; default false. */
  readonly masks?: boolean
  /** Whether groups of objects are among the objects, with `crowd: true`; default true. */
  readonly crowd?: boolean
  /** Whether images without objects are among the samples; default true. */
  readonly empty?: boolean
}

/** Samples with objects. */
export interface CocoSource<S> extends SampleSource<S> {
  /** COCO's id of each class. */
  readonly categoryIds: readonly number[]
  /** Objects that were left out. */
  readonly skipped: SkipReport
}

interface Entry {
  readonly image: CocoImage
  readonly objects: readonly CheckedObject[]
}

/** Classes and boxes are checked now, masks and points when they are asked for. */
export function objectSource(
  operation: string,
  coco: OpenCoco,
  options: CocoObjectOptions,
  points?: number,
): CocoSource<CocoSample> {
  const { crowd = true, empty = true, masks = false } = options
  const { file, what, info } = coco
  const skipped = new SkipReport()
  const attempt = attemptWith(operation, options.onBroken, skipped)
  const entries = file.images
    .map((image) => ({ image, objects: objectsOf(image, coco, attempt) }))
    .map(({ image, objects }): Entry => ({
      image,
      objects: objects.filter(({ notes }) => crowd || !notes.crowd),
    }))
    .filter(({ objects }) => empty || objects.length > 0)
  const read = async ({ image: entry, objects }: Entry): Promise<CocoSample> => {
    const image = await coco.load(entry)
    const whole = objects.flatMap((object) => {
      const { annotation } = object
      const detail = attempt(`${what}: annotation ${annotation.id}`, () => ({
        mask: masks ? maskOf(annotation, entry, what) : undefined,
        points: points === undefined ? undefined : keypointsOf(annotation, points, what),
      }))
      return detail === undefined ? [] : [{ ...object, ...detail }]
    })
    return {
      image,
      imageId: entry.id,
      boxes: Float32Array.from(whole.flatMap(({ box }) => [...box])),
      labels: Int32Array.from(whole, ({ label }) => label),
      objects: whole.map(({ notes }) => notes),
      ...(masks && { instances: whole.map(({ mask }) => mask as Image) }),
      ...(points !== undefined && {
        keypoints: Float32Array.from(whole.flatMap((each) => [...each.points!])),
      }),
    }
  }
  const source = sampleSource(operation, info, entries, ({ image }) => image.file_name, read)
  return { ...source, categoryIds: file.categories.map(({ id }) => id), skipped }
}

function objectsOf(image: CocoImage, { file, what }: OpenCoco, attempt: Attempt): CheckedObject[] {
  return file.annotations.get(image.id)!.flatMap((annotation) => {
    const found = attempt(`${what}: annotation ${annotation.id}`, () =>
      checkObject(annotation, image, file.categories, what),
    )
    return found === undefined ? [] : [found]
  })
}

/** @throws FormatError when there is not one class, with names for its points */
export function categoryWithPoints({ file, what }: OpenCoco): {
  readonly names: readonly string[]
  readonly skeleton: readonly (readonly [from: number, to: number])[]
} {
  const [category, ...others] = file.categories
  if (category?.keypoints === undefined || others.length > 0)
    throw new FormatError(
      `${what}: expected one category, which has keypoints: ${file.categories.length} categories`,
    )
  return {
    names: category.keypoints,
    // In the file, points count from 1.
    skeleton: (category.skeleton ?? []).map(([from, to]) => [from - 1, to - 1] as const),
  }
}
