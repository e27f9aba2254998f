import type { DatasetInfo } from '../dataset-info.ts'
import { vocClasses, vocColor } from './classes.ts'
import { homepageOf, splitsOf, vocChecksums, type VocYear } from './sets.ts'

const license = 'photographs of Flickr, under its terms of use'

/** Of detection and classification, or of segmentation, which has the background as class 0. */
export function vocInfo(year: VocYear, background = false): DatasetInfo {
  const first = background ? 0 : 1
  const classes = background ? ['background', ...vocClasses] : vocClasses
  return {
    name: `Pascal VOC ${year}`,
    classes,
    license,
    homepage: homepageOf(year),
    colors: classes.map((_, i) => vocColor(first + i)),
    splits: splitsOf(year),
    checksums: vocChecksums,
  }
}
