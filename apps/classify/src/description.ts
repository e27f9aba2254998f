import { FormatError } from '@badak/tensor'

/** How an image becomes the input of a classifier. */
const preparations = ['photo', 'digit', 'garment'] as const
export type Preparation = (typeof preparations)[number]

/** All that is needed to use a trained network, but for its weights. */
export interface Description {
  /** Name of the architecture. */
  readonly model: string
  /** What it was made with, besides the sizes below. */
  readonly options: Readonly<Record<string, unknown>>
  readonly classes: readonly string[]
  readonly input: {
    /** 1: grey, 3: red, green, blue. */
    readonly channels: 1 | 3
    readonly height: number
    readonly width: number
  }
  /** Of the values from 0 to 1 of each channel: the network gets (x − mean) / std. */
  readonly normalisation: { readonly mean: readonly number[]; readonly std: readonly number[] }
  readonly preparation: Preparation
}

const format = 'badak-classifier 1'

/** A description as the metadata of a safetensors file. */
export function writeDescription(description: Description): Record<string, string> {
  return { format, classifier: JSON.stringify(description) }
}

/** Whether the metadata of a file say that it is a classifier. */
export function isClassifier(
  metadata: Readonly<Record<string, unknown>>,
): metadata is Record<string, string> {
  return metadata['format'] === format
}

/**
 * The description in the metadata of a file.
 *
 * @throws FormatError when there is none, or it does not say what it must
 */
export function readDescription(metadata: Readonly<Record<string, string>>): Description {
  if (!isClassifier(metadata))
    throw new FormatError('not a classifier of this program: its metadata has no format "badak-classifier 1"')
  let written: unknown
  try {
    written = JSON.parse(metadata['classifier'] ?? '')
  } catch (cause) {
    throw new FormatError(`the description is no JSON: ${(cause as Error).message}`, { cause })
  }
  const wrong = whatIsWrong(written as Partial<Description> | null)
  if (wrong !== undefined) throw new FormatError(`the description is damaged: ${wrong}`)
  return written as Description
}

/** The first thing in a description that is not as it should be. */
function whatIsWrong(written: Partial<Description> | null): string | undefined {
  if (typeof written !== 'object' || written === null) return 'it is no object'
  const { model, options, classes, input, normalisation, preparation } = written
  const channels = input?.channels
  const checks: [what: string, fits: boolean][] = [
    ['model', typeof model === 'string'],
    ['options', typeof options === 'object' && options !== null],
    ['classes', areAll(classes, 'string') && classes.length > 0],
    ['input.channels', channels === 1 || channels === 3],
    ['input.height', isExtent(input?.height)],
    ['input.width', isExtent(input?.width)],
    ['normalisation.mean', areAll(normalisation?.mean, 'number') && normalisation.mean.length === channels],
    [
      'normalisation.std',
      areAll(normalisation?.std, 'number') &&
        normalisation.std.length === channels &&
        normalisation.std.every((std) => std > 0),
    ],
    ['preparation', preparations.includes(preparation as Preparation)],
  ]
  return checks.find(([, fits]) => !fits)?.[0]
}

/** A side of an image; more than 4096 pixels would be memory taken on the word of a file. */
function isExtent(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) <= 4096
}

function areAll(values: unknown, type: 'string' | 'number'): values is readonly unknown[] {
  return Array.isArray(values) && values.every((value) => typeof value === type)
}
