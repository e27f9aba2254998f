import { runConvolution } from './convolution.ts'
import type { ImageRunners } from './runners.ts'
import { runWindow } from './window.ts'

export const imageRunners: ImageRunners = { convolution: runConvolution, window: runWindow }
