// Data sets
export type { Dataset } from './dataset.ts'
export { arrayDataset, type ArrayDataset, type ArrayField, type ArrayFields } from './array-dataset.ts'
export { subset } from './subset.ts'

// Batches
export { DataLoader, type DataLoaderOptions, type DataLoaderState } from './data-loader.ts'

// MNIST and its file format
export { mnist, type MnistDataset, type MnistOptions, type MnistSplit } from './mnist/mnist.ts'
export { readIdx, decodeIdx, type IdxArray, type ReadIdxOptions } from './idx/idx.ts'
export type { DownloadProgress } from './mnist/download.node.ts'

// Errors
export { DataNotFoundError, DownloadError } from './dataset-errors.ts'
