import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { configure } from '@badak/tensor'
import { oneOf } from 'command-line/arguments'
import { type Opened, openClassifier } from '../open-classifier.ts'
import { integer } from '../train-options.ts'

const text = { type: 'string' } as const

/** Options of the commands that use a classifier. */
export const classifierDefinitions = {
  checkpoint: text,
  threads: text,
  backend: text,
  help: { type: 'boolean', short: 'h' },
} as const

export const classifierHelp = `  --checkpoint <run|file>  a run under runs/, its path, or its classifier.safetensors; digits and clothing are
                           networks that come with this program; default: the newest run, otherwise digits`

export const machineHelp = `  --threads <n>            default: one for each core
  --backend <name>         wasm (default), or reference: plain and slow
  --help`

interface Values {
  readonly checkpoint?: string | undefined
  readonly threads?: string | undefined
  readonly backend?: string | undefined
}

/** Sets the backend up and opens the classifier that is asked for. */
export async function openAsked({ checkpoint, threads, backend }: Values): Promise<Opened> {
  configure({
    backend: oneOf('backend', backend, ['wasm', 'reference'] as const) ?? 'wasm',
    threads: integer('threads', threads, 1, 64) ?? Math.min(16, availableParallelism()),
  })
  return openClassifier(checkpoint, join(process.cwd(), 'runs'))
}
