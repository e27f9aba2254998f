import { annotatedImages, reportPage } from '@badak/viz'
import type { OpenDataSet, Sample } from './data-set.ts'

/** An HTML page with samples, and on them all that is known of them. */
export async function contactSheet(
  name: string,
  { length, classes, get }: OpenDataSet,
  count: number,
): Promise<string> {
  const shown = Math.min(count, length)
  const samples: Sample[] = []
  for (let index = 0; index < shown; index++) samples.push(await get(index))
  const width = samples[0]?.image.width ?? 1
  // Small images are shown in many columns: a row is about 1100 wide.
  const scale = Math.max(1, Math.round((width < 64 ? 96 : 256) / width))
  const columns = Math.max(1, Math.floor(1100 / (width * scale + 10)))
  const chart = await annotatedImages(
    samples.map((sample) => annotated(sample, classes)),
    { classes, scale, columns, maskOpacity: 0.3 },
  )
  return reportPage({
    title: name,
    subtitle: `${shown} of ${length.toLocaleString('en')} samples`,
    sections: [{ title: 'Samples', content: [chart] }],
  })
}

function annotated({ image, mask, objects, label, caption }: Sample, classes: readonly string[]) {
  const line = caption ?? (label === undefined ? undefined : (classes[label] ?? String(label)))
  return {
    image,
    ...(mask && { mask }),
    ...(objects && { boxes: objects }),
    ...(line !== undefined && { caption: line }),
  }
}
