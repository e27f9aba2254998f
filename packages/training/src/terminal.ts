// For terminals
export { type Output, progressBar, type ProgressBarOptions } from './callbacks/progress-bar.node.ts'
export { formatDuration } from './callbacks/duration.ts'
