import type { Work } from '../side-by-side/work.ts'
import { batchNorm } from './batch-norm.ts'
import { convolution } from './convolution.ts'
import { elementwise } from './elementwise.ts'
import { gemm } from './gemm.ts'
import { mlp } from './mlp.ts'
import { convnet } from './convnet.ts'
import { softmax } from './softmax.ts'

/** Everything that is timed in steady state, in the order of the table. */
export const works: readonly Work[] = [gemm, convolution, mlp, convnet, elementwise, softmax, batchNorm]
