import type { LibraryName } from './libraries.ts'
import type { Work } from './work.ts'

/** A library in one of its forms. */
export interface Peer {
  readonly name: string
  readonly library: LibraryName | 'torch'
  /** Whether it can be told how many threads to use; else it is measured once. */
  readonly threads: boolean
  readonly appliesTo: (work: Work) => boolean
}

const javascript = (name: string, library: LibraryName, threads: boolean): Peer => ({
  name,
  library,
  threads,
  appliesTo: ({ sides }) => sides[library] !== undefined,
})

/** badak first: all others are compared to it. */
export const peers: readonly Peer[] = [
  javascript('badak', 'badak', true),
  javascript('tfjs-cpu', 'tfjs', false),
  javascript('tfjs-wasm', 'tfjs', false),
  javascript('jax-js', 'jax', true),
  javascript('onnxruntime-web', 'onnx', true),
  javascript('onnxruntime-node', 'onnx', true),
  { name: 'torch', library: 'torch', threads: true, appliesTo: ({ torch }) => torch !== false },
  {
    name: 'torch-channels-last',
    library: 'torch',
    threads: true,
    appliesTo: ({ torch }) => torch === 'both layouts',
  },
]
