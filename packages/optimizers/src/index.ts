// What optimizers share
export {
  type FirstMoment,
  type GroupOptions,
  Optimizer,
  type OptimizerOptions,
  type ParameterGroup,
  type StepOptions,
  type Trainable,
  type Update,
} from './optimizer.ts'
export type { OptimizerState } from './optimizer-state.ts'
export type { Betas } from './betas.ts'
export type { WeightDecayOptions } from './weight-decay.ts'

// Optimizers
export { SGD, type SGDOptions } from './sgd.ts'
export { AdaGrad, type AdaGradOptions } from './adagrad.ts'
export { RMSprop, type RMSpropOptions } from './rmsprop.ts'
export { Adadelta, type AdadeltaOptions } from './adadelta.ts'
export { Adam, type AdamOptions } from './adam.ts'
export { AdamW, type AdamWOptions } from './adamw.ts'
export { NAdam, type NAdamOptions } from './nadam.ts'
export { RAdam, type RAdamOptions } from './radam.ts'
export { Adamax, type AdamaxOptions } from './adamax.ts'
export { Lion, type LionOptions } from './lion.ts'
export { LAMB, type LAMBOptions } from './lamb.ts'

// Gradients
export { clipGradNorm, clipGradValue, gradNorm, type NormOptions } from './clip-gradients.ts'
export { GradientAccumulator } from './gradient-accumulator.ts'

// Averages of weights
export { WeightAverage, type WeightAverageState } from './weight-average.ts'
export {
  ExponentialMovingAverage,
  type ExponentialMovingAverageOptions,
} from './exponential-moving-average.ts'
export { StochasticWeightAverage } from './stochastic-weight-average.ts'

// Schedules
export { Schedule, type Scheduled, type ScheduleState } from './schedules/schedule.ts'
export { type MomentumOptions, MomentumSchedule } from './schedules/momentum-schedule.ts'
export { StepLR, type StepLROptions } from './schedules/step-lr.ts'
export { MultiStepLR, type MultiStepLROptions } from './schedules/multi-step-lr.ts'
export { ConstantLR, type ConstantLROptions } from './schedules/constant-lr.ts'
export { LinearLR, type LinearLROptions } from './schedules/linear-lr.ts'
export { WarmUpLR, type WarmUpLROptions } from './schedules/warm-up-lr.ts'
export { PolynomialLR, type PolynomialLROptions } from './schedules/polynomial-lr.ts'
export { ExponentialLR, type ExponentialLROptions } from './schedules/exponential-lr.ts'
export { CosineAnnealingLR, type CosineAnnealingLROptions } from './schedules/cosine-annealing-lr.ts'
export {
  CosineAnnealingWarmRestarts,
  type CosineAnnealingWarmRestartsOptions,
} from './schedules/cosine-annealing-warm-restarts.ts'
export { OneCycleLR, type OneCycleLROptions } from './schedules/one-cycle-lr.ts'
export { CyclicLR, type CyclicLROptions } from './schedules/cyclic-lr.ts'
export { LambdaLR, type LambdaLROptions, type RateLambda } from './schedules/lambda-lr.ts'
export {
  ReduceLROnPlateau,
  type ReduceLROnPlateauOptions,
  type ReduceLROnPlateauState,
} from './schedules/reduce-lr-on-plateau.ts'
export { ChainedScheduler } from './schedules/chained-scheduler.ts'
export { SequentialLR, type SequentialLROptions } from './schedules/sequential-lr.ts'
