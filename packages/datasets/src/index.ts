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

// Scenes: composed pictures for detection, segmentation and captioning
export { scenes, type SceneBatch, type SceneDataset } from './scenes/scenes.ts'
export type { ScenesOptions, ScenesSplit } from './scenes/options.ts'
export type { Scene, SceneObject } from './scenes/compose.ts'
export type { BackgroundKind } from './scenes/backgrounds.ts'
export type { Box } from './scenes/layers.ts'
export type { EmojiVendor } from './scenes/emoji.ts'
export { digitSprites, fashionSprites, type LabelledImages } from './scenes/image-sprites.ts'
export type { Sprite, SpriteSet } from './scenes/sprite.ts'

// Errors
export { DataNotFoundError, DownloadError } from './dataset-errors.ts'
