import { ValueError } from '@badak/tensor'
import type { Callback } from './callback.ts'

/**
 * Ends the training after the step in which its time is up. The time of a run that goes on from a checkpoint
 * counts from the beginning.
 *
 * @param seconds spent on steps
 */
export function timeLimit(seconds: number): Callback {
  if (!(seconds > 0)) throw new ValueError(`timeLimit: seconds is not a number > 0: ${seconds}`)
  return {
    name: 'timeLimit',
    onStep(run) {
      if (run.history.seconds >= seconds) run.stop(`time limit of ${seconds} s`)
    },
  }
}
