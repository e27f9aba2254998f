import { gather, logSoftmax, notEqual, type Tensor, where } from '@badak/tensor'
import type { IgnoreOptions } from './accuracy.ts'
import { checkClassScores, type Measurement, TallyMetric } from './metric.ts'

/**
 * `exp` of the mean of −log p(true token): how many equally likely tokens a language model is as unsure as.
 * Logits `[N, C, …]`, tokens `[N, …]`.
 */
export class Perplexity extends TallyMetric {
  readonly #ignoreIndex: number | undefined

  constructor({ ignoreIndex }: IgnoreOptions = {}) {
    super()
    this.#ignoreIndex = ignoreIndex
  }

  override measure(output: Tensor, target: Tensor): Measurement {
    checkClassScores('Perplexity', output, target)
    const tokens = target.cast('int32')
    const ignored = this.#ignoreIndex
    const counted = ignored === undefined ? undefined : notEqual(tokens, ignored)
    const known = counted ? where(counted, tokens, 0) : tokens
    const logs = gather(logSoftmax(output, { axis: 1 }), known.unsqueeze(1), { axis: 1 }).squeeze(1)
    if (!counted) return [logs.sum(), target.size]
    return [where(counted, logs, 0).sum(), counted.cast('int32').sum()]
  }

  override get value(): number {
    const [[logs] = [NaN], [count] = [NaN]] = this.totals
    return Math.exp(-logs! / count!)
  }
}
