import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { loadSafetensors } from '@badak/formats'
import { FormatError } from '@badak/tensor'
import { UsageError } from 'command-line/arguments'
import { Classifier } from './classifier.ts'
import { readDescription } from './description.ts'

/** The file of a run that holds the classifier. */
export const classifierFile = 'classifier.safetensors'

/** Where networks lie that come with this program. */
const demo = join(import.meta.dirname, '..', 'demo')

/** A classifier, and where it was found. */
export interface Opened {
  readonly classifier: Classifier
  readonly path: string
}

/**
 * The classifier of a file, or of a run.
 *
 * @param checkpoint a file, a run's directory or its name below `root`, or the name of a network that comes with
 *   this program; undefined: the newest run, otherwise the network for digits
 * @throws UsageError when there is none, FormatError when the file is something else
 */
export async function openClassifier(checkpoint: string | undefined, root: string): Promise<Opened> {
  const path =
    checkpoint === undefined ? (newest(root) ?? join(demo, 'digits.safetensors')) : find(checkpoint, root)
  const { tensors, metadata } = await loadSafetensors(path)
  try {
    return { classifier: Classifier.from(tensors, readDescription(metadata)), path }
  } catch (cause) {
    throw new FormatError(`${path}: ${(cause as Error).message}`, { cause })
  }
}

function find(checkpoint: string, root: string): string {
  const places = [
    join(checkpoint, classifierFile),
    join(root, basename(checkpoint), classifierFile),
    ...(checkpoint.endsWith('.safetensors') ? [checkpoint] : []),
    join(demo, `${checkpoint}.safetensors`),
  ]
  const found = places.find((path) => existsSync(path))
  if (found !== undefined) return found
  const own = readdirSync(demo).flatMap((file) => file.match(/^(.*)\.safetensors$/)?.[1] ?? [])
  throw new UsageError(
    `--checkpoint: no classifier in ${checkpoint}: expected a .safetensors file, a run that has finished, ` +
      `or one of ${own.join(', ')}`,
  )
}

/** The classifier of the run that was started last, among those that have finished; names begin with the time. */
function newest(root: string): string | undefined {
  if (!existsSync(root)) return undefined
  return readdirSync(root)
    .toSorted()
    .map((run) => join(root, run, classifierFile))
    .findLast((path) => existsSync(path))
}
