import cliProgress from 'cli-progress'
import type { EpochRecord } from '../history.ts'
import type { TrainingRun } from '../run.ts'
import type { Callback } from './callback.ts'

/** Where text goes: `process.stderr`, for example. */
export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean
}

export interface ProgressBarOptions {
  /** Default: the standard output of the process. */
  output?: Output
}

/**
 * Shows how the training goes, and a line for each epoch: a bar at a terminal, elsewhere a line at each fifth
 * of an epoch.
 */
export function progressBar({ output = process.stdout }: ProgressBarOptions = {}): Callback {
  const display = output.isTTY ? drawn(output) : printed(output)
  let [started, startStep] = [0, 0]
  return {
    name: 'progressBar',
    onStart(run) {
      started = performance.now()
      startStep = run.step
    },
    onStep(run) {
      const stepsBefore = run.history.epochs.at(-1)?.step ?? 0
      const perStep = (performance.now() - started) / 1000 / (run.step - startStep)
      const left =
        run.stepsPerEpoch &&
        perStep * (run.stepsPerEpoch * (run.epochs - run.epoch) - (run.step - stepsBefore))
      display.update({
        epoch: run.epoch + 1,
        epochs: run.epochs,
        step: run.step - stepsBefore,
        steps: run.stepsPerEpoch,
        text: describeStep(run, perStep, left),
      })
    },
    onEpochEnd: (run, record) => display.log(describeEpoch(run, record)),
    onEnd(run) {
      display.stop()
      if (run.stopped !== undefined) display.log(`stopped: ${run.stopped}`)
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

function describeStep(run: TrainingRun, perStep: number, left: number | undefined): string {
  const parts = [
    `loss ${run.history.recentLoss(50).toFixed(4)}`,
    ...Object.entries(run.figures()).map(([name, value]) => `${name} ${short(value)}`),
    `${(1 / perStep).toFixed(1)} steps/s`,
    ...(left === undefined ? [] : [`${duration(left)} left`]),
  ]
  return parts.join(' · ')
}

/** Told in another way, or the same in each line. */
const untold = new Set(['epoch', 'step', 'seconds', 'lr'])

function describeEpoch(run: TrainingRun, record: EpochRecord): string {
  const figures = Object.entries(record).filter(([name]) => !untold.has(name))
  const parts = figures.map(([name, value]) => `${name} ${short(value)}`)
  return `epoch ${record.epoch}/${run.epochs}  ${[...parts, duration(record.seconds)].join(' · ')}`
}

function short(value: number): string {
  return Math.abs(value) >= 1000 ? value.toPrecision(6) : value.toFixed(4)
}

/** `42 s`, `3 min 5 s`, `2 h 10 min`. */
function duration(seconds: number): string {
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`
}
