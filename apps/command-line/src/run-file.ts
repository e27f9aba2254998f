import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { FormatError } from '@badak/tensor'
import { type CheckpointStore, directoryStore } from '@badak/training'
import writeFileAtomic from 'write-file-atomic'
import { UsageError } from './arguments.ts'

const file = 'run.json'

/** How a run was started. */
export interface RunFile {
  /** Of which program and version it is. */
  readonly format: string
  /** The command line that makes it. */
  readonly arguments: readonly string[]
}

/** The checkpoints of a run, beside a file that says how it was started. */
export function runStore(directory: string, run: RunFile): CheckpointStore {
  const store = directoryStore(directory)
  return {
    ...store,
    async write(name, contents) {
      // First: no checkpoint is ever without it. Before the first one, a run leaves nothing.
      if (!existsSync(join(directory, file))) await writeRunFile(directory, run)
      await store.write(name, contents)
    },
  }
}

async function writeRunFile(directory: string, run: RunFile): Promise<void> {
  mkdirSync(directory, { recursive: true })
  await writeFileAtomic(join(directory, file), `${JSON.stringify(run, undefined, 2)}\n`)
}

/**
 * The run of a name below `root`, or of a path.
 *
 * @param options.read what its command line says
 * @throws UsageError when there is none, FormatError when its file is not one
 */
export function findRun<Config>(
  run: string,
  root: string,
  { format, read }: { readonly format: string; readonly read: (args: readonly string[]) => Config },
): { readonly directory: string; readonly config: Config } {
  const directory = [run, join(root, basename(run))].find((path) => existsSync(join(path, file)))
  if (directory === undefined)
    throw new UsageError(`--resume: no ${file} in ${run}, nor in ${join(root, basename(run))}`)
  const path = join(directory, file)
  try {
    const written = JSON.parse(readFileSync(path, 'utf8')) as Partial<RunFile> | null
    if (written?.format !== format || !Array.isArray(written.arguments))
      throw new FormatError('not a run of this program')
    return { directory, config: read(written.arguments) }
  } catch (cause) {
    throw new FormatError(`--resume: ${path}: ${(cause as Error).message}`, { cause })
  }
}
