import { ShapeError, ValueError } from '@badak/tensor'
import type { Sample } from './augment/sample.ts'
import type { ChannelStatistics } from './loader/collate.ts'
import type { Samples } from './loader/sample-dataset.ts'

/**
 * Mean and standard deviation of each channel over all pixels of all images, of values from 0 to 1: what `stackSamples`
 * normalises by. Images may differ in size; they are read one after another, once, and none is kept. The values are counted,
 * so that nothing is lost to rounding, however many there are.
 *
 * @throws ShapeError when images differ in channels
 * @throws ValueError when there are no samples
 *
 * @example
 * ```ts
 * const statistics = await channelStatistics(imageSamples(await mnist('train')))
 * console.log(statistics.mean[0]?.toFixed(4), statistics.std[0]?.toFixed(4)) // 0.1307 0.3081
 * ```
 */
export async function channelStatistics(samples: Samples<Pick<Sample, 'image'>>): Promise<ChannelStatistics> {
  if (samples.length === 0) throw new ValueError('channelStatistics: there are no samples')
  let counts: Float64Array[] | undefined
  for (let index = 0; index < samples.length; index++) {
    const { channels, data } = (await samples.get(index)).image
    counts ??= Array.from({ length: channels }, () => new Float64Array(256))
    if (channels !== counts.length)
      throw new ShapeError(
        `channelStatistics: sample ${index} has ${channels} channels, those before ${counts.length}`,
      )
    for (const [c, count] of counts.entries())
      for (let i = c; i < data.length; i += channels) count[data[i]!]! += 1
  }
  const each = counts!.map((count) => statisticsOf(count))
  return { mean: each.map(({ mean }) => mean), std: each.map(({ std }) => std) }
}

/** Of how often each byte comes up. */
function statisticsOf(counts: Float64Array): { readonly mean: number; readonly std: number } {
  const total = counts.reduce((sum, count) => sum + count, 0)
  // Whole numbers, and exact: 2⁵³ are 34 terapixels of white.
  const mean = counts.reduce((sum, count, value) => sum + count * value, 0) / total
  const variance = counts.reduce((sum, count, value) => sum + count * (value - mean) ** 2, 0) / total
  return { mean: mean / 255, std: Math.sqrt(variance) / 255 }
}
