import cliProgress from 'cli-progress'
import type { EpochRecord } from '../history.ts'
import type { TrainingRun } from '../run.ts'
import type { Callback } from './callback.ts'
import { formatDuration } from './duration.ts'

/** Where text goes: `process.stderr`, for example. */
export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean
}

export interface ProgressBarOptions {
  /** Default: the standard output of the process. */
  output?: Output
  /** What examples are called; default `examples`. */
  unit?: string
  /** How a figure is told; default `accuracy 0.9876`. What is undefined is left out. */
  figure?: (name: string, value: number) => string | undefined
}

/**
 * Shows how the training goes, and a line for each epoch: a bar at a terminal, elsewhere a line at each fifth
 * of an epoch. Figures are means over the last 50 steps, where they are known of each step.
 */
export function progressBar(options: ProgressBarOptions = {}): Callback {
  const { output = process.stdout, unit = 'examples', figure = nameAndValue } = options
  const display = output.isTTY ? drawn(output) : printed(output)
  let [started, startStep, examples, seconds] = [0, 0, 0, 0]
  return {
    name: 'progressBar',
    onStart(run) {
      started = performance.now()
      startStep = run.step
      examples = seconds = 0
    },
    onStep(run, record) {
      examples += record.examples
      seconds += record.seconds
      const stepsBefore = run.history.epochs.at(-1)?.step ?? 0
      // What lies between steps, such as validation, takes of the time that is left, too.
      const perStep = (performance.now() - started) / 1000 / (run.step - startStep)
      const secondsLeft =
        run.stepsPerEpoch &&
        perStep * (run.stepsPerEpoch * (run.epochs - run.epoch) - (run.step - stepsBefore))
      display.update({
        epoch: run.epoch + 1,
        epochs: run.epochs,
        step: run.step - stepsBefore,
        steps: run.stepsPerEpoch,
        text: describeStep(run, { examplesPerSecond: examples / seconds, secondsLeft }, { unit, figure }),
      })
    },
    onEpochEnd: (run, record) => display.log(describeEpoch(run, record, { unit, figure })),
    onEnd(run) {
      display.stop()
      // Who aborts a training knows it.
      if (run.stopped !== undefined && run.stopped !== 'aborted') display.log(`stopped: ${run.stopped}`)
    },
  }
}

/** How far the training is. */
interface Status {
  readonly epoch: number
  readonly epochs: number
  /** Steps of this epoch that are done, and all of them, where that is known. */
  readonly step: number
  readonly steps: number | undefined
  readonly text: string
}

interface Display {
  update(status: Status): void
  /** A line that stays. */
  log(line: string): void
  stop(): void
}

/** Redraws at most ten times a second. */
function drawn(output: Output): Display {
  const options = {
    format: 'epoch {epoch} {bar} {percentage}% · {text}',
    barCompleteChar: '━',
    barIncompleteChar: '─',
    barsize: 24,
    hideCursor: true,
    // Whoever interrupts the training stops it after the present step, and the bar with it.
    gracefulExit: false,
    clearOnComplete: true,
    stream: output as NodeJS.WriteStream,
  }
  let active: cliProgress.SingleBar | undefined
  let shown = 0
  const stop = (): void => {
    active?.stop()
    active = undefined
  }
  return {
    update({ epoch, epochs, step, steps = step, text }) {
      const payload = { epoch: `${epoch}/${epochs}`, text }
      if (!active || shown !== epoch) {
        stop()
        active = new cliProgress.SingleBar(options)
        active.start(steps, step, payload)
        shown = epoch
      } else active.update(step, payload)
    },
    log(line) {
      stop()
      output.write(`${line}\n`)
    },
    stop,
  }
}

/** One line at each fifth of an epoch, or at each hundred steps of one whose length is not known. */
function printed(output: Output): Display {
  let last = ''
  return {
    update({ epoch, epochs, step, steps, text }) {
      const part = steps === undefined ? Math.floor(step / 100) : Math.floor((5 * step) / steps)
      const place = `${epoch} ${part}`
      if (place === last || part === 0) return
      last = place
      const progress = steps === undefined ? `step ${100 * part}` : `${String(20 * part).padStart(3)} %`
      output.write(`epoch ${epoch}/${epochs}  ${progress}  ${text}\n`)
    },
    log: (line) => void output.write(`${line}\n`),
    stop: () => undefined,
  }
}

interface Description {
  readonly unit: string
  readonly figure: (name: string, value: number) => string | undefined
}

/** How fast a training is. */
interface Pace {
  readonly examplesPerSecond: number
  readonly secondsLeft: number | undefined
}

function describeStep(
  run: TrainingRun,
  { examplesPerSecond, secondsLeft }: Pace,
  { unit, figure }: Description,
): string {
  const recent = run.history.recent(50)
  // What is not known of each step is told as the epoch has it so far.
  const figures = { ...recent, ...run.figures(), ...recent }
  const parts = [
    ...describeFigures(figures, figure),
    `${Math.round(examplesPerSecond).toLocaleString('en')} ${unit}/s`,
    ...(secondsLeft === undefined ? [] : [`${formatDuration(secondsLeft)} left`]),
  ]
  return parts.join(' · ')
}

/** Told in another way, or the same in each line. */
const untold = new Set(['epoch', 'step', 'seconds', 'lr'])

function describeEpoch(run: TrainingRun, record: EpochRecord, { figure }: Description): string {
  const { loss, ...others } = record
  const figures = Object.entries({ loss, ...others }).filter(([name]) => !untold.has(name))
  const parts = describeFigures(Object.fromEntries(figures), figure)
  return `epoch ${record.epoch}/${run.epochs}  ${[...parts, formatDuration(record.seconds)].join(' · ')}`
}

function describeFigures(figures: Readonly<Record<string, number>>, figure: Description['figure']): string[] {
  const parts = Object.entries(figures).map(([name, value]) => figure(name, value))
  return parts.filter((part) => part !== undefined)
}

/** `accuracy 0.9876` */
function nameAndValue(name: string, value: number): string {
  return `${name} ${Math.abs(value) >= 1000 ? value.toPrecision(6) : value.toFixed(4)}`
}
