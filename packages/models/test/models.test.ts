// What can be seen of models without computing: nothing here is evaluated.
import { isTensor, ShapeError, ValueError, zeros } from '@badak/tensor'
import {
  alexnet,
  CifarResNet,
  createModel,
  densenet121,
  efficientnetB0,
  googlenet,
  imagenetNormalisation,
  lenet,
  MobileNetV2,
  mobilenetV2,
  mobilenetV3Large,
  modelNames,
  resnet18,
  resnet20,
  squeezenet1_1,
  vgg11,
  weightsURL,
  type PretrainedName,
} from '@badak/models'
import { describe, expect, test } from 'vitest'
import { readCases } from '../../layers/test/fixture.ts'

const fixture = (name: string): URL => new URL(`fixtures/${name}`, import.meta.url)

describe('the registry', () => {
  test('makes what it is asked for by name, with the options of that model', () => {
    const model = createModel('resnet18', { stem: 'small', inChannels: 1, numClasses: 10 })
    expect(model.conv1.weight.shape).toEqual([64, 1, 3, 3])
    expect(String(createModel('googlenet', { auxLogits: false }))).toBe('GoogLeNet')
    expect(modelNames()).toEqual(expect.arrayContaining(['lenet', 'vgg11_bn', 'efficientnet_b0']))
    expect(modelNames()).toHaveLength(43)
  })

  test('says what was meant', () => {
    expect(() => createModel('resnet-18')).toThrow(
      new ValueError('createModel: no model is called "resnet-18" (did you mean "resnet18"?)'),
    )
    expect(() => createModel('vgg16bn')).toThrow(/did you mean "vgg16_bn"/)
    expect(() => createModel('toString')).toThrow(ValueError)
    expect(() => createModel('?')).toThrow(/no model is called "\?": lenet, alexnet, /)
  })
})

describe('weights of torchvision', () => {
  interface Weights {
    readonly name: string
    readonly url: string
    readonly parameters: number
    readonly mean: readonly number[]
    readonly std: readonly number[]
  }
  const recorded = new Map(readCases<Weights>(fixture('weights.json')).map((c) => [c.name, c]))

  test('are where torchvision has them', () => {
    for (const [name, weights] of Object.entries(weightsURL)) {
      const { url, parameters: _, name: __, mean, std, ...rest } = recorded.get(name)!
      expect(weights).toEqual({ url, sha256: /-([0-9a-f]{8})\.pth$/.exec(url)![1], ...rest })
      expect({ mean, std }).toEqual(imagenetNormalisation)
    }
  })

  test('are listed for every model that torchvision has', () => {
    const own = ['lenet', 'resnet20', 'resnet32', 'resnet44', 'resnet56', 'resnet110']
    expect(Object.keys(weightsURL)).toEqual(modelNames().filter((name) => !own.includes(name)))
  })

  test('are of models with as many parameters', () => {
    for (const name of ['resnet50', 'densenet161', 'squeezenet1_0'] satisfies PretrainedName[]) {
      const count = createModel(name)
        .parameters()
        .reduce((sum, { size }) => sum + size, 0)
      expect(count).toBe(recorded.get(name)!.parameters)
    }
  })
})

describe('looking inside', () => {
  test('every model tells its last feature map', () => {
    const shapes = {
      lenet: [
        [1, 1, 28, 28],
        [1, 16, 5, 5],
      ],
      alexnet: [
        [1, 3, 96, 128],
        [1, 256, 2, 3],
      ],
      vgg11: [
        [1, 3, 64, 96],
        [1, 512, 2, 3],
      ],
      googlenet: [
        [1, 3, 64, 96],
        [1, 1024, 2, 3],
      ],
      resnet50: [
        [1, 3, 64, 96],
        [1, 2048, 2, 3],
      ],
      resnet20: [
        [1, 3, 32, 48],
        [1, 64, 8, 12],
      ],
      mobilenet_v2: [
        [1, 3, 64, 96],
        [1, 1280, 2, 3],
      ],
      mobilenet_v3_large: [
        [1, 3, 64, 96],
        [1, 960, 2, 3],
      ],
      squeezenet1_1: [
        [1, 3, 64, 96],
        [1, 512, 3, 5],
      ],
      densenet121: [
        [1, 3, 64, 96],
        [1, 1024, 2, 3],
      ],
      efficientnet_b0: [
        [1, 3, 64, 96],
        [1, 1280, 2, 3],
      ],
    }
    for (const [name, [from, to]] of Object.entries(shapes))
      expect([name, createModel(name).eval().forwardFeatures(zeros(from!)).shape]).toEqual([name, to])
  })

  test('a summary counts what a pass costs', () => {
    // 1.81 GMACs, as torchvision's later versions document for ResNet-18 (1.814 GFLOPS).
    expect(resnet18().summary([1, 3, 224, 224])).toMatch(/\ntotal +11,689,512 +1,814,073,344\n/)
  })
})

