import type { Image } from '@badak/images'
import type { Sample } from './augment/sample.ts'
import type { DatasetInfo } from './dataset-info.ts'
import { openTree } from './published/file-tree.node.ts'
import type { FilesOptions } from './published/files-options.ts'
import { instancesOf } from './published/instances.ts'
import { pairsOf } from './published/pairs.ts'
import { loadMask, loadPhotograph, type SampleSource, sampleSource } from './published/sample-source.ts'

/** A photograph and the people who walk in it. */
export interface PennFudanSample extends Sample {
  /** 1 where a pedestrian is, 0 elsewhere. */
  readonly mask: Image
  readonly instances: readonly Image[]
  readonly boxes: Float32Array
  readonly labels: Int32Array
}

const homepage = 'https://www.cis.upenn.edu/~jshi/ped_html/'

const info: DatasetInfo = {
  name: 'Penn-Fudan pedestrians',
  classes: ['pedestrian'],
  maskClasses: ['background', 'pedestrian'],
  license: 'unknown: published for research, with citation',
  homepage,
  splits: [],
}

/**
 * Penn-Fudan, 170 photographs of streets in which 345 pedestrians have masks and boxes: a small set to try detection and
 * instance segmentation on. Boxes are those of the masks, as edges. There are no splits: `splitIndices` makes some.
 *
 * Looked for in `directory` (alone, if it is given: that of `PNGImages`, or the one above), in `penn-fudan` in the cache
 * directory, at the home page: then the archive is unpacked there. Its authors publish no checksum.
 *
 * @throws DataNotFoundError when the files are in none of these places
 * @throws DownloadError when they cannot be fetched
 * @throws FormatError when an image lacks its mask; when a sample is asked for, naming the file that is broken
 * @see Wang, Shi, Song & Shen 2007, "Object detection combining recognition and segmentation"
 *
 * @example
 * ```ts
 * const people = await pennFudan()
 * const { image, instances, boxes } = await people.get(0)
 * ```
 */
export async function pennFudan(options: FilesOptions = {}): Promise<SampleSource<PennFudanSample>> {
  const operation = 'pennFudan'
  const tree = await openTree(
    {
      operation,
      folder: 'penn-fudan',
      bases: ['PennFudanPed', ''],
      needs: ['PNGImages', 'PedMasks'],
      archives: [{ address: `${homepage}PennFudanPed.zip`, maxBytes: 2 ** 28 }],
      homepage,
    },
    options,
  )
  const pairs = await pairsOf(operation, tree, { images: 'PNGImages', masks: 'PedMasks', suffix: '_mask' })
  return sampleSource(
    operation,
    info,
    pairs,
    ({ name }) => name,
    async (pair) => {
      const image = await loadPhotograph(tree.locate(pair.image), options)
      const map = await loadMask(operation, tree.locate(pair.mask), image, options)
      const people = instancesOf(map)
      return {
        image,
        mask: { ...map, data: map.data.map((id) => (id === 0 ? 0 : 1)) },
        instances: people.map(({ mask }) => mask),
        boxes: Float32Array.from(people.flatMap(({ box }) => [...box])),
        labels: new Int32Array(people.length),
      }
    },
  )
}
