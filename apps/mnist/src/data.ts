import { type Dataset, mnist, type MnistDataset } from '@badak/datasets'
import type { Batch } from '@badak/training'
import { announceDownloads } from 'command-line/announce-downloads'
import { limited } from 'command-line/limited'

/** Images for training and testing, as many as the run uses. */
export interface Data {
  readonly train: Dataset<Batch>
  readonly test: Dataset<Batch>
  /** `[N, 28, 28]` bytes, for the report. */
  readonly testPixels: Uint8Array
  readonly testLabels: ArrayLike<number>
}

/**
 * MNIST, or the first `limit` images of both of its parts.
 *
 * @param directory where the files are; undefined: where `mnist` finds them, or a download, which `announce`
 * is told of
 */
export async function loadData(
  directory: string | undefined,
  limit: number | undefined,
  announce: (line: string) => void,
): Promise<Data> {
  const options = { ...(directory !== undefined && { directory }), onProgress: announceDownloads(announce) }
  const [train, test] = [await mnist('train', options), await mnist('test', options)]
  return takeData(train, test, limit)
}

/** The parts of the data sets that a run uses. */
function takeData(train: MnistDataset, test: MnistDataset, limit: number | undefined): Data {
  const count = Math.min(limit ?? Infinity, test.length)
  const { x, t } = test.fields
  return {
    train: limited(train, limit),
    test: limited(test, limit),
    testPixels: (x.data as Uint8Array).subarray(0, count * 784),
    testLabels: (t.data as Int32Array).subarray(0, count),
  }
}
