import { type DownloadProgress, loadWeights, type Weights } from '@badak/formats'
import type { Module } from '@badak/layers'
import { imagenetNormalisation, type PretrainedName, weightsURL } from '@badak/models'
import { ShapeError, sum, type Tensor } from '@badak/tensor'
import { UsageError } from 'command-line/arguments'
import { type Description, isClassifier, readDescription } from './description.ts'

/**
 * The weights that `--weights` names: a file, an address, or `imagenet` for those of torchvision.
 *
 * @param model whose they are
 * @throws UsageError when there are none for this model
 */
export async function readWeights(
  source: string,
  model: string,
  onProgress: (progress: DownloadProgress) => void,
): Promise<Weights> {
  if (source !== 'imagenet') return loadWeights(source, { onProgress })
  if (!Object.hasOwn(weightsURL, model)) {
    throw new UsageError(
      `--weights: torchvision has none for ${model}; it has for ${Object.keys(weightsURL).join(', ')}`,
    )
  }
  const { url, sha256 } = weightsURL[model as PretrainedName]
  return loadWeights(url, { sha256, onProgress })
}

/** How images are normalised for these weights: as they were in the training that the weights come from. */
export function normalisationOf(
  { metadata }: Weights,
  { channels }: Description['input'],
): Description['normalisation'] {
  if (isClassifier(metadata)) {
    const { normalisation } = readDescription(metadata)
    if (normalisation.mean.length === channels) return normalisation
  }
  const { mean, std } = imagenetNormalisation
  if (channels === 3) return { mean, std }
  const average = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0) / 3
  return { mean: [average(mean)], std: [average(std)] }
}

/** What came of a beginning with weights. */
export interface Fitted {
  /** Names of what keeps its own initial values, because it is for other classes. */
  readonly anew: readonly string[]
}

/**
 * Gives a network weights that were trained for something else. The last layer keeps its initial values where the
 * classes differ in number. For grey images, the filters of the first layer are added up over the colours: a grey
 * image has the same value in all of them.
 *
 * @throws ShapeError, naming what does not fit, when the weights are those of another network
 */
export function fitWeights(network: Module, weights: Readonly<Record<string, Tensor>>): Fitted {
  const own = network.stateDict()
  const head = headOf(network)
  const fitting: Record<string, Tensor> = {}
  const anew: string[] = []
  const wrong: string[] = []
  for (const [name, { shape }] of Object.entries(own)) {
    const weight = weights[name]
    const fit = weight && fitted(weight, shape)
    if (fit) fitting[name] = fit
    else if (weight && name.startsWith(head)) anew.push(name)
    // PyTorch counts batches since 0.4.1; the statistics are what matters.
    else if (weight || !name.endsWith('num_batches_tracked'))
      wrong.push(weight ? `"${name}" is [${weight.shape}], not [${shape}]` : `"${name}" is missing`)
  }
  if (wrong.length > 0) {
    const more = wrong.length > 3 ? `, and ${wrong.length - 3} more` : ''
    throw new ShapeError(`--weights: of another network: ${wrong.slice(0, 3).join(', ')}${more}`)
  }
  network.loadStateDict(fitting, { strict: false })
  return { anew }
}

/** Freezes all but the last layer. Its parameters are then the only ones that are trained. */
export function freezeAllButHead(network: Module): void {
  const head = headOf(network)
  for (const [name, parameter] of network.namedParameters()) parameter.requiresGrad = name.startsWith(head)
}

/** `fc.` for a network that ends with the layer `fc`. */
function headOf(network: Module): string {
  const [name] = network.namedParameters().at(-1)!
  return name.slice(0, name.lastIndexOf('.') + 1)
}

function fitted(weight: Tensor, shape: readonly number[]): Tensor | undefined {
  if (isSame(weight.shape, shape)) return weight
  const [outputs, channels, ...kernel] = shape
  const fromColour = channels === 1 && isSame(weight.shape, [outputs!, 3, ...kernel])
  return fromColour ? sum(weight, { axis: 1, keepDims: true }) : undefined
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis])
}
