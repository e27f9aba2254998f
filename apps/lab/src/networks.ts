import { heNormal, type Initializer } from '@badak/initializers'
import { BatchNorm1d, Dropout, Flatten, Linear, type Module, ReLU, Sequential } from '@badak/layers'

/** What stands between the dense layers of `perceptron`. */
export interface PerceptronOptions {
  readonly init?: Initializer
  readonly activation?: () => Module
  readonly batchNorm?: boolean
  readonly dropout?: number
}

/** A multi-layer perceptron on images of 28 × 28 pixels, with ten outputs. */
export function perceptron(hidden: readonly number[], options: PerceptronOptions = {}): Sequential {
  const { init = heNormal, activation = () => new ReLU(), batchNorm = false, dropout = 0 } = options
  const layers: Module[] = [new Flatten()]
  let inputs = 784
  for (const outputs of hidden) {
    layers.push(new Linear(inputs, outputs, { init }))
    if (batchNorm) layers.push(new BatchNorm1d(outputs))
    layers.push(activation())
    if (dropout > 0) layers.push(new Dropout(dropout))
    inputs = outputs
  }
  return new Sequential(
    ...(layers as ConstructorParameters<typeof Sequential>),
    new Linear(inputs, 10, { init }),
  )
}
