import { numbers, product } from '../side-by-side/work.ts'

/** A ResNet-18: a first convolution, four stages of two blocks, the mean of each channel, a linear layer. */
export interface ResNet {
  readonly batch: number
  /** Height and width of the images. */
  readonly size: number
  readonly classes: number
  /** Channels of the stages. */
  readonly widths: readonly number[]
  /** The first convolution: 3×3, or for large images 7×7 with stride 2 and a pooling after it. */
  readonly stem: 'small' | 'large'
}

/** A convolution that batch normalisation follows; its padding is half of the kernel. */
export interface Convolution {
  /** As torchvision names it. */
  readonly name: string
  readonly from: number
  readonly to: number
  readonly kernel: number
  readonly stride: number
}

/** `relu(second(relu(first(x))) + shortcut(x))`; where nothing changes in shape the shortcut is x itself. */
export interface Block {
  readonly first: Convolution
  readonly second: Convolution
  readonly shortcut?: Convolution
}

export function stemOf({ widths, stem }: ResNet): Convolution {
  const large = stem === 'large'
  return { name: 'conv1', from: 3, to: widths[0]!, kernel: large ? 7 : 3, stride: large ? 2 : 1 }
}

/** The blocks of each stage; all but the first stage begin with a stride of 2. */
export function stagesOf({ widths }: ResNet): readonly (readonly Block[])[] {
  return widths.map((to, stage) =>
    [stage === 0 ? to : widths[stage - 1]!, to].map((from, block): Block => {
      const name = `layer${stage + 1}.${block}`
      const stride = stage > 0 && block === 0 ? 2 : 1
      return {
        first: { name: `${name}.conv1`, from, to, kernel: 3, stride },
        second: { name: `${name}.conv2`, from: to, to, kernel: 3, stride: 1 },
        ...(stride > 1 && { shortcut: { name: `${name}.downsample`, from, to, kernel: 1, stride } }),
      }
    }),
  )
}

/** What a library does in a ResNet whose batch normalisation has become part of the convolutions. */
export interface Operations<T> {
  readonly convolution: (x: T, convolution: Convolution) => T
  /** `relu(x)`, or `relu(x + shortcut)`. */
  readonly relu: (x: T, shortcut?: T) => T
  /** The largest of windows of 3×3, stride 2, padding 1. */
  readonly pool: (x: T) => T
  /** The mean of each channel, and the linear layer. */
  readonly head: (x: T) => T
}

export function forward<T>(network: ResNet, images: T, { convolution, relu, pool, head }: Operations<T>): T {
  let x = relu(convolution(images, stemOf(network)))
  if (network.stem === 'large') x = pool(x)
  for (const { first, second, shortcut } of stagesOf(network).flat()) {
    const residual = convolution(relu(convolution(x, first)), second)
    x = relu(residual, shortcut ? convolution(x, shortcut) : x)
  }
  return head(x)
}

/** Operations of a forward pass: those of convolutions and of the linear layer. */
export function flopsOf(network: ResNet): number {
  const { batch, classes, widths } = network
  let flops = 2 * batch * widths.at(-1)! * classes
  forward(network, network.size, {
    convolution: (size, { from, to, kernel, stride }) => {
      const result = Math.ceil(size / stride)
      flops += 2 * batch * from * to * kernel ** 2 * result ** 2
      return result
    },
    relu: (size) => size,
    pool: (size) => Math.ceil(size / 2),
    head: (size) => size,
  })
  return flops
}

export interface Weight {
  readonly shape: readonly number[]
  readonly data: Float32Array
}

/** A weight in He's scale; the same in every library. */
export function weightOf(...shape: readonly number[]): Weight {
  return { shape, data: numbers(product(shape), Math.sqrt(6 / product(shape.slice(1)))) }
}

export function convolutionWeight({ from, to, kernel }: Convolution): Weight {
  return weightOf(to, from, kernel, kernel)
}

export function biasOf(size: number): Weight {
  return { shape: [size], data: numbers(size, 0.1) }
}
