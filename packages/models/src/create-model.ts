import { ValueError } from '@badak/tensor'
import { closestName } from '@badak/layers'
import { alexnet } from './alexnet.ts'
import { resnet110, resnet20, resnet32, resnet44, resnet56 } from './cifar-resnet.ts'
import { densenet121, densenet161, densenet169, densenet201 } from './densenet.ts'
import {
  efficientnetB0,
  efficientnetB1,
  efficientnetB2,
  efficientnetB3,
  efficientnetB4,
  efficientnetB5,
  efficientnetB6,
  efficientnetB7,
} from './efficientnet.ts'
import { googlenet } from './googlenet.ts'
import type { ClassifierOptions, ImageClassifier } from './image-classifier.ts'
import { lenet } from './lenet.ts'
import { mobilenetV2 } from './mobilenet-v2.ts'
import { mobilenetV3Large, mobilenetV3Small } from './mobilenet-v3.ts'
import {
  resnet101,
  resnet152,
  resnet18,
  resnet34,
  resnet50,
  resnext101_32x8d,
  resnext101_64x4d,
  resnext50_32x4d,
  wideResnet101_2,
  wideResnet50_2,
} from './resnet.ts'
import { squeezenet1_0, squeezenet1_1 } from './squeezenet.ts'
import { vgg11, vgg11Bn, vgg13, vgg13Bn, vgg16, vgg16Bn, vgg19, vgg19Bn } from './vgg.ts'

const factories = {
  lenet,
  alexnet,
  vgg11,
  vgg11_bn: vgg11Bn,
  vgg13,
  vgg13_bn: vgg13Bn,
  vgg16,
  vgg16_bn: vgg16Bn,
  vgg19,
  vgg19_bn: vgg19Bn,
  googlenet,
  resnet18,
  resnet34,
  resnet50,
  resnet101,
  resnet152,
  resnext50_32x4d,
  resnext101_32x8d,
  resnext101_64x4d,
  wide_resnet50_2: wideResnet50_2,
  wide_resnet101_2: wideResnet101_2,
  resnet20,
  resnet32,
  resnet44,
  resnet56,
  resnet110,
  mobilenet_v2: mobilenetV2,
  mobilenet_v3_large: mobilenetV3Large,
  mobilenet_v3_small: mobilenetV3Small,
  squeezenet1_0,
  squeezenet1_1,
  densenet121,
  densenet161,
  densenet169,
  densenet201,
  efficientnet_b0: efficientnetB0,
  efficientnet_b1: efficientnetB1,
  efficientnet_b2: efficientnetB2,
  efficientnet_b3: efficientnetB3,
  efficientnet_b4: efficientnetB4,
  efficientnet_b5: efficientnetB5,
  efficientnet_b6: efficientnetB6,
  efficientnet_b7: efficientnetB7,
}

/** What `createModel` can make, as torchvision calls it. */
export type ModelName = keyof typeof factories

/** What `createModel` takes beside the name. */
export type ModelOptions = { [N in ModelName]: Parameters<(typeof factories)[N]>[0] }

/** What `createModel` makes, by name. */
export type Models = { [N in ModelName]: ReturnType<(typeof factories)[N]> }

/** The names that `createModel` knows. */
export function modelNames(): ModelName[] {
  return Object.keys(factories) as ModelName[]
}

/**
 * A model by its name in torchvision, for programs that are told which one. A bundle then holds all of them: one
 * that is known beforehand is made by its own function, `resnet18(options)`.
 *
 * @throws ValueError when there is none of that name, or an option is out of range
 *
 * @example
 * ```ts
 * const model = createModel('mobilenet_v3_small', { numClasses: 10 })
 * ```
 */
export function createModel<N extends ModelName>(name: N, options?: ModelOptions[N]): Models[N]
export function createModel(name: string, options?: ClassifierOptions): ImageClassifier
export function createModel(name: string, options: ClassifierOptions = {}): Models[ModelName] {
  if (Object.hasOwn(factories, name)) return factories[name as ModelName](options)
  const meant = closestName(name, modelNames())
  const hint = meant === undefined ? `: ${modelNames().join(', ')}` : ` (did you mean "${meant}"?)`
  throw new ValueError(`createModel: no model is called "${name}"${hint}`)
}
