import { ValueError } from '@badak/tensor'
import { figureOf } from '../history.ts'
import type { RunningTrial } from '../search/trial.ts'
import type { Callback } from './callback.ts'

/**
 * Reports a figure of each epoch to a trial of a search, and ends a training that is not worth going on.
 *
 * @param monitor a figure on validation data, such as `val_accuracy`
 * @throws ValueError when the figure is not one on validation data
 */
export function reportTo(trial: RunningTrial, monitor: string): Callback {
  if (!monitor.startsWith('val_'))
    throw new ValueError(
      `reportTo: hyper-parameters are chosen by figures on validation data, val_…: ${monitor}`,
    )
  return {
    name: 'reportTo',
    async onEpochEnd(run, record) {
      const goOn = await trial.report(record.epoch, figureOf('reportTo: monitor', record, monitor))
      if (!goOn) run.stop('given up by the search')
    },
  }
}
