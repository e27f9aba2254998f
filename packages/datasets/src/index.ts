// Data sets
export type { Dataset, Draw, GatherArrays } from './dataset.ts'
export { arrayDataset, type ArrayDataset, type ArrayField, type ArrayFields } from './array-dataset.ts'
export { sampleDataset, type SampleDatasetOptions, type Samples } from './loader/sample-dataset.ts'
export { imageSamples, type LabelledImage } from './loader/image-samples.ts'
export { subset } from './subset.ts'
export { type Fold, kFold, splitIndices, type SplitOptions } from './split.ts'

// Batches
export { DataLoader, type DataLoaderOptions, type DataLoaderState } from './data-loader.ts'
export { type Source, StreamLoader, type StreamLoaderOptions } from './loader/stream-loader.ts'
export {
  type ChannelStatistics,
  type Collate,
  imagenetStatistics,
  stackSamples,
  type Stacked,
  type StackOptions,
} from './loader/collate.ts'
export type { HostArray, HostBatch, TensorsOf } from './host-batch.ts'
export {
  balancedWeights,
  distributedSampler,
  type DistributedSamplerOptions,
  randomSampler,
  type Sampler,
  sequentialSampler,
  stratifiedSampler,
  weightedSampler,
  type WeightedSamplerOptions,
} from './loader/samplers.ts'

// Batches from other threads
export { workerDataset, type WorkerDataset, type WorkerDatasetOptions } from './loader/worker-dataset.ts'
export { serveDataset } from './loader/serve-dataset.ts'
export type { WorkerLike } from './loader/worker-port.ts'

// Samples and steps of their augmentation
export type { Sample } from './augment/sample.ts'
export {
  compose,
  type FixedTransform,
  oneOf,
  randomApply,
  type Step,
  type Transform,
} from './augment/transform.ts'
export { type Range, sampleGenerator } from './augment/draws.ts'

// Geometry, of image, mask, boxes and points together
export {
  centerCrop,
  type FlipOptions,
  pad,
  type Padding,
  randomCrop,
  type RandomCropOptions,
  randomHorizontalFlip,
  randomResizedCrop,
  type RandomResizedCropOptions,
  randomVerticalFlip,
  type Size,
} from './augment/crops.ts'
export { resize, type ResizeOptions } from './augment/resize.ts'
export {
  randomAffine,
  type RandomAffineOptions,
  randomPerspective,
  type RandomPerspectiveOptions,
  randomRotation,
} from './augment/random-geometry.ts'
export {
  affine,
  crop,
  flipHorizontal,
  flipVertical,
  type GeometryOptions,
  perspective,
  rotate,
  type RotateOptions,
  warp,
} from './augment/geometry.ts'
export type { BoxOptions } from './augment/box-geometry.ts'
export {
  affineMap,
  type AffineParameters,
  type Homography,
  type Quadrilateral,
  quadrilateralMap,
} from './augment/homography.ts'
export type { Fill, Interpolation } from './augment/warp-image.ts'

// Colour, blur and noise at random
export {
  colorJitter,
  type ColorJitterOptions,
  type ProbabilityOptions,
  randomAutocontrast,
  type RandomBlurOptions,
  randomEqualize,
  randomGaussianBlur,
  randomGaussianNoise,
  randomGrayscale,
  randomInvert,
  type RandomNoiseOptions,
  randomPosterize,
  randomSharpness,
  randomSolarize,
} from './augment/random-color.ts'
export { randomErasing, type RandomErasingOptions } from './augment/erasing.ts'

// Colour, blur and noise of one image
export { adjustBrightness, adjustContrast, adjustHue, adjustSaturation, grayscale } from './augment/color.ts'
export { autocontrast, equalize, invert, posterize, solarize } from './augment/color-maps.ts'
export {
  adjustSharpness,
  type BlurOptions,
  gaussianBlur,
  gaussianNoise,
  saltAndPepper,
} from './augment/filters.ts'

// Policies
export {
  randAugment,
  type RandAugmentOptions,
  trivialAugment,
  type TrivialAugmentOptions,
} from './augment/policies.ts'
export { autoAugment, type AutoAugmentOptions, type AutoAugmentPolicy } from './augment/auto-augment.ts'

// Mixing the samples of a batch
export { cutmix, type Mix, type MixableBatch, mixup, type MixOptions } from './augment/mix.ts'

