import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { FormatError } from '@badak/tensor'
import { type CheckpointStore, directoryStore } from '@badak/training'
import writeFileAtomic from 'write-file-atomic'
import { argumentsOf, parseOptions, type RunConfig, UsageError } from './options.ts'

const file = 'run.json'
const format = 'badak-mnist 2'

/** The checkpoints of a run, beside a file that says how it was started. */
export function runStore(directory: string, config: RunConfig): CheckpointStore {
  const store = directoryStore(directory)
  return {
    ...store,
    async write(name, contents) {
      // First: no checkpoint is ever without it. Before the first one, a run leaves nothing.
      if (!existsSync(join(directory, file))) await writeRunFile(directory, config)
      await store.write(name, contents)
    },
  }
}

async function writeRunFile(directory: string, config: RunConfig): Promise<void> {
  mkdirSync(directory, { recursive: true })
  const text = JSON.stringify({ format, arguments: argumentsOf(config) }, undefined, 2)
  await writeFileAtomic(join(directory, file), `${text}\n`)
}

/**
 * The run of a name below `root`, or of a path.
 *
 * @throws UsageError when there is none, FormatError when its file is not one
 */
export function findRun(
  run: string,
  root: string,
): { readonly directory: string; readonly config: RunConfig } {
  const directory = [run, join(root, basename(run))].find((path) => existsSync(join(path, file)))
  if (directory === undefined)
    throw new UsageError(`--resume: no ${file} in ${run}, nor in ${join(root, basename(run))}`)
  const path = join(directory, file)
  try {
    return { directory, config: readConfig(readFileSync(path, 'utf8')) }
  } catch (cause) {
    throw new FormatError(`--resume: ${path}: ${(cause as Error).message}`, { cause })
  }
}

function readConfig(text: string): RunConfig {
  const written = JSON.parse(text) as { format?: unknown; arguments?: readonly string[] } | null
  if (written?.format !== format || !Array.isArray(written.arguments))
    throw new FormatError('not a run of this program')
  const options = parseOptions(written.arguments)
  if (options.kind !== 'train') throw new FormatError('no configuration')
  return options.config
}
