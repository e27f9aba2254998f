import { Conv2d, MaxPool2d } from '@badak/cnn'
import { BatchNorm2d, Linear, Module, Sequential } from '@badak/layers'
import { relu, type Tensor } from '@badak/tensor'
import { type Block, type Convolution, type ResNet, stagesOf, stemOf } from './resnet.ts'

function convolutionOf({ from, to, kernel, stride }: Convolution): Conv2d {
  return new Conv2d(from, to, kernel, { stride, padding: kernel >> 1, bias: false })
}

class BasicBlock extends Module {
  readonly conv1: Conv2d
  readonly bn1: BatchNorm2d
  readonly conv2: Conv2d
  readonly bn2: BatchNorm2d
  readonly downsample?: Sequential

  constructor({ first, second, shortcut }: Block) {
    super()
    this.conv1 = convolutionOf(first)
    this.bn1 = new BatchNorm2d(first.to)
    this.conv2 = convolutionOf(second)
    this.bn2 = new BatchNorm2d(second.to)
    if (shortcut) this.downsample = new Sequential(convolutionOf(shortcut), new BatchNorm2d(shortcut.to))
  }

  forward(x: Tensor): Tensor {
    const hidden = relu(this.bn1.forward(this.conv1.forward(x)))
    const residual = this.bn2.forward(this.conv2.forward(hidden))
    return relu(residual.add(this.downsample?.forward(x) ?? x))
  }
}

/** ResNet-18 as a newcomer would write it; names as in torchvision. */
export class ResNet18 extends Module {
  readonly conv1: Conv2d
  readonly bn1: BatchNorm2d
  readonly pool?: MaxPool2d
  readonly layer1: Sequential
  readonly layer2: Sequential
  readonly layer3: Sequential
  readonly layer4: Sequential
  readonly fc: Linear

  constructor(network: ResNet) {
    super()
    this.conv1 = convolutionOf(stemOf(network))
    this.bn1 = new BatchNorm2d(this.conv1.weight.shape[0]!)
    if (network.stem === 'large') this.pool = new MaxPool2d(3, { stride: 2, padding: 1 })
    const [layer1, layer2, layer3, layer4] = stagesOf(network).map(
      (blocks) => new Sequential(...blocks.map((block) => new BasicBlock(block))),
    )
    this.layer1 = layer1!
    this.layer2 = layer2!
    this.layer3 = layer3!
    this.layer4 = layer4!
    this.fc = new Linear(network.widths.at(-1)!, network.classes)
  }

  /** From images `[N, 3, H, W]` to scores `[N, classes]`. */
  forward(images: Tensor): Tensor {
    let x = relu(this.bn1.forward(this.conv1.forward(images)))
    if (this.pool) x = this.pool.forward(x)
    for (const stage of [this.layer1, this.layer2, this.layer3, this.layer4]) x = stage.forward(x)
    return this.fc.forward(x.mean({ axis: [2, 3] }))
  }
}
