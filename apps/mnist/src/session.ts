import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { configure } from '@badak/tensor'
import { readCheckpoint, restoreRun, saveCheckpoint } from './checkpoint.ts'
import { loadData } from './data.ts'
import { type Evaluation, evaluate } from './evaluate.ts'
import { usualEpochs } from './models.ts'
import { type Options, type StartOptions, UsageError } from './options.ts'
import { duration, grouped, percent } from './numbers.ts'
import { createProgress, type Output, type Progress } from './progress.ts'
import { writeReport } from './report/report.ts'
import { createRun, type Run } from './run.ts'
import { trainEpoch } from './train.ts'

/** What a session needs from the world around it. */
export interface Surroundings {
  /** Where runs are kept. */
  readonly root: string
  readonly output: Output
  /** Aborted when the user wants to stop: the run is saved after the present step. */
  readonly signal: AbortSignal
  /** Called after each step. */
  readonly onStep?: (run: Run) => void
}

/** Trains as the options say, from the beginning or from a checkpoint; tells whether the run was finished. */
export async function train(
  options: Exclude<Options, { kind: 'help' }>,
  surroundings: Surroundings,
): Promise<{ readonly run: Run; readonly finished: boolean }> {
  const { start } = options
  const { root, output, signal } = surroundings
  configure({ backend: start.backend, threads: start.threads })
  const checkpoint = options.kind === 'resume' ? await readCheckpoint(options.run, root) : undefined
  const config = options.kind === 'train' ? options.config : checkpoint!.config
  const data = await loadData(start.data, config.limit, (line) => void output.write(`${line}\n`))
  const run = checkpoint
    ? await restoreRun(checkpoint, data)
    : await createRun(config, join(root, runName(config.model)), data)
  const epochs = start.epochs ?? usualEpochs[config.model]
  const done = run.history.epochs.length
  if (done >= epochs) {
    throw new UsageError(
      `--resume: ${relative('', run.directory)} has finished ${done} epochs: ` +
        `train on with --epochs ${done + 1} or more`,
    )
  }
  checkWritable(run.directory)
  const progress = createProgress(output)
  describe(run, epochs, start, progress)
  let last: Evaluation | undefined
  try {
    while (!signal.aborted && run.history.epochs.length < epochs) {
      last = await runEpoch(run, epochs, progress, surroundings)
    }
  } finally {
    progress.stop()
  }
  if (last === undefined || run.history.epochs.length < epochs) {
    await saveCheckpoint(run)
    return { run, finished: false }
  }
  const report = await writeReport(run, last, start)
  progress.log(
    `\ntest accuracy ${percent(last.accuracy)} after ${duration(run.history.totalSeconds)} of training`,
  )
  progress.log(`report    ${relative('', report)}`)
  progress.log(`train on  npm start -- --resume ${relative('', run.directory)} --epochs ${2 * epochs}`)
  return { run, finished: true }
}

/** The rest of the present epoch, and the test after it; undefined if the user stopped it. */
async function runEpoch(
  run: Run,
  epochs: number,
  progress: Progress,
  { signal, onStep }: Surroundings,
): Promise<Evaluation | undefined> {
  const { config, history, loader, data, model, optimizer } = run
  // A function of the epoch alone, so that a run that is trained on goes the way of a longer one.
  optimizer.lr = config.lr * config.decay ** history.epochs.length
  const startStep = history.losses.length
  const started = history.seconds
  const completed = await trainEpoch(
    run,
    () => {
      const { length: steps } = loader
      const step = history.losses.length - history.finished
      const perStep = (history.seconds - started) / (history.losses.length - startStep)
      progress.update({
        epoch: history.epochs.length + 1,
        epochs,
        step,
        steps,
        ...history.present(50),
        imagesPerSecond: loader.batchSize / perStep,
        secondsLeft: perStep * (steps * (epochs - history.epochs.length) - step),
      })
      onStep?.(run)
    },
    signal,
  )
  if (!completed) return undefined
  const evaluation = await evaluate(model, data.test)
  const record = history.finishEpoch(evaluation.loss, evaluation.accuracy)
  await saveCheckpoint(run)
  const parts = [
    `loss ${record.loss.toFixed(4)}`,
    `accuracy ${percent(record.accuracy)}`,
    `test accuracy ${percent(record.testAccuracy)}`,
    duration(record.seconds),
  ]
  progress.log(`epoch ${record.epoch}/${epochs}  ${parts.join(' · ')}`)
  return evaluation
}

/** Better told now than after the first epoch. */
function checkWritable(directory: string): void {
  let existing = directory
  while (!existsSync(existing)) existing = dirname(existing)
  try {
    accessSync(existing, constants.W_OK)
    if (!statSync(existing).isDirectory()) throw new Error('not a directory')
  } catch (error) {
    throw new UsageError(`cannot write to ${existing}: ${(error as Error).message}`)
  }
}

/** Two lines on what is about to be trained. */
function describe(run: Run, epochs: number, { backend, threads }: StartOptions, progress: Progress): void {
  const { config, data, model, history, loader } = run
  const parameters = model.parameters().reduce((sum, { size }) => sum + size, 0)
  const facts = [
    `${config.model}: ${grouped(parameters)} parameters`,
    `${config.optimizer}, lr ${config.lr} × ${config.decay} an epoch, batch ${config.batchSize}, seed ${config.seed}`,
    `${backend}, ${threads} thread${threads === 1 ? '' : 's'}`,
  ]
  progress.log(facts.join(' · '))
  const { epoch, position } = loader.state()
  const begun = history.losses.length > 0
  progress.log(
    `${grouped(data.train.length)} images, ${grouped(data.test.length)} to test on · ${epochs} epochs` +
      (begun ? `, going on in epoch ${epoch + 1} at image ${grouped(position)}` : ''),
  )
}

/** `20260131-235959-simple`: sorts by time. */
function runName(model: string): string {
  const [date, time] = new Date().toISOString().split(/[T.]/)
  return `${date!.replaceAll('-', '')}-${time!.replaceAll(':', '')}-${model}`
}
