import { setImmediate as turn } from 'node:timers/promises'
import { softmaxCrossEntropy } from '@badak/layers'
import { keep, NumericError, type Tensor } from '@badak/tensor'
import type { Run } from './run.ts'

/**
 * Trains on what is left of the present epoch.
 *
 * @param onStep called after each step
 * @returns whether the epoch was finished: not if `signal` was aborted, which is looked at between steps
 */
export async function trainEpoch(run: Run, onStep: () => void, signal: AbortSignal): Promise<boolean> {
  const { loader, history } = run
  let before = performance.now()
  for await (const { x, t } of loader) {
    const { loss, correct } = await step(run, x, t)
    if (!Number.isFinite(loss)) {
      throw new NumericError(`step ${history.losses.length + 1}: the loss is ${loss}: try a lower --lr`)
    }
    const now = performance.now()
    history.addStep(loss, correct / t.size, (now - before) / 1000)
    before = now
    onStep()
    // Lets timers and signals be heard: what is awaited above is ready at once.
    await turn()
    if (signal.aborted) return false
  }
  return true
}

/** One update. Loss and hits are those of the batch before it. */
async function step(
  { model, optimizer }: Run,
  x: Tensor,
  t: Tensor,
): Promise<{ loss: number; correct: number }> {
  const scores = model.forward(x)
  const loss = softmaxCrossEntropy(scores, t)
  const correct = keep(scores.argmax({ axis: 1 }).equal(t).cast('int32').sum())
  loss.backward()
  await optimizer.step()
  return { loss: await loss.item(), correct: await correct.item() }
}
