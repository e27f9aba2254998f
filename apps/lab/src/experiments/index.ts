import type { Experiment } from '../experiment.ts'
import { activationSpread } from './activation-spread.ts'
import { batchNormalisation } from './batch-normalisation.ts'
import { gates } from './gates.ts'
import { gradientCheck } from './gradient-check.ts'
import { hyperParameters } from './hyper-parameters.ts'
import { imageShape } from './image-shape.ts'
import { initialValues } from './initial-values.ts'
import { optimizerPaths } from './optimizer-paths.ts'
import { optimizersOnMnist } from './optimizers-on-mnist.ts'
import { dropout, weightDecay } from './over-fitting.ts'
import { seeingInside } from './seeing-inside.ts'
import { smallFilters } from './small-filters.ts'
import { stepAndSigmoid } from './step-and-sigmoid.ts'

/** In the order of an introduction to deep learning. */
export const experiments: readonly Experiment[] = [
  gates,
  stepAndSigmoid,
  gradientCheck,
  optimizerPaths,
  optimizersOnMnist,
  activationSpread,
  initialValues,
  batchNormalisation,
  weightDecay,
  dropout,
  hyperParameters,
  imageShape,
  smallFilters,
  seeingInside,
]
