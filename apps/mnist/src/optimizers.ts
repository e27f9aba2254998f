import { AdaGrad, Adam, SGD } from '@badak/optimizers'
import type { Parameter } from '@badak/tensor'

export const optimizerNames = ['sgd', 'momentum', 'nesterov', 'adagrad', 'adam'] as const
export type OptimizerName = (typeof optimizerNames)[number]

/** Learning rates unless `--lr` says otherwise. */
export const rates: Readonly<Record<OptimizerName, number>> = {
  sgd: 0.1,
  momentum: 0.01,
  nesterov: 0.01,
  adagrad: 0.01,
  adam: 0.001,
}

/** An optimizer by its name on the command line. */
export function createOptimizer(
  name: OptimizerName,
  parameters: Parameter[],
  lr: number,
): SGD | AdaGrad | Adam {
  return optimizers[name](parameters, lr)
}

const optimizers: Readonly<
  Record<OptimizerName, (parameters: Parameter[], lr: number) => SGD | AdaGrad | Adam>
> = {
  sgd: (parameters, lr) => new SGD(parameters, { lr }),
  momentum: (parameters, lr) => new SGD(parameters, { lr, momentum: 0.9 }),
  nesterov: (parameters, lr) => new SGD(parameters, { lr, momentum: 0.9, nesterov: true }),
  adagrad: (parameters, lr) => new AdaGrad(parameters, { lr }),
  adam: (parameters, lr) => new Adam(parameters, { lr }),
}
