// What optimizers share
export {
  type GroupOptions,
  Optimizer,
  type OptimizerOptions,
  type ParameterGroup,
  type Trainable,
  type Update,
} from './optimizer.ts'
export type { OptimizerState } from './optimizer-state.ts'

// Optimizers
export { SGD, type SGDOptions } from './sgd.ts'
export { AdaGrad, type AdaGradOptions } from './adagrad.ts'
export { Adam, type AdamOptions } from './adam.ts'
