import { join, relative } from 'node:path'
import { softmaxCrossEntropy } from '@badak/layers'
import { configure, FormatError } from '@badak/tensor'
import { Accuracy, type Callback, fit, type History } from '@badak/training'
import { formatDuration, type Output, progressBar } from '@badak/training/terminal'
import { UsageError } from 'command-line/arguments'
import { loadData } from './data.ts'
import { FirstLayer } from './first-layer.ts'
import { usualEpochs } from './models.ts'
import { grouped, percent } from 'command-line/numbers'
import { argumentsOf, type Options, parseOptions, type RunConfig, type StartOptions } from './options.ts'
import { writeReport } from './report.ts'
import { checkWritable, runName } from 'command-line/run-directory'
import { findRun, runStore } from 'command-line/run-file'
import { createRun, type Run } from './run.ts'
import { describeFigure, inWordsOfOptions } from 'command-line/wording'

/** What a session needs from the world around it. */
export interface Surroundings {
  /** Where runs are kept. */
  readonly root: string
  readonly output: Output
  /** Aborted when the user wants to stop: the run is saved after the present step. */
  readonly signal: AbortSignal
  /** Called after each step. */
  readonly onStep?: () => void
}

/** How a session ended. */
export interface Outcome {
  readonly run: Run
  readonly history: History
  readonly finished: boolean
}

/** Of `run.json`. */
const format = 'badak-mnist 2'

function readConfig(args: readonly string[]): RunConfig {
  const options = parseOptions(args)
  if (options.kind !== 'train') throw new FormatError('no configuration')
  return options.config
}

/** Trains as the options say, from the beginning or from a checkpoint. */
export async function train(
  options: Exclude<Options, { kind: 'help' }>,
  surroundings: Surroundings,
): Promise<Outcome> {
  const { start } = options
  const { root, output } = surroundings
  const log = (line: string): void => void output.write(`${line}\n`)
  configure({ backend: start.backend, threads: start.threads })
  const resumed =
    options.kind === 'resume' ? findRun(options.run, root, { format, read: readConfig }) : undefined
  const config = options.kind === 'train' ? options.config : resumed!.config
  const data = await loadData(start.data, config.limit, log)
  const directory = resumed?.directory ?? join(root, runName(config.model))
  checkWritable(directory)
  const run = createRun(config, directory, data)
  const firstLayer = new FirstLayer()
  const epochs = start.epochs ?? usualEpochs[config.model]
  const callbacks = [firstLayer, announce(run, start, log)]
  const { history, stopped } = await learn(run, {
    ...surroundings,
    epochs,
    resume: resumed !== undefined,
    callbacks,
  })
  if (stopped !== undefined) return { run, history, finished: false }
  const report = await writeReport(run, history, firstLayer, start)
  const accuracy = history.epochs.at(-1)!['val_accuracy']!
  log(`\ntest accuracy ${percent(accuracy)} after ${formatDuration(history.seconds)} of training`)
  log(`report    ${relative('', report)}`)
  log(`train on  npm start -- --resume ${relative('', directory)} --epochs ${2 * epochs}`)
  return { run, history, finished: true }
}

/** `fit`, with checkpoints in the run's directory. */
async function learn(
  { config, directory, model, optimizer, schedule, loader, testLoader }: Run,
  settings: Surroundings & {
    readonly epochs: number
    readonly resume: boolean
    readonly callbacks: readonly Callback[]
  },
) {
  const { epochs, resume, output, signal, onStep } = settings
  const bar = progressBar({ output, unit: 'images', figure: describeFigure })
  const told: Callback = { name: 'told', onStep: () => onStep?.() }
  try {
    return await fit(model, {
      data: loader,
      validation: testLoader,
      optimizer,
      schedule,
      loss: softmaxCrossEntropy,
      metrics: { accuracy: new Accuracy() },
      epochs,
      callbacks: [...settings.callbacks, bar, told],
      checkpoint: { store: runStore(directory, { format, arguments: argumentsOf(config) }), keep: 1, resume },
      signal,
    })
  } catch (error) {
    throw inWordsOfOptions(error, directory)
  }
}

/** Says what is about to be trained, or that nothing is left to be. */
function announce(run: Run, { backend, threads }: StartOptions, log: (line: string) => void): Callback {
  const { config, data, directory, model, loader } = run
  return {
    name: 'announce',
    onStart({ epoch: done, epochs, step }) {
      if (done >= epochs) {
        throw new UsageError(
          `--resume: ${relative('', directory)} has finished ${done} epochs: ` +
            `train on with --epochs ${done + 1} or more`,
        )
      }
      const parameters = model.parameters().reduce((sum, { size }) => sum + size, 0)
      const facts = [
        `${config.model}: ${grouped(parameters)} parameters`,
        `${config.optimizer}, lr ${config.lr} × ${config.decay} an epoch, batch ${config.batchSize}, seed ${config.seed}`,
        `${backend}, ${threads} thread${threads === 1 ? '' : 's'}`,
      ]
      log(facts.join(' · '))
      const { epoch, position } = loader.state()
      log(
        `${grouped(data.train.length)} images, ${grouped(data.test.length)} to test on · ${epochs} epochs` +
          (step > 0 ? `, going on in epoch ${epoch + 1} at image ${grouped(position)}` : ''),
      )
    },
  }
}
