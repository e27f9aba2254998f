import cliProgress from 'cli-progress'
import { duration, grouped, percent } from './numbers.ts'

/** How far the training is. */
interface Status {
  readonly epoch: number
  readonly epochs: number
  /** Steps of this epoch that are done, and all of them. */
  readonly step: number
  readonly steps: number
  /** Means over the last steps. */
  readonly loss: number
  readonly accuracy: number
  readonly imagesPerSecond: number
  readonly secondsLeft: number
}

/** Shows how the training goes: a bar at a terminal, now and then a line elsewhere. */
export interface Progress {
  update(status: Status): void
  /** A line that stays. */
  log(line: string): void
  stop(): void
}

export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean
}

export function createProgress(output: Output): Progress {
  return output.isTTY ? bar(output) : lines(output)
}

/** Redraws at most ten times a second. */
function bar(output: Output): Progress {
  const options = {
    format: 'epoch {epoch} {bar} {percentage}% · {numbers}',
    barCompleteChar: '━',
    barIncompleteChar: '─',
    barsize: 24,
    hideCursor: true,
    // The session stops the bar itself, after the present step.
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
    update(status) {
      const payload = { epoch: `${status.epoch}/${status.epochs}`, numbers: numbers(status) }
      if (!active || shown !== status.epoch) {
        stop()
        active = new cliProgress.SingleBar(options)
        active.start(status.steps, status.step, payload)
        shown = status.epoch
      } else active.update(status.step, payload)
    },
    log(line) {
      stop()
      output.write(`${line}\n`)
    },
    stop,
  }
}

/** One line at each fifth of an epoch. */
function lines(output: Output): Progress {
  let last = ''
  return {
    update(status) {
      const fifth = Math.floor((5 * status.step) / status.steps)
      const place = `${status.epoch} ${fifth}`
      if (place === last || fifth === 0) return
      last = place
      output.write(
        `epoch ${status.epoch}/${status.epochs}  ${String(20 * fifth).padStart(3)} %  ${numbers(status)}\n`,
      )
    },
    log: (line) => void output.write(`${line}\n`),
    stop: () => undefined,
  }
}

function numbers({ loss, accuracy, imagesPerSecond, secondsLeft }: Status): string {
  const parts = [
    `loss ${loss.toFixed(4)}`,
    `accuracy ${percent(accuracy)}`,
    `${grouped(imagesPerSecond)} images/s`,
    `${duration(secondsLeft)} left`,
  ]
  return parts.join(' · ')
}
