import { join, relative } from 'node:path'
import { saveSafetensors } from '@badak/formats'
import { softmaxCrossEntropy } from '@badak/layers'
import { configure, FormatError, type Tensor } from '@badak/tensor'
import {
  Accuracy,
  type Batch,
  type Callback,
  csvLog,
  earlyStopping,
  fit,
  type FitResult,
  tensorBoard,
} from '@badak/training'
import { formatDuration, type Output, progressBar } from '@badak/training/terminal'
import { grouped, percent } from 'command-line/numbers'
import { checkWritable, runName } from 'command-line/run-directory'
import { findRun, runStore } from 'command-line/run-file'
import { describeFigure, inWordsOfOptions } from 'command-line/wording'
import { openSource } from './data/open.ts'
import { writeDescription } from './description.ts'
import { classifierFile } from './open-classifier.ts'
import { writeReport } from './report.ts'
import { createRun, type Run } from './run.ts'
import {
  argumentsOf,
  parseTrainOptions,
  type RunConfig,
  type StartOptions,
  type TrainOptions,
} from './train-options.ts'

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
export interface Outcome extends FitResult {
  readonly run: Run
  readonly finished: boolean
}

/** Of `run.json`. */
const format = 'badak-classify 1'

/** Trains as the options say, from the beginning or from a checkpoint. */
export async function train(
  options: Exclude<TrainOptions, { kind: 'help' }>,
  surroundings: Surroundings,
): Promise<Outcome> {
  const { start } = options
  const { root, output } = surroundings
  const log = (line: string): void => void output.write(`${line}\n`)
  configure({ backend: start.backend, threads: start.threads })
  const resumed =
    options.kind === 'resume' ? findRun(options.run, root, { format, read: readConfig }) : undefined
  const config = options.kind === 'train' ? options.config : resumed!.config
  const source = await openSource(config.data, {
    directory: config.dataDirectory,
    size: config.size,
    grey: config.grey,
    limit: config.limit,
    augment: config.augment,
    announce: log,
  })
  const directory =
    resumed?.directory ??
    join(root, runName(`${source.title} ${config.model}`.toLowerCase().replaceAll(/[^a-z0-9_]+/g, '-')))
  checkWritable(directory)
  const run = await createRun(config, { directory, source, announce: log })
  const result = await learn(run, { ...surroundings, start, resume: resumed !== undefined })
  if (result.stopped === 'aborted') return { run, ...result, finished: false }
  const path = join(directory, classifierFile)
  const { network, description } = run.classifier
  await saveSafetensors(path, network.stateDict(), writeDescription(description))
  const { report, accuracy } = await writeReport(run, result.history, start)
  log(`\ntest accuracy ${percent(accuracy)} after ${formatDuration(result.history.seconds)} of training`)
  log(`classifier  ${relative('', path)}`)
  log(`report      ${relative('', report)}`)
  log(`try it      npm run classify -- predict <image> --checkpoint ${relative('', directory)}`)
  return { run, ...result, finished: true }
}

function readConfig(args: readonly string[]): RunConfig {
  const options = parseTrainOptions(args)
  if (options.kind !== 'train') throw new FormatError('no configuration')
  return options.config
}

/** `fit`, with checkpoints and logs in the run's directory. */
async function learn(
  run: Run,
  settings: Surroundings & { readonly start: StartOptions; readonly resume: boolean },
): Promise<FitResult> {
  const { config, directory, classifier, optimizer, schedule, loader, testLoader } = run
  const { resume, output, signal, onStep, start } = settings
  const { labelSmoothing } = config
  const loss = (logits: Tensor, target: Tensor): Tensor =>
    // Tests are of what was asked, not of what was taught.
    softmaxCrossEntropy(logits, target, classifier.network.training ? { labelSmoothing } : {})
  const callbacks: Callback[] = [
    announce(run, start, (line) => void output.write(`${line}\n`)),
    ...(config.freeze ? [keepFrozen] : []),
    progressBar({ output, unit: 'images', figure: describeFigure }),
    ...(config.earlyStopping === undefined ? [] : [earlyStopping({ patience: config.earlyStopping })]),
    // By a name of its own: a run that is resumed from elsewhere has another path.
    { ...csvLog(join(directory, 'epochs.csv')), name: 'table' },
    ...(start.tensorBoard ? [tensorBoard(join(directory, 'board'))] : []),
    { name: 'told', onStep: () => onStep?.() },
  ]
  try {
    return await fit(classifier.network, {
      data: loader,
      validation: testLoader,
      forward: (_, { x, t }: Batch) => ({ output: classifier.forward(x), target: t }),
      optimizer,
      ...(schedule && { schedule, scheduleEvery: 'step' }),
      loss,
      metrics: { accuracy: new Accuracy() },
      epochs: config.epochs,
      callbacks,
      checkpoint: { store: runStore(directory, { format, arguments: argumentsOf(config) }), keep: 1, resume },
      signal,
    })
  } catch (error) {
    throw inWordsOfOptions(error, directory)
  }
}

/** What is frozen behaves as in use: statistics of batches do not creep into it, and nothing is dropped. */
const keepFrozen: Callback = {
  name: 'keepFrozen',
  onStart({ model }) {
    model.eval()
    model.training = true
  },
}

/** Says what is about to be trained. */
function announce(run: Run, { backend, threads }: StartOptions, log: (line: string) => void): Callback {
  const { config, source, classifier, loader } = run
  return {
    name: 'announce',
    onStart({ epochs, step }) {
      const parameters = classifier.network.parameters().reduce((sum, { size }) => sum + size, 0)
      const { channels, height, width } = source.input
      const facts = [
        `${config.model}: ${grouped(parameters)} parameters, images ${channels} × ${height} × ${width}`,
        `${config.optimizer}, ${config.schedule} up to lr ${config.lr}, batch ${config.batchSize}, seed ${config.seed}`,
        `${backend}, ${threads} thread${threads === 1 ? '' : 's'}`,
      ]
      log(facts.join(' · '))
      const { epoch, position } = loader.state()
      log(
        `${grouped(source.train.length)} images in ${source.classes.length} classes, ` +
          `${grouped(source.test.length)} to test on · ${epochs} epoch${epochs === 1 ? '' : 's'}` +
          (step > 0 ? `, going on in epoch ${epoch + 1} at image ${grouped(position)}` : ''),
      )
    },
  }
}
