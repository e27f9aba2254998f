import { type Dataset, subset } from '@badak/datasets'

/** The first so many samples, or all. */
export function limited<Batch>(dataset: Dataset<Batch>, limit: number | undefined): Dataset<Batch> {
  return limit === undefined || limit >= dataset.length ? dataset : subset(dataset, Array(limit).keys())
}
