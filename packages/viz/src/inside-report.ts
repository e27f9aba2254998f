import { ShapeError, type Tensor } from '@badak/tensor'
import type { Chart } from './chart.ts'
import type { ColorScale } from './colors.ts'
import { heatmapOverlay } from './heatmap-overlay.ts'
import { imageGrid } from './image-grid.ts'
import { type PageContent, reportPage, type Section } from './page.ts'

/** Images with what is to be said of each. */
export interface LabelledImages {
  /** `[N, C, H, W]` with one or three channels */
  readonly images: Tensor
  /** A line below each. */
  readonly labels?: readonly string[]
}

/** What a page can tell of the inside of a network; everything but `title` may be left out. */
export interface InsideReport extends Omit<PageContent, 'sections'> {
  /** The filters of the first layer by what they are, such as `before` and `after` training. */
  readonly filters?: Readonly<Record<string, LabelledImages>>
  /** Images that were looked at, from 0 to 1, or as `imageRange` says. */
  readonly looked?: LabelledImages
  /** Which values of the images are black and white; default 0 and 1. */
  readonly imageRange?: readonly [black: number, white: number]
  /** What layers gave for the first of them, by layer: `[N, C, H, W]`. */
  readonly featureMaps?: Readonly<Record<string, Tensor>>
  /**
   * What mattered, by method: maps `[N, 1, H, W]`, laid over the images; or, with `signed`, attributions
   * `[N, C, H, W]`, whose channels are added up.
   */
  readonly heatmaps?: Readonly<Record<string, Tensor>>
  /** The names of methods whose values have signs: blue below 0, red above. */
  readonly signed?: readonly string[]
  readonly colors?: ColorScale
  /** What units look for: images that were made to excite them, or that do so most. */
  readonly units?: Readonly<Record<string, LabelledImages>>
  /** Further sections, after the others. */
  readonly sections?: readonly Section[]
}

/** Feature maps of a layer that are shown. */
const most = 64

/**
 * One HTML page that shows a network from inside: filters, feature maps, what a decision rests on, what units
 * look for.
 *
 * @throws ShapeError when something is no images, or maps and images do not fit
 * @example
 * ```ts
 * const page = await insideReport({
 *   title: 'A network of digits',
 *   filters: { after: { images: filters(model.at(0)) } },
 *   looked: { images },
 *   featureMaps: featureMaps(model, images),
 *   heatmaps: { 'Grad-CAM': gradCam(model, images) },
 * })
 * ```
 */
export async function insideReport(report: InsideReport): Promise<string> {
  const { filters, featureMaps, looked, heatmaps, units, sections = [] } = report
  const all: Section[] = []
  if (filters) {
    all.push({
      title: 'Filters of the first layer',
      text: 'What the first layer compares each spot of an image with: grey is 0.',
      content: await grids(filters, { range: [0, 1] }),
    })
  }
  if (featureMaps) {
    all.push({
      title: 'Feature maps',
      text: 'What layers give for the first image, each map from its least to its greatest value.',
      content: await Promise.all(Object.entries(featureMaps).map(([name, maps]) => mapGrid(name, maps))),
    })
  }
  if (looked && heatmaps) {
    all.push({
      title: 'What decisions rest on',
      text: 'The images, and how much their pixels matter by several methods.',
      content: await heatGrids({ ...report, looked, heatmaps }),
    })
  }
  if (units) all.push({ title: 'What units look for', content: await grids(units, { range: 'each' }) })
  return reportPage({ ...report, sections: [...all, ...sections] })
}

function grids(
  images: Readonly<Record<string, LabelledImages>>,
  options: { readonly range: readonly [number, number] | 'each' },
): Promise<Chart[]> {
  return Promise.all(
    Object.entries(images).map(([title, { images: each, labels }]) =>
      imageGrid(each, { title, ...options, ...(labels && { labels }) }),
    ),
  )
}

/** The maps of the first image, side by side. */
function mapGrid(name: string, maps: Tensor): Promise<Chart> {
  if (maps.rank !== 4)
    throw new ShapeError(`insideReport: the feature maps of "${name}" are not [N, C, H, W]: [${maps.shape}]`)
  const [, channels, height, width] = maps.shape as [number, number, number, number]
  const shown = Math.min(channels, most)
  const first = maps.slice([0, [0, shown]]).reshape([shown, 1, height, width])
  const title = shown < channels ? `${name}, ${shown} of ${channels}` : name
  return imageGrid(first, { title, range: 'each', colors: 'viridis', columns: Math.min(shown, 8) })
}

async function heatGrids(
  report: InsideReport & Required<Pick<InsideReport, 'looked' | 'heatmaps'>>,
): Promise<Chart[]> {
  const { looked, heatmaps, signed = [], imageRange = [0, 1], colors } = report
  const columns = looked.images.shape[0]!
  const labels = looked.labels && { labels: looked.labels }
  const charts = [imageGrid(looked.images, { title: 'images', columns, range: imageRange, ...labels })]
  for (const [title, maps] of Object.entries(heatmaps)) {
    if (signed.includes(title)) {
      const sums = maps.sum({ axis: 1, keepDims: true })
      charts.push(imageGrid(sums, { title, columns, range: 'symmetric' }))
    } else {
      const overlay = await heatmapOverlay(looked.images, maps, { imageRange, ...(colors && { colors }) })
      charts.push(imageGrid(overlay, { title, columns, range: [0, 1] }))
    }
  }
  return Promise.all(charts)
}
