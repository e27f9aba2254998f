// Boxes
export { boxArea, boxIoU, generalisedBoxIoU } from './boxes/box-iou.ts'
export { pairwiseIoU } from './boxes/pairwise-iou.ts'
export { type BoxFormat, convertBoxes } from './boxes/convert-boxes.ts'
export { clipBoxes, type ImageSize, removeSmallBoxes } from './boxes/clip-boxes.ts'
export {
  type BoxCodingOptions,
  decodeBoxes,
  type DecodeBoxesOptions,
  encodeBoxes,
} from './boxes/box-coding.ts'
export { completeBoxIoULoss, distanceBoxIoULoss, generalisedBoxIoULoss } from './boxes/iou-losses.ts'

// Suppression
export {
  batchedNonMaximumSuppression,
  nonMaximumSuppression,
  type SuppressionOptions,
} from './boxes/non-maximum-suppression.ts'
export {
  softNonMaximumSuppression,
  type SoftSuppressed,
  type SoftSuppressionOptions,
} from './boxes/soft-non-maximum-suppression.ts'

// Anchors
export { anchorGrid, type AnchorOptions, cellAnchors, generateAnchors } from './anchors/generate-anchors.ts'
export { type DefaultBoxOptions, defaultBoxes } from './anchors/default-boxes.ts'
export {
  BACKGROUND,
  BETWEEN_THRESHOLDS,
  matchAnchors,
  type Matches,
  type MatchOptions,
} from './anchors/match-anchors.ts'
export { type BalancedSample, sampleBalanced, type SampleOptions } from './anchors/sample-balanced.ts'

// Evaluation
export {
  CocoEvaluator,
  type CocoOptions,
  type CocoSummary,
  type ObjectSize,
} from './evaluation/coco-evaluator.ts'
export { VocEvaluator, type VocOptions, type VocSummary } from './evaluation/voc-evaluator.ts'
export {
  type DetectionKind,
  ErrorAnalysis,
  type ErrorAnalysisOptions,
  type ErrorCounts,
  type ImageErrors,
} from './evaluation/error-analysis.ts'
export type { Detections, GroundTruth } from './evaluation/detections.ts'
export type { PrecisionRecallCurve } from './evaluation/precision-recall.ts'

// Proposals
export { selectiveSearch, type SelectiveSearchOptions } from './proposals/selective-search.ts'
export {
  graphSegmentation,
  type GraphSegmentationOptions,
  type Segmentation,
} from './proposals/graph-segmentation.ts'
export { groupRegions, type GroupRegionsOptions, type Region } from './proposals/group-regions.ts'
export type { ColorSpace, ImageLike } from './proposals/pixels.ts'
export type { RegionSimilarity } from './proposals/region-features.ts'
