// What all models share
export { ImageClassifier, type AuxiliaryOutputs, type ClassifierOptions } from './image-classifier.ts'
export { createModel, modelNames, type ModelName, type ModelOptions, type Models } from './create-model.ts'

// Weights that were trained on ImageNet
export { weightsURL, type PretrainedName, type PretrainedWeights } from './weights.ts'
export { imagenetNormalisation, type Normalisation } from './normalisation.ts'

// LeNet
export { LeNet, lenet, type LeNetOptions } from './lenet.ts'

// AlexNet
export { AlexNet, alexnet, type AlexNetOptions } from './alexnet.ts'

// VGG
export {
  VGG,
  vgg11,
  vgg11Bn,
  vgg13,
  vgg13Bn,
  vgg16,
  vgg16Bn,
  vgg19,
  vgg19Bn,
  type VGGLayers,
  type VGGOptions,
} from './vgg.ts'

// GoogLeNet
export { GoogLeNet, googlenet, googLeNetLoss, type GoogLeNetOptions } from './googlenet.ts'

// ResNet, ResNeXt, Wide ResNet
export {
  ResNet,
  resnet18,
  resnet34,
  resnet50,
  resnet101,
  resnet152,
  resnext50_32x4d,
  resnext101_32x8d,
  resnext101_64x4d,
  wideResnet50_2,
  wideResnet101_2,
  type ResNetOptions,
  type StageCounts,
} from './resnet.ts'
export {
  BasicBlock,
  Bottleneck,
  type ResidualBlock,
  type ResidualBlockClass,
  type ResidualBlockOptions,
} from './residual-blocks.ts'

// ResNet for CIFAR
export {
  CifarResNet,
  resnet20,
  resnet32,
  resnet44,
  resnet56,
  resnet110,
  type CifarResNetOptions,
} from './cifar-resnet.ts'

// MobileNet
export {
  MobileNetV2,
  mobilenetV2,
  type InvertedResidualSetting,
  type MobileNetV2Options,
} from './mobilenet-v2.ts'
export {
  MobileNetV3,
  mobilenetV3Large,
  mobilenetV3Small,
  type MobileNetV3Block,
  type MobileNetV3Options,
} from './mobilenet-v3.ts'

// SqueezeNet
export { SqueezeNet, squeezenet1_0, squeezenet1_1, type SqueezeNetOptions } from './squeezenet.ts'

// DenseNet
export {
  DenseNet,
  densenet121,
  densenet161,
  densenet169,
  densenet201,
  type DenseNetOptions,
} from './densenet.ts'

// EfficientNet
export {
  EfficientNet,
  efficientnetB0,
  efficientnetB1,
  efficientnetB2,
  efficientnetB3,
  efficientnetB4,
  efficientnetB5,
  efficientnetB6,
  efficientnetB7,
  type EfficientNetOptions,
} from './efficientnet.ts'
