import { ValueError, isTensor, noGrad, zeros } from '@badak/tensor'
import type { Tensor } from '@badak/tensor'
import { isModule, Sequential, type Layer, type Module } from '@badak/layers'
import type { Footprint, Seeing } from './footprint.ts'

/** What the elements that come out of a layer see of the input of the network, per axis. */
export interface ReceptiveField {
  /** Path of the layer in the model. */
  readonly name: string
  /** What it is. */
  readonly layer: string
  /** Sizes of its output. */
  readonly outputSize: readonly number[]
  /** How many pixels of the input an element depends on, also called field. */
  readonly size: readonly number[]
  /** Distance in pixels of the input between the fields of neighbours, also called jump. */
  readonly stride: readonly number[]
  /** The first pixel of the field of the first element; negative in the padding. */
  readonly start: readonly number[]
}

/**
 * The receptive field of each layer: how many pixels of the input an element of its output can depend on, how far
 * apart the fields of neighbours are, and where the first one begins. A field includes what the padding adds.
 *
 * The model runs once, on shapes alone: its layers may branch and meet again by additions and concatenations,
 * where the largest field counts, and do what they like pixel by pixel. Layers that no longer give images (`Flatten`,
 * `Linear`) end the list.
 *
 * @param model a model, or layers that follow each other
 * @param input shape of a batch of inputs, `[N, C, H, W]` (or with one or three axes in place of two)
 * @throws ValueError when the shape is not of images, or a layer takes what no layer before it has given
 * @example
 * ```ts
 * const fields = receptiveField([new Conv2d(3, 8, 3), new MaxPool2d(2), new Conv2d(8, 8, 3)], [1, 3, 32, 32])
 * fields.at(-1) // { size: [8, 8], stride: [2, 2], start: [0, 0], outputSize: [13, 13], … }
 * ```
 * @see Araujo, Norris & Sim 2019, doi:10.23915/distill.00021
 */
export function receptiveField(model: Module | Iterable<Layer>, input: readonly number[]): ReceptiveField[] {
  if (input.length < 3 || input.length > 5)
    throw new ValueError(
      `receptiveField: the input is not of sequences, images or volumes: [${input.join(',')}]`,
    )
  const root: Module = isModule(model) ? model : new Sequential(...model)
  const trace = new Trace(input)
  const leaves = root.namedModules().filter(([, module]) => [...module.modules()].length === 1)
  const undo = leaves.map(([name, module]) => trace.watch(name, module))
  try {
    noGrad(() => root.forward(...([trace.image] as never[])))
  } finally {
    for (const remove of undo) remove()
  }
  return trace.fields
}

/** What has come out of layers so far. */
class Trace {
  readonly image: Tensor
  readonly fields: ReceptiveField[] = []
  readonly #known: { readonly tensor: Tensor; readonly axes: readonly Footprint[] }[]

  constructor(input: readonly number[]) {
    this.image = zeros(input)
    this.#known = [{ tensor: this.image, axes: input.slice(2).map(() => ({ size: 1, stride: 1, start: 0 })) }]
  }

  /** Follows a layer; gives what stops that. Its mode is the one for use. */
  watch(name: string, module: Module): () => void {
    const { training } = module
    module.training = false
    const remove = module.onForward((_, inputs, output) => {
      const [x] = inputs as readonly unknown[]
      if (isTensor(x) && isTensor(output)) this.#pass(name, module, x, output)
    })
    return () => {
      module.training = training
      remove()
    }
  }

  #pass(name: string, module: Module, x: Tensor, output: Tensor): void {
    // What no longer has the axes of the input is no image.
    if (x.rank !== this.image.rank || output.rank !== this.image.rank) return
    const before = this.#seenBy(name, module, x)
    const own = (module as Partial<Seeing>).footprint?.(x.shape.slice(2))
    if (!own && x.shape.slice(2).join() !== output.shape.slice(2).join()) {
      throw new ValueError(
        `receptiveField: ${name || String(module)} does not say what it sees: it makes ` +
          `[${output.shape.join(',')}] of [${x.shape.join(',')}] and has no footprint()`,
      )
    }
    const axes = own ? own.map((footprint, axis) => compose(before[axis]!, footprint)) : before
    this.#known.push({ tensor: output, axes })
    this.fields.push({
      name,
      layer: String(module),
      outputSize: output.shape.slice(2),
      size: axes.map(({ size }) => size),
      stride: axes.map(({ stride }) => stride),
      start: axes.map(({ start }) => start),
    })
  }

  /** A tensor that no layer gave was made of some by operations on pixels: the largest field is its. */
  #seenBy(name: string, module: Module, x: Tensor): readonly Footprint[] {
    const same = this.#known.findLast(({ tensor }) => tensor === x)
    if (same) return same.axes
    const sizes = x.shape.slice(2).join()
    const alike = this.#known.filter(({ tensor }) => tensor.shape.slice(2).join() === sizes)
    if (alike.length === 0) {
      throw new ValueError(
        `receptiveField: ${name || String(module)} takes [${x.shape.join(',')}], which no layer before it has given`,
      )
    }
    return alike.reduce((a, b) => (area(b.axes) >= area(a.axes) ? b : a)).axes
  }
}

function area(axes: readonly Footprint[]): number {
  return axes.reduce((product, { size }) => product * size, 1)
}

/** A layer that sees `after` of what a layer that sees `before` has given. */
function compose(before: Footprint, after: Footprint): Footprint {
  return {
    size: before.size + (after.size - 1) * before.stride,
    stride: before.stride * after.stride,
    start: before.start + after.start * before.stride,
  }
}
