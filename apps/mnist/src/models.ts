import { Conv2d, MaxPool2d } from '@badak/cnn'
import { heNormal } from '@badak/initializers'
import { Dropout, Flatten, Linear, ReLU, Sequential } from '@badak/layers'

export const modelNames = ['mlp', 'simple', 'deep'] as const
export type ModelName = (typeof modelNames)[number]

/** How often the training images are gone through unless `--epochs` says otherwise. */
export const usualEpochs: Readonly<Record<ModelName, number>> = { mlp: 16, simple: 5, deep: 20 }

/** A network from images `[N, 1, 28, 28]` to scores `[N, 10]`, with He's initial values. */
export function createModel(name: ModelName): Sequential {
  return models[name]()
}

const init = { init: heNormal }

const models: Readonly<Record<ModelName, () => Sequential>> = {
  /** 784-50-10. */
  mlp: () => new Sequential(new Flatten(), new Linear(784, 50, init), new ReLU(), new Linear(50, 10, init)),

  /** One convolution. */
  simple: () =>
    new Sequential(
      new Conv2d(1, 30, 5, init), new ReLU(), new MaxPool2d(2),
      new Flatten(),
      new Linear(30 * 12 * 12, 100, init), new ReLU(),
      new Linear(100, 10, init),
    ),

  /** Six convolutions: 28 → 14 → 8 (the padding of 2 makes 16 of 14) → 4 pixels a side. */
  deep: () =>
    new Sequential(
      new Conv2d(1, 16, 3, { padding: 1, ...init }), new ReLU(),
      new Conv2d(16, 16, 3, { padding: 1, ...init }), new ReLU(), new MaxPool2d(2),
      new Conv2d(16, 32, 3, { padding: 1, ...init }), new ReLU(),
      new Conv2d(32, 32, 3, { padding: 2, ...init }), new ReLU(), new MaxPool2d(2),
      new Conv2d(32, 64, 3, { padding: 1, ...init }), new ReLU(),
      new Conv2d(64, 64, 3, { padding: 1, ...init }), new ReLU(), new MaxPool2d(2),
      new Flatten(),
      new Linear(64 * 4 * 4, 50, init), new ReLU(), new Dropout(0.5),
      new Linear(50, 10, init), new Dropout(0.5),
    ),
}
