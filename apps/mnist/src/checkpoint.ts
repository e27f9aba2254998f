import { existsSync, mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { loadSafetensors, saveSafetensors, type SafetensorsContents } from '@badak/formats'
import { BadakError, commit, defaultGenerator, FormatError, type Tensor, tensor } from '@badak/tensor'
import type { Data } from './data.ts'
import { History } from './history.ts'
import { argumentsOf, parseOptions, type RunConfig, UsageError } from './options.ts'
import { createRun, type Run } from './run.ts'

const file = 'checkpoint.safetensors'
const format = 'badak-mnist 1'

/** Everything that continuing bit for bit needs, in one file: written beside the old one, synced, renamed. */
export async function saveCheckpoint(run: Run): Promise<string> {
  const { config, directory, model, optimizer, loader, history, initialWeight } = run
  const { tensors: moments, groups } = optimizer.stateDict()
  const tensors = {
    ...prefixed('model.', model.stateDict()),
    ...prefixed('optimizer.', moments),
    'initial.weight': tensor(initialWeight.data, { shape: initialWeight.shape }),
    // No loss or accuracy is lost in JSON either, but it would take three times the room.
    'history.losses': tensor(Float32Array.from(history.losses)),
    'history.accuracies': tensor(Float32Array.from(history.accuracies)),
  }
  const { epochs, finished, seconds } = history
  const parts = {
    arguments: argumentsOf(config),
    groups,
    loader: loader.state(),
    generator: defaultGenerator.state,
    history: { epochs, finished, seconds },
  }
  const metadata = Object.fromEntries(
    Object.entries(parts).map(([name, part]) => [name, JSON.stringify(part)]),
  )
  mkdirSync(directory, { recursive: true })
  const path = join(directory, file)
  await saveSafetensors(path, tensors, { format, ...metadata })
  return path
}

/** A checkpoint that has been read, before anything is made of it. */
export interface Checkpoint {
  readonly directory: string
  readonly path: string
  readonly config: RunConfig
  readonly contents: SafetensorsContents
}

/** @throws UsageError when there is no run, FormatError when its checkpoint is not one */
export async function readCheckpoint(run: string, root: string): Promise<Checkpoint> {
  const directory = [run, join(root, basename(run))].find((path) => existsSync(join(path, file)))
  if (directory === undefined)
    throw new UsageError(`--resume: no ${file} in ${run}, nor in ${join(root, basename(run))}`)
  const path = join(directory, file)
  const contents = await loadSafetensors(path)
  if (contents.metadata['format'] !== format)
    throw new FormatError(`--resume: ${path}: not a checkpoint of this program`)
  return { directory, path, contents, config: understood(path, () => readConfig(contents)) }
}

/** The run as it was when the checkpoint was written. */
export async function restoreRun(
  { directory, path, config, contents }: Checkpoint,
  data: Data,
): Promise<Run> {
  const run = await createRun(config, directory, data)
  const { tensors, metadata } = contents
  const part = (name: string): never => JSON.parse(metadata[name]!) as never
  const [weight, losses, accuracies] = await Promise.all(
    ['initial.weight', 'history.losses', 'history.accuracies'].map(
      async (name) => (await tensors[name]?.data()) as Float32Array,
    ),
  )
  understood(path, () => {
    run.model.loadStateDict(unprefixed('model.', tensors))
    run.optimizer.loadStateDict({ tensors: unprefixed('optimizer.', tensors), groups: part('groups') })
    run.loader.restore(part('loader'))
    run.initialWeight = { data: weight!, shape: tensors['initial.weight']!.shape }
    run.history = History.restore({
      losses: losses!,
      accuracies: accuracies!,
      ...(part('history') as object),
    } as never)
    defaultGenerator.state = part('generator')
  })
  await commit()
  return run
}

function readConfig({ metadata }: SafetensorsContents): RunConfig {
  const options = parseOptions(JSON.parse(metadata['arguments']!) as string[])
  if (options.kind !== 'train') throw new FormatError('no configuration')
  return options.config
}

/** Whatever is wrong inside of a checkpoint is told as that. */
function understood<T>(path: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (!(
      cause instanceof BadakError ||
      cause instanceof UsageError ||
      cause instanceof SyntaxError ||
      cause instanceof TypeError
    ))
      throw cause
    throw new FormatError(`--resume: ${path}: ${cause.message}`, { cause })
  }
}

function prefixed(prefix: string, tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(tensors).map(([name, value]) => [prefix + name, value]))
}

function unprefixed(prefix: string, tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> {
  const ours = Object.entries(tensors).filter(([name]) => name.startsWith(prefix))
  return Object.fromEntries(ours.map(([name, value]) => [name.slice(prefix.length), value]))
}
