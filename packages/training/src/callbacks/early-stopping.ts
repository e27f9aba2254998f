import { commit, type Tensor, ValueError } from '@badak/tensor'
import { figureOf } from '../history.ts'
import type { Callback } from './callback.ts'
import { checkCount } from '../arguments.ts'

/** When to give up. */
export interface EarlyStoppingOptions {
  /** A figure of the epochs; default `val_loss`. */
  monitor?: string
  /** Whether it should fall (default) or rise. */
  mode?: 'min' | 'max'
  /** After so many epochs in a row without a better figure training ends; default 5. */
  patience?: number
  /** What counts as better must be better by more than this; default 0. */
  minDelta?: number
  /** Whether the model ends with its values of the best epoch (default) or of the last. */
  restoreBest?: boolean
}

/**
 * Ends the training when a figure on validation data has stopped getting better, and gives the model its best
 * values back.
 *
 * @see Prechelt 1998, "Early stopping – but when?"
 */
export function earlyStopping(options: EarlyStoppingOptions = {}): Callback {
  const { monitor = 'val_loss', mode = 'min', patience = 5, minDelta = 0, restoreBest = true } = options
  checkCount('earlyStopping', 'patience', patience)
  if (!(minDelta >= 0)) throw new ValueError(`earlyStopping: minDelta is not a number ≥ 0: ${minDelta}`)
  const sign = mode === 'min' ? 1 : -1
  let best: { figure: number; epoch: number; values: Readonly<Record<string, Tensor>> } | undefined
  return {
    name: 'earlyStopping',
    async onEpochEnd(run, record) {
      const figure = figureOf('earlyStopping: monitor', record, monitor)
      if (Number.isNaN(figure) ? !best : !best || sign * (best.figure - figure) > minDelta) {
        best = { figure, epoch: record.epoch, values: restoreBest ? run.model.stateDict({ copy: true }) : {} }
        await commit()
      } else if (record.epoch - best!.epoch >= patience) {
        run.stop(
          `${monitor} has not been better than ${best!.figure} (epoch ${best!.epoch}) for ${patience} epochs`,
        )
      }
    },
    async onEnd(run) {
      if (!best || !restoreBest || best.epoch === run.epoch) return
      run.model.loadStateDict(best.values)
      await commit()
    },
    state: () => (best ? { values: { figure: best.figure, epoch: best.epoch }, tensors: best.values } : {}),
    restore({ values, tensors }) {
      best = { figure: values['figure'] as number, epoch: values['epoch'] as number, values: tensors }
    },
  }
}
