// What optimizers share
export {
  type FirstMoment,
  type GroupOptions,
  Optimizer,
  type OptimizerOptions,
  type ParameterGroup,
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
