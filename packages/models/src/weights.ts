/** Weights that torchvision trained on ImageNet, and what images they expect. */
export interface PretrainedWeights {
  /** A checkpoint of PyTorch, for `loadPyTorch` of `@badak/formats`. */
  readonly url: string
  /** The first 8 hexadecimal digits of its SHA-256. */
  readonly sha256: string
  /** To how many pixels the shorter side of an image is brought, */
  readonly resize: number
  /** how, */
  readonly interpolation: 'bilinear' | 'bicubic'
  /** and how many pixels each way are then cut out of its middle. */
  readonly crop: number
  /** Share of ImageNet's validation images that get the right class, in percent. */
  readonly top1: number
  /** Share of those whose class is among the first five, in percent. */
  readonly top5: number
}

type Row = readonly [
  file: string,
  resize: number,
  crop: number,
  interpolation: 'bilinear' | 'bicubic',
  top1: number,
  top5: number,
]

const table = {
  alexnet: ['alexnet-owt-7be5be79', 256, 224, 'bilinear', 56.522, 79.066],
  vgg11: ['vgg11-8a719046', 256, 224, 'bilinear', 69.02, 88.628],
  vgg11_bn: ['vgg11_bn-6002323d', 256, 224, 'bilinear', 70.37, 89.81],
  vgg13: ['vgg13-19584684', 256, 224, 'bilinear', 69.928, 89.246],
  vgg13_bn: ['vgg13_bn-abd245e5', 256, 224, 'bilinear', 71.586, 90.374],
  vgg16: ['vgg16-397923af', 256, 224, 'bilinear', 71.592, 90.382],
  vgg16_bn: ['vgg16_bn-6c64b313', 256, 224, 'bilinear', 73.36, 91.516],
  vgg19: ['vgg19-dcbb9e9d', 256, 224, 'bilinear', 72.376, 90.876],
  vgg19_bn: ['vgg19_bn-c79401a0', 256, 224, 'bilinear', 74.218, 91.842],
  googlenet: ['googlenet-1378be20', 256, 224, 'bilinear', 69.778, 89.53],
  resnet18: ['resnet18-f37072fd', 256, 224, 'bilinear', 69.758, 89.078],
  resnet34: ['resnet34-b627a593', 256, 224, 'bilinear', 73.314, 91.42],
  resnet50: ['resnet50-11ad3fa6', 232, 224, 'bilinear', 80.858, 95.434],
  resnet101: ['resnet101-cd907fc2', 232, 224, 'bilinear', 81.886, 95.78],
  resnet152: ['resnet152-f82ba261', 232, 224, 'bilinear', 82.284, 96.002],
  resnext50_32x4d: ['resnext50_32x4d-1a0047aa', 232, 224, 'bilinear', 81.198, 95.34],
  resnext101_32x8d: ['resnext101_32x8d-110c445d', 232, 224, 'bilinear', 82.834, 96.228],
  resnext101_64x4d: ['resnext101_64x4d-173b62eb', 232, 224, 'bilinear', 83.246, 96.454],
  wide_resnet50_2: ['wide_resnet50_2-9ba9bcbe', 232, 224, 'bilinear', 81.602, 95.758],
  wide_resnet101_2: ['wide_resnet101_2-d733dc28', 232, 224, 'bilinear', 82.51, 96.02],
  mobilenet_v2: ['mobilenet_v2-7ebf99e0', 232, 224, 'bilinear', 72.154, 90.822],
  mobilenet_v3_large: ['mobilenet_v3_large-5c1a4163', 232, 224, 'bilinear', 75.274, 92.566],
  mobilenet_v3_small: ['mobilenet_v3_small-047dcff4', 256, 224, 'bilinear', 67.668, 87.402],
  squeezenet1_0: ['squeezenet1_0-b66bff10', 256, 224, 'bilinear', 58.092, 80.42],
  squeezenet1_1: ['squeezenet1_1-b8a52dc0', 256, 224, 'bilinear', 58.178, 80.624],
  densenet121: ['densenet121-a639ec97', 256, 224, 'bilinear', 74.434, 91.972],
  densenet161: ['densenet161-8d451a50', 256, 224, 'bilinear', 77.138, 93.56],
  densenet169: ['densenet169-b2777c0a', 256, 224, 'bilinear', 75.6, 92.806],
  densenet201: ['densenet201-c1103571', 256, 224, 'bilinear', 76.896, 93.37],
  efficientnet_b0: ['efficientnet_b0_rwightman-3dd342df', 256, 224, 'bicubic', 77.692, 93.532],
  efficientnet_b1: ['efficientnet_b1-c27df63c', 255, 240, 'bilinear', 79.838, 94.934],
  efficientnet_b2: ['efficientnet_b2_rwightman-bcdf34b7', 288, 288, 'bicubic', 80.608, 95.31],
  efficientnet_b3: ['efficientnet_b3_rwightman-cf984f9c', 320, 300, 'bicubic', 82.008, 96.054],
  efficientnet_b4: ['efficientnet_b4_rwightman-7eb33cd5', 384, 380, 'bicubic', 83.384, 96.594],
  efficientnet_b5: ['efficientnet_b5_lukemelas-b6417697', 456, 456, 'bicubic', 83.444, 96.628],
  efficientnet_b6: ['efficientnet_b6_lukemelas-c76e70fd', 528, 528, 'bicubic', 84.008, 96.916],
  efficientnet_b7: ['efficientnet_b7_lukemelas-dcc49843', 600, 600, 'bicubic', 84.122, 96.908],
} as const satisfies Record<string, Row>

/** The models that there are weights for, as torchvision calls them. */
export type PretrainedName = keyof typeof table

function readTable(rows: Readonly<Record<PretrainedName, Row>>): Record<PretrainedName, PretrainedWeights> {
  const entries = Object.entries(rows).map(([name, [file, resize, crop, interpolation, top1, top5]]) => {
    const url = `https://download.pytorch.org/models/${file}.pth`
    return [name, { url, sha256: file.slice(-8), resize, interpolation, crop, top1, top5 }]
  })
  return Object.fromEntries(entries) as Record<PretrainedName, PretrainedWeights>
}

/**
 * Where torchvision's weights are, by the name of the model: the best of each, as of torchvision 0.14.1. Pixels are
 * in [0, 1], normalised by `imagenetNormalisation`; of `googlenet`, made with `transformInput: true`.
 *
 * @example
 * ```ts
 * const { url, sha256 } = weightsURL.resnet18
 * const { tensors } = await loadPyTorch(await fetchFile(url, { sha256 }))
 * resnet18().loadStateDict(tensors)
 * ```
 */
export const weightsURL: Readonly<Record<PretrainedName, PretrainedWeights>> =
  /* @__PURE__ */ readTable(table)