// Digits in memory
export { type ElasticOptions, randomWarp, type RandomWarpOptions } from './augment/random-warp.ts'

// MNIST, what takes its place, and their file format
export { mnist } from './idx-images/mnist.ts'
export { fashionMnist } from './idx-images/fashion-mnist.ts'
export { kmnist } from './idx-images/kmnist.ts'
export { emnist, type EmnistPart } from './idx-images/emnist.ts'
export type {
  ImageDataset,
  ImageDataset as MnistDataset,
  ImagesOptions,
  ImagesOptions as MnistOptions,
  ImageSplit,
  ImageSplit as MnistSplit,
} from './idx-images/idx-images.ts'
export type { DatasetInfo } from './dataset-info.ts'
export type { DownloadProgress } from '@badak/formats'
export { readIdx, decodeIdx, type IdxArray, type ReadIdxOptions } from './idx/idx.ts'

// Photographs
export { cifar10, cifar100, type Cifar100Options } from './cifar/cifar.ts'
export { imageFolder, type ImageFolder, type ImageFolderOptions } from './image-folder/image-folder.ts'
export type { FolderSample } from './image-folder/list-images.node.ts'

// Pascal VOC
export { vocClassification, type VocClassificationSample } from './voc/classification.ts'
export { vocDetection, type VocDetectionOptions, type VocDetectionSample } from './voc/detection.ts'
export {
  vocSegmentation,
  type VocSegmentationOptions,
  type VocSegmentationSample,
} from './voc/segmentation.ts'
export type { VocObject } from './voc/annotation.ts'
export type { VocSplit, VocYear } from './voc/sets.ts'
export type { FilesOptions } from './published/files-options.ts'
export type { SampleSource } from './published/sample-source.ts'

// COCO
export { cocoDetection } from './coco/detection.ts'
export { cocoCaptions, type CaptionedSample } from './coco/captions.ts'
export { cocoKeypoints, type CocoKeypointsSample, type CocoKeypointsSource } from './coco/keypoints.ts'
export type { CocoObjectOptions, CocoSample, CocoSource } from './coco/object-source.ts'
export type { CocoObject } from './coco/objects.ts'
export type { CocoOptions, CocoSet } from './coco/open.ts'

// COCO's masks
export {
  compressRLE,
  decodeRLE,
  encodeRLE,
  mergeRLE,
  type MergeOptions,
  type RLE,
  rleArea,
  rleBox,
  type Runs,
} from './coco/rle.ts'
export { polygonsToRLE } from './coco/polygon.ts'

// Pedestrians, streets, pets, sentences
export { pennFudan, type PennFudanSample } from './penn-fudan.ts'
export { camvid, type CamVidOptions, type CamVidSample } from './camvid/camvid.ts'
export { oxfordPet, type OxfordPetSample } from './oxford-pet.ts'
export { flickr8k } from './flickr8k.ts'

// Digits of houses, objects with few labels
export { svhn } from './svhn.ts'
export { stl10, type Stl10Options } from './stl10.ts'

// Tables and arrays
export { csvDataset, type CsvDataset, type CsvOptions } from './tables/csv.ts'
export { npzDataset, type NpzDatasetOptions } from './tables/npz.ts'

// What is broken
export { type OnBroken, type Skipped, SkipReport } from './broken/skip-report.ts'
export type { BrokenOptions } from './broken/policy.ts'
export { type Finding, type VerifiableSamples, verify, type VerifyOptions } from './broken/verify.ts'
export { channelStatistics } from './channel-statistics.ts'

// Scenes: composed pictures for detection, segmentation and captioning
export { scenes, type SceneBatch, type SceneDataset } from './scenes/scenes.ts'
export { sceneSamples, type SceneSample } from './scenes/scene-samples.ts'
export type { ScenesOptions, ScenesSplit } from './scenes/options.ts'
export type { Scene, SceneObject } from './scenes/compose.ts'
export type { BackgroundKind } from './scenes/backgrounds.ts'
export type { Box } from './scenes/layers.ts'
export type { EmojiVendor } from './scenes/emoji.ts'
export { digitSprites, fashionSprites, type LabelledImages } from './scenes/image-sprites.ts'
export type { Sprite, SpriteSet } from './scenes/sprite.ts'

// Errors
export { DataNotFoundError, SampleError } from './dataset-errors.ts'
export { ChecksumError, DownloadError } from '@badak/formats'
