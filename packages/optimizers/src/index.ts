// What optimizers share
export {
  type GroupOptions,
  Optimizer,
  type OptimizerOptions,
  type OptimizerState,
  type ParameterGroup,
  type Trainable,
  type Update,
} from './optimizer.ts'

// Optimizers
export { SGD, type SGDOptions } from './sgd.ts'
export { AdaGrad, type AdaGradOptions } from './adagrad.ts'
export { Adam, type AdamOptions } from './adam.ts'
