// Training
export { fit, type FitOptions, type FitResult, type Schedule } from './fit.ts'
export { validate, type ValidateOptions } from './validate.ts'
export type { Batch, Forward, Prediction, TrainingData } from './batch.ts'
export type { TrainingRun } from './run.ts'
export type { EpochRecord, History, MeasuredStep, StepRecord, WrittenHistory } from './history.ts'
export {
  findLearningRate,
  type FindLearningRateOptions,
  type LearningRateCurve,
} from './find-learning-rate.ts'

// Checkpoints
export type { BestOptions, CheckpointOptions } from './checkpoint/checkpoints.ts'
export type { CheckpointContents, CheckpointStore } from './checkpoint/store.ts'
export { directoryStore } from './checkpoint/directory-store.ts'
export { memoryStore } from './checkpoint/memory-store.ts'
export { opfsStore } from './checkpoint/opfs-store.ts'

// Callbacks
export type { Callback, CallbackState } from './callbacks/callback.ts'
export { earlyStopping, type EarlyStoppingOptions } from './callbacks/early-stopping.ts'
export { csvLog, jsonlLog, type TableLogOptions } from './callbacks/logs.ts'
export type { LogOptions } from './callbacks/append-file.ts'
export { tensorBoard, type TensorBoardOptions } from './callbacks/tensorboard/tensor-board.ts'
export {
  distributions,
  type DistributionKind,
  type DistributionOptions,
  type DistributionRecord,
  type Distributions,
} from './callbacks/distributions.ts'
export { averageWeights, type AverageWeightsOptions } from './callbacks/average-weights.ts'
export { timeLimit } from './callbacks/time-limit.ts'
export { histogramOf, type Histogram } from './histogram.ts'

// Metrics
export { Metric, type Measurement, type MetricState } from './metrics/metric.ts'
export { Accuracy, BinaryAccuracy, type IgnoreOptions, TopKAccuracy } from './metrics/accuracy.ts'
export {
  type AverageOptions,
  ConfusionMatrix,
  type Counts,
  F1,
  MeanIoU,
  Precision,
  Recall,
} from './metrics/confusion-matrix.ts'
export { AveragePrecision, RocAuc } from './metrics/ranking.ts'
export { Perplexity } from './metrics/perplexity.ts'
export { Mean } from './metrics/mean.ts'
export { Bleu, type BleuOptions } from './metrics/bleu.ts'

// Search for hyper-parameters
export { search, type SearchOptions } from './search/search.ts'
export {
  choice,
  type Dimension,
  integers,
  logUniform,
  type Parameters,
  type ParameterValue,
  type Space,
  uniform,
} from './search/space.ts'
export {
  coarseToFine,
  type CoarseToFineOptions,
  gridSearch,
  type Question,
  randomSearch,
  type Strategy,
} from './search/strategies.ts'
export { treeParzen, type TreeParzenOptions } from './search/tree-parzen.ts'
export {
  type Direction,
  type Pruner,
  successiveHalving,
  type SuccessiveHalvingOptions,
} from './search/successive-halving.ts'
export type { Objective, Report, RunningTrial, Trial } from './search/trial.ts'
export { Study } from './search/study.ts'
export { studyFile, type StudyStore } from './search/study-file.ts'
export { serveObjective, type WorkerLike } from './search/workers.ts'
export { reportTo } from './callbacks/report-to.ts'
