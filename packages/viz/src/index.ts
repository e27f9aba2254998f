// Charts
export { Chart, type ChartSize } from './chart.ts'
export { lineChart, type LineChartOptions, type Series } from './line-chart.ts'
export { runningMean, type RunningMeanOptions } from './running-mean.ts'
export { type CurveData, type CurveOptions, figureCurves, lossCurves } from './training-curves.ts'
export { type Bins, histograms, type HistogramOptions } from './histograms.ts'
export { distributionsOverTime, type Spread } from './distributions.ts'
export { contourPaths, type ContourOptions, type Paths } from './contour-paths.ts'
export { confusionChart, type ConfusionOptions, worstConfusions } from './confusion-chart.ts'
export {
  type AnnotatedImage,
  annotatedImages,
  type AnnotatedImagesOptions,
  type Annotation,
} from './annotated-images.ts'
export { classColors, vocColors } from './class-colors.ts'
export {
  type AxisData,
  importanceChart,
  parallelCoordinates,
  type StudyData,
  type TrialPoint,
} from './search-charts.ts'

// Images
export { imageGrid, type ImageGridOptions } from './image-grid.ts'
export { gridPNG, type GridPNGOptions } from './grid-png.ts'
export { heatmapOverlay, type HeatmapOptions } from './heatmap-overlay.ts'
export { type ImageOptions, imageURIs, robustMagnitude } from './images.ts'
export type { ColorScale } from './colors.ts'

// Pages
export { type PageContent, reportPage, type Section } from './page.ts'
export { escapeHTML, tableHTML } from './html.ts'
export { type ImageCard, imageCards, type ImageCardsOptions } from './image-cards.ts'
export { insideReport, type InsideReport, type LabelledImages } from './inside-report.ts'
export { runReport, type RunReport } from './run-report.ts'