describe('options', () => {
  test('GoogLeNet gives auxiliary logits in training only, if it has such heads', () => {
    const x = zeros([2, 3, 64, 64])
    const outputs = googlenet({ numClasses: 7 }).forward(x)
    if (isTensor(outputs)) throw new Error('logits alone')
    expect([outputs.logits, ...outputs.auxiliary].map(({ shape }) => shape)).toEqual([
      [2, 7],
      [2, 7],
      [2, 7],
    ])
    expect(isTensor(googlenet().eval().forward(x))).toBe(true)
    expect(isTensor(googlenet({ auxLogits: false }).forward(x))).toBe(true)
  })
})

const image = zeros([1, 3, 32, 32])
const errors: [() => unknown, Error][] = [
  [() => resnet18({ numClasses: 0 }), new ValueError('ResNet: numClasses is not an integer ≥ 1: 0')],
  [() => alexnet({ inChannels: 1.5 }), new ValueError('AlexNet: inChannels is not an integer ≥ 1: 1.5')],
  [() => resnet18({ width: -1 }), new ValueError('ResNet: width is not an integer ≥ 1: -1')],
  [
    () => resnet18({ stem: 'tiny' as 'small' }),
    new ValueError('ResNet: unknown stem "tiny": expected large or small'),
  ],
  [
    () => resnet18({ groups: 2 }),
    new ValueError(
      'BasicBlock: only a bottleneck has groups, width and dilation: groups 2, widthPerGroup 64, dilation 1',
    ),
  ],
  [() => new CifarResNet(18), new ValueError('CifarResNet: depth is not 6n + 2: 18')],
  [
    () => resnet20({ shortcut: 'C' as 'A' }),
    new ValueError('CifarResNet: unknown shortcut "C": expected A or B'),
  ],
  [() => vgg11({ dropout: 1 }), new ValueError('Dropout: the probability is not in [0, 1): 1')],
  [() => new MobileNetV2({ widthMult: 0 }), new ValueError('MobileNetV2: widthMult is not a number > 0: 0')],
  [
    () => mobilenetV3Large({ widthMult: NaN }),
    new ValueError('MobileNetV3: widthMult is not a number > 0: NaN'),
  ],
  [
    () => efficientnetB0({ depthMult: -1 }),
    new ValueError('EfficientNet: depthMult is not a number > 0: -1'),
  ],
  [
    () => efficientnetB0({ stochasticDepthProb: 2 }),
    new ValueError('EfficientNet: stochasticDepthProb is not in [0, 1]: 2'),
  ],
  [
    () => densenet121({ blockConfig: [6, 0] }),
    new ValueError('DenseNet: layers of a block is not an integer ≥ 1: 0'),
  ],
  [
    () => alexnet().forward(image),
    new ShapeError('AlexNet: input is not [N, 3, H, W] of 63x63 or more: [1,3,32,32]'),
  ],
  [
    () => resnet18({ inChannels: 1 }).forward(image),
    new ShapeError('ResNet: input is not [N, 1, H, W]: [1,3,32,32]'),
  ],
  [
    () => mobilenetV2().forward(zeros([3, 8, 8])),
    new ShapeError('MobileNetV2: input is not [N, 3, H, W]: [3,8,8]'),
  ],
  [() => lenet().forward(zeros([1, 1, 32, 32])), new ShapeError('LeNet: images are not 28x28: [1,1,32,32]')],
  [
    () => squeezenet1_1().forward(zeros([1, 3, 16, 99])),
    new ShapeError('SqueezeNet: input is not [N, 3, H, W] of 17x17 or more: [1,3,16,99]'),
  ],
]

test.each(errors)('error %#', (act, error) => {
  expect(act).toThrow(error)
})
