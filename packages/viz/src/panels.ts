import * as Plot from '@observablehq/plot'
import { Chart, type ChartSize } from './chart.ts'
import { createSVG, TITLE_HEIGHT } from './svg.ts'

/** How panels are laid out. */
export interface PanelLayout extends ChartSize {
  readonly title?: string | undefined
  /** How many stand in a row at most. */
  readonly columns: number
  /** The size of a panel unless that of the whole is given. */
  readonly panel: readonly [width: number, height: number]
  /** Added to the height unless it is given. */
  readonly extra?: number
  /** The whole is at least so wide unless its width is given. */
  readonly least?: number
}

/** Charts side by side, one for each item. */
export function panels<T>(
  items: readonly T[],
  layout: PanelLayout,
  draw: (item: T, i: number) => Plot.PlotOptions,
): Chart {
  const columns = Math.max(1, Math.min(layout.columns, items.length))
  const rows = Math.ceil(items.length / columns)
  const [panelWidth, panelHeight] = layout.panel
  const { title, extra = TITLE_HEIGHT, least = 0 } = layout
  const { width = Math.max(least, panelWidth * columns), height = panelHeight * rows + extra } = layout
  const head = title === undefined ? 0 : TITLE_HEIGHT
  const [cellWidth, cellHeight] = [width / columns, (height - head) / rows]
  return new Chart((document) => {
    const svg = createSVG(document, width, height, title)
    for (const [i, item] of items.entries()) {
      const chart = Plot.plot({ document, width: cellWidth, height: cellHeight, ...draw(item, i) })
      chart.setAttribute('x', String((i % columns) * cellWidth))
      chart.setAttribute('y', String(head + Math.floor(i / columns) * cellHeight))
      svg.append(chart)
    }
    return svg
  })
}

/** The name of a panel, above its upper left corner. */
export function panelName(
  name: string,
  style: { readonly fontSize?: number; readonly fill?: string } = {},
): Plot.Markish {
  return Plot.text([name], {
    frameAnchor: 'top-left',
    dy: -18,
    fontSize: 12,
    fontWeight: 600,
    textAnchor: 'start',
    ...style,
  })
}
