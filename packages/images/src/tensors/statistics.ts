import { ValueError } from '@badak/tensor'

/** The mean and the standard deviation of each channel, of values from 0 to 1. */
export interface Statistics {
  /** One number, or one per channel. */
  readonly mean: number | readonly number[]
  /** One number, or one per channel. */
  readonly std: number | readonly number[]
}

/** One of each per channel; without any, 0 and 1. @throws ValueError when there are others */
export function checkStatistics(
  operation: string,
  channels: number,
  { mean = 0, std = 1 }: Partial<Statistics>,
): { readonly mean: readonly number[]; readonly std: readonly number[] } {
  const spread = (name: string, value: number | readonly number[]): readonly number[] => {
    const list = typeof value === 'number' ? Array.from({ length: channels }, () => value) : value
    if (list.length === channels && list.every(Number.isFinite)) return list
    throw new ValueError(`${operation}: ${name} is one number, or one per channel (${channels}): [${list}]`)
  }
  return { mean: spread('mean', mean), std: spread('std', std) }
}
