import type { Work } from '../side-by-side/work.ts'
import { batchNorm } from './batch-norm.ts'
import { convolution } from './convolution.ts'
import { elementwise } from './elementwise.ts'
import { gemm } from './gemm.ts'
import { lstm } from './lstm.ts'
import { mlp } from './mlp.ts'
import { convnet } from './convnet.ts'
import { resnetInference } from './resnet-inference.ts'
import { resnetTraining } from './resnet-training.ts'
import { softmax } from './softmax.ts'

/** Everything that is timed in steady state, in the order of the table. */
export const works: readonly Work[] = [
  gemm,
  convolution,
  mlp,
  convnet,
  resnetTraining,
  resnetInference,
  lstm,
  elementwise,
  softmax,
  batchNorm,
]
